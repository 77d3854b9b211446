//! Commands against `vigie serve` in a process of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::assert_mentions;
use crate::command::{Served, ServerFolder, run, run_with_input};

/// A playbook that asks first.
const ASKING: &str = "name: Tell the chat\ndescription: Test.\ntrigger:\n  severity: medium\nactions:\n  \
                      - do: notify.webhook\n    with: {to: chat, text: \"{{alert.title}}\"}\n    approval: analyst\n";

#[test]
fn what_admin_makes_is_good_for_the_server() {
    let folder = ServerFolder::new("");
    let config = folder.config();
    let admin = |arguments: &[&str]| run(["admin"].iter().chain(arguments).chain(&["--config", &config]));
    assert_mentions(&admin(&["add-key", "x", "--tenant", "globex"]).bad(), &["no tenant `globex`"]);
    // The default tenant exists once a server has run; this one is made by hand.
    assert_mentions(&admin(&["add-tenant", "globex", "--name", "Globex SA"]).good(), &["made the tenant `globex`"]);
    assert_mentions(&admin(&["add-tenant", "globex"]).bad(), &["a tenant `globex` already"]);
    let reader = admin(&["add-key", "dashboard", "--role", "reader", "--tenant", "globex"]).good();
    assert_eq!(reader.lines().count(), 1, "the key stands alone, so that scripts can take it");
    let add = ["admin", "add-user", "claire", "--role", "analyst", "--config", &config];
    assert_mentions(&run_with_input(add, "short\n").bad(), &["12"]);
    assert_mentions(&run_with_input(add, "a long enough secret\n").good(), &["made the user `claire` (analyst)"]);
    assert_mentions(&run_with_input(add, "a long enough secret\n").bad(), &["claire"]);

    let server = Served::start(&folder, reader.trim());
    let me = server.get("/api/v1/auth/me");
    assert_eq!((&me["role"], &me["tenants"]), (&json!("reader"), &json!({"only": ["globex"]})), "{me}");
    assert_mentions(&server.ask(&["ingest", "--source", "syslog", &config]).bad(), &["403"]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_second_server_refuses_the_data_folder() {
    let folder = ServerFolder::new("");
    let server = Served::start(&folder, "");
    assert_mentions(&run(["serve", "--config", &folder.config()]).bad(), &["data/events", "in use by another process"]);
    let upkeep = |what: &[&str]| run(["events"].iter().chain(what).chain(&["--config", &folder.config()]));
    for what in ["verify", "repair", "compact"] {
        assert_mentions(&upkeep(&[what]).bad(), &["data/events", "in use by another process"]);
    }
    assert_eq!(server.terminate(), Some(0));
    for what in [&["verify"][..], &["repair", "--dry-run"], &["compact", "--dry-run", "--format", "json"]] {
        upkeep(what).good();
    }
}

#[test]
fn a_server_is_looked_after() {
    let folder = ServerFolder::new("[rules]\nbuiltin = false\nfolders = [\"rules\"]\n");
    let rule = |title: &str| {
        format!(
            "title: {title}\nid: {title}-id\nlogsource: {{product: linux}}\ndetection: {{s: {{a: b}}, condition: s}}\n\
             level: low\n"
        )
    };
    folder.write("rules/one.yml", rule("one"));
    let server = Served::start(&folder, &folder.key());
    // The disk of a machine that tests run on may well be full; nothing else is wrong.
    let doctor = server.ask(&["doctor", "--format", "jsonl"]);
    assert!(doctor.out.lines().all(|line| line.contains("\"part\":\"disk\"")), "{}{}", doctor.out, doctor.err);
    folder.write("rules/two.yml", rule("two"));
    assert_mentions(&server.ask(&["rules", "reload"]).good(), &["2 in force, 0 refused"]);
    folder.write("rules/broken.yml", "title: half\n");
    assert_mentions(&server.ask(&["rules", "reload"]).bad(), &["broken.yml", "2 in force, 1 refused"]);
    let place = ["events", "hold", "place", "--tenant", "acme", "--reason", "case 17"];
    assert_mentions(&server.ask(&[&place[..], &["--dry-run"]].concat()).good(), &["would place", "case 17"]);
    assert_mentions(&server.ask(&["events", "hold", "list", "--format", "json"]).good(), &["[]"]);
    let placed = server.ask(&[&place[..], &["--format", "json"]].concat()).json(0);
    let id = placed["id"].as_str().unwrap().to_owned();
    assert_mentions(&server.ask(&["events", "hold", "list"]).good(), &[&id, "acme", "case 17"]);
    assert_mentions(&server.ask(&["events", "hold", "lift", &id, "--dry-run"]).good(), &["would lift", &id]);
    assert_mentions(&server.ask(&["events", "hold", "lift", &id]).good(), &[&id]);
    assert_mentions(&server.ask(&["events", "hold", "lift", &id]).bad(), &["404"]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_day_at_the_command_line() {
    let (url, told) = chat();
    let folder = ServerFolder::new(&format!(
        "[playbooks]\nbuiltin = false\nfolder = \"playbooks\"\n\n[respond]\nmode = \"enforce\"\nhost_block_ip = false\n\n\
         [[webhook]]\nname = \"chat\"\nurl = \"{url}\"\n"
    ));
    folder.write("playbooks/asking.yml", ASKING);
    let server = Served::start(&folder, &folder.key());
    imports_indicators(&server, &folder);
    ingests_once(&server, &folder);
    let alert = brute_force(&server);
    answers(&server, &alert, &told);
    reports(&server, &folder);
    exports(&folder);
    assert_eq!(server.terminate(), Some(0));
}

fn imports_indicators(server: &Served, folder: &ServerFolder) {
    let list = folder.write("bad.csv", "type,value,description\nip,203.0.113.99,command server\nip,not an address,\n");
    let dry = server.ask(&["intel", "import", &list, "--tenant", "acme", "--dry-run"]).good();
    assert_mentions(&dry, &["would send", "bad"]);
    assert_eq!(server.get("/api/v1/indicators")["total"], 0);
    let said = server.ask(&["intel", "import", &list, "--tenant", "acme"]).bad();
    assert_mentions(&said, &["1 imported", "1 unreadable", "line 3"]);
    assert_eq!(server.get("/api/v1/indicators")["total"], 1);
}

/// The same file is the same batch.
fn ingests_once(server: &Served, folder: &ServerFolder) {
    let now = jiff::Timestamp::now().as_second();
    let line = |second: i64, rest: &str| {
        format!(
            "{} web-01 sshd[{second}]: {rest} from 203.0.113.99 port {second} ssh2\n",
            jiff::Timestamp::from_second(now - 60 + second).unwrap()
        )
    };
    let mut log: String = (0..8).map(|second| line(second, "Failed password for root")).collect();
    log.push_str(&line(9, "Accepted password for root"));
    let file = folder.write("auth.log", log);
    let send = ["ingest", "--source", "linux_auth", "--tenant", "acme", "--format", "json", &file];
    for known in [false, true] {
        let outcome = server.ask(&send).json(0);
        assert_eq!(outcome, json!([{"file": file, "accepted": 9, "dead": 0, "duplicate": known}]));
    }
    server.eventually("/api/v1/events?limit=1", |answer| answer["total"] == 9);
}

/// Returns the id of the alert; all that came of the file sent twice came once.
fn brute_force(server: &Served) -> String {
    let alerts = server.get("/api/v1/alerts?limit=100");
    let alerts = alerts["rows"].as_array().unwrap();
    let titled = |start: &str| -> Vec<&Value> {
        alerts.iter().filter(|alert| alert["title"].as_str().unwrap().starts_with(start)).collect()
    };
    let guessed = titled("SSH login succeeds after a brute force");
    assert_eq!((guessed.len(), &guessed[0]["count"]), (1, &json!(1)), "{alerts:#?}");
    assert!(alerts.iter().any(|alert| alert["title"].as_str().unwrap().contains("bad")), "the indicator: {alerts:#?}");
    guessed[0]["id"].as_str().unwrap().to_owned()
}

fn answers(server: &Served, alert: &str, told: &Receiver<String>) {
    let plan = server.ask(&["respond", "plan", alert, "--format", "json"]).json(0);
    assert_eq!(plan[0]["kind"], "notify.webhook", "{plan}");
    let waiting = server.ask(&["respond", "list", "--status", "awaiting_approval", "--format", "json"]).json(0);
    let of_alert = |action: &&Value| action["trigger"]["alert"] == alert;
    let action = waiting.as_array().unwrap().iter().find(of_alert).unwrap()["id"].as_str().unwrap();
    assert_eq!(plan[0]["id"], action, "the plan is what waits");
    let table = server.ask(&["respond", "list"]).good();
    assert_mentions(&table, &["blast radius", action, "awaiting_approval"]);

    let dry = server.ask(&["respond", "run", action, "--dry-run"]).good();
    assert_mentions(&dry, &["would run", "chat"]);
    assert!(told.recv_timeout(Duration::from_millis(100)).is_err(), "a dry run told the chat");
    server.ask(&["respond", "run", action]).good();
    server.eventually(&format!("/api/v1/actions/{action}"), |action| action["status"] == "done");
    let body = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_mentions(&body, &["SSH login succeeds after a brute force"]);
    assert_mentions(&server.ask(&["respond", "run", action]).bad(), &["409", "done"]);

    assert_mentions(&server.ask(&["respond", "undo", action, "--dry-run"]).good(), &["would undo"]);
    assert_mentions(&server.ask(&["respond", "undo", action]).bad(), &["409", "nothing to take back"]);
    let decisions = server.ask(&["respond", "list", "--decisions", "--format", "json"]).json(0);
    assert_eq!(decisions, json!([]));
    assert_mentions(&server.ask(&["respond", "run", "no-such"]).bad(), &["40"]);
}

fn reports(server: &Served, folder: &ServerFolder) {
    let file = folder.path("week.html").display().to_string();
    assert_mentions(&server.ask(&["report", "--tenant", "acme", "--output", &file]).good(), &["week.html"]);
    let html = std::fs::read_to_string(&file).unwrap();
    assert_mentions(&html, &["acme", "SSH login succeeds after a brute force", "203.0.113.99", "<svg"]);
    let figures = server.ask(&["report", "--tenant", "acme", "--format", "json"]).json(0);
    assert!(figures.is_object(), "{figures}");
}

/// Beside the running server, from its data folder.
fn exports(folder: &ServerFolder) {
    let config = folder.config();
    let export = |format: &str, name: &str, more: &[&str]| {
        let file = folder.path(name).display().to_string();
        let arguments = ["events", "export", "--config", &config, "--format", format, "--output", &file];
        (run(arguments.iter().chain(more)), file)
    };
    let (dry, file) = export("ndjson", "dry.ndjson", &["--tenant", "acme", "--dry-run"]);
    assert_mentions(&dry.good(), &["would write 9 events", "dry.ndjson"]);
    assert!(!std::path::Path::new(&file).exists(), "a dry run writes nothing");

    let (said, file) = export("ndjson", "out.ndjson", &["--tenant", "acme", "--query", "outcome:success"]);
    assert_mentions(&said.good(), &["out.ndjson: 1 events"]);
    let row: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!((&row["class_uid"], &row["src_endpoint_ip"]), (&json!(3002), &json!("203.0.113.99")));
    assert_mentions(
        &export("ndjson", "out.ndjson", &["--tenant", "acme"]).0.bad(),
        &["exists already", "another file"],
    );

    let (said, file) = export("parquet", "out.parquet", &["--tenant", "acme"]);
    assert_mentions(&said.good(), &["out.parquet: 9 events"]);
    assert!(std::fs::read(&file).unwrap().starts_with(b"PAR1"));

    let none = export("parquet", "none", &["--tenant", "nobody"]).0.bad();
    assert_mentions(&none, &["no events of the tenant `nobody`", "data_folder"]);
    let never = ["--tenant", "acme", "--from", "2026-03-02T00:00:00Z", "--until", "2026-03-01T00:00:00Z"];
    assert_mentions(&export("parquet", "none", &never).0.bad(), &["--from must be before --until"]);
    let misspelt = export("parquet", "none", &["--tenant", "acme", "--query", "usr:root"]).0.bad();
    assert_mentions(&misspelt, &["usr", "did you mean `user`"]);
}

/// A receiver of webhooks: where it listens, and the bodies as they come.
fn chat() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            connection.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = connection.read(&mut buffer) {
                text.extend_from_slice(&buffer[..length]);
            }
            drop(connection.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
            drop(sender.send(String::from_utf8_lossy(&text).into_owned()));
        }
    });
    (url, bodies)
}
