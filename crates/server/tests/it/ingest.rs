//! `POST /api/v1/ingest/{source}`: good bodies, repeats, and all that can be wrong.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use vigie_model::Role;

use crate::app::{Answer, TestApp, bearer};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn events(app: &TestApp) -> u64 {
    app.settle();
    app.get(&app.admin, "/api/v1/events?tenant=acme").expect(200)["total"].as_u64().unwrap()
}

#[track_caller]
fn check(app: &TestApp, source: &str, headers: &[(&str, &str)], body: &[u8], accepted: u64) {
    let before = events(app);
    let answer = app.ingest(source, headers, body).expect(200);
    assert_eq!(answer["accepted"], accepted, "{answer}");
    assert_eq!(answer["duplicate"], false);
    assert_eq!(events(app) - before, accepted);
}

#[test]
fn bodies_in_every_form() {
    let app = TestApp::new();
    let lines = b"{\"user\":\"ann\"}\n{\"user\":\"bob\"}\n";
    check(&app, "json?product=app&service=login", &[], lines, 2);
    check(&app, "json", &[], b"[{\"n\":1},{\"n\":2},{\"n\":3}]", 3);
    check(&app, "json", &[("Content-Encoding", "gzip")], &gzip(lines), 2);
    check(&app, "json", &[("Content-Encoding", "zstd")], &zstd::encode_all(&lines[..], 1).unwrap(), 2);
    let text = "Mar  1 11:59:00 web-1 sshd[123]: Failed password for root from 203.0.113.7 port 4242 ssh2\n";
    check(&app, "linux_auth", &[], text.as_bytes(), 1);
    let answer = app.ingest("json", &[], b"").expect(200);
    assert_eq!((answer["accepted"].as_u64(), answer["dead"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn a_repeat_gets_the_first_answer_and_doubles_nothing() {
    let app = TestApp::new();
    let headers = [("X-Vigie-Batch-Id", "batch-1")];
    let first = app.ingest("json", &headers, b"{\"n\":1}\n{\"n\":2}").expect(200);
    assert_eq!((first["batch"].as_str(), first["duplicate"].as_bool()), (Some("batch-1"), Some(false)));
    let again = app.ingest("json", &headers, b"{\"n\":1}\n{\"n\":2}").expect(200);
    assert_eq!(again, json!({"accepted": 2, "dead": 0, "batch": "batch-1", "duplicate": true}));
    let packed = [("X-Vigie-Batch-Id", "batch-1"), ("Content-Encoding", "gzip")];
    let again = app.ingest("json", &packed, &gzip(b"{\"n\":1}\n{\"n\":2}")).expect(200);
    assert_eq!(again["duplicate"], true, "packed otherwise, it is the same body");
    assert_eq!(events(&app), 2);
    let other = app.ingest("json", &headers, b"{\"n\":3}");
    assert_eq!(other.status, 409, "{}", other.text());
    let globex = [("X-Vigie-Batch-Id", "batch-1"), ("X-Vigie-Tenant", "globex")];
    assert_eq!(app.ingest("json", &globex, b"{\"n\":3}").expect(200)["duplicate"], false, "ids are each tenant's own");
    assert_eq!(
        app.ingest("json?product=x", &headers, b"{\"n\":1}\n{\"n\":2}").status,
        409,
        "said otherwise, it is another"
    );
}

/// The answer was lost, and the server was started anew before the repeat came.
#[test]
fn without_a_name_each_request_is_a_batch_of_its_own() {
    let app = TestApp::new();
    let first = app.ingest("json", &[], b"{\"n\":1}").expect(200);
    let second = app.ingest("json", &[], b"{\"n\":1}").expect(200);
    assert_ne!(first["batch"], second["batch"]);
    assert_eq!(events(&app), 2, "two equal lines are two events");
}

#[track_caller]
fn refused(answer: &Answer, status: u16, part: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.json()["detail"].as_str().unwrap().contains(part), "{}", answer.text());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason() {
    let app = TestApp::with(
        |config| {
            config.limits.ingest_body_bytes_max = 100_000;
            config.limits.ingest_decoded_bytes_max = 1_000_000;
        },
        Vec::new(),
    );
    let packed = gzip("{\"n\":1}\n".repeat(1_000).as_bytes());
    let encoding = |name| [("Content-Encoding", name)];
    refused(&app.ingest("json", &encoding("gzip"), &packed[..packed.len() / 2]), 400, "truncated");
    refused(&app.ingest("json", &encoding("gzip"), b"this is no gzip stream at all"), 400, "damaged");
    refused(&app.ingest("json", &encoding("zstd"), b"this is no zstd stream at all"), 400, "damaged");
    refused(&app.ingest("json", &encoding("br"), b"x"), 415, "`br` is not known");
    let bomb = gzip(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 100_000);
    refused(&app.ingest("json", &encoding("gzip"), &bomb), 413, "1000000 bytes");
    refused(&app.ingest("json", &[], &vec![b'x'; 100_001]), 413, "100000 bytes");
    refused(&app.ingest("nothing", &[], b"{}"), 404, "expected one of");
    refused(&app.ingest("json?produkt=x", &[], b"{}"), 400, "produkt");
    refused(&app.ingest("json", &[("X-Vigie-Tenant", "initech")], b"{}"), 404, "tenant");
    refused(&app.ingest("json", &[("X-Vigie-Tenant", "A B")], b"{}"), 400, "tenant");
    refused(&app.ingest("json", &[("X-Vigie-Batch-Id", "a b")], b"{}"), 400, "printable");
    refused(&app.ingest("json", &[("X-Vigie-Batch-Id", &"x".repeat(129))], b"{}"), 400, "128");
    assert_eq!(events(&app), 0);
    assert_eq!(app.send("GET", "/readyz", &[], None).status, 200, "the server stays up");
}

#[test]
fn bad_records_become_dead_letters_and_stop_nothing() {
    let app = TestApp::new();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = format!("{{\"a\":{deep}}}");
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let body =
        [&b"{\"n\":1}\n"[..], b"{broken\n", deep.as_bytes(), b"\n", long.as_bytes(), b"\n\"\xff\xfe\"\n{\"n\":2}\n"]
            .concat();
    app.ingest("json", &[], &body).expect(200);
    assert_eq!(events(&app), 2, "the good ones are there");
    let letters = app.get(&app.admin, "/api/v1/dead-letters").expect(200);
    let rows = letters["rows"].as_array().unwrap();
    assert!(rows.len() >= 4, "{letters}");
    assert!(rows.iter().all(|letter| !letter["reason"].as_str().unwrap().is_empty()));
    let counts = app.get(&app.admin, "/api/v1/dead-letters/counts").expect(200);
    assert_eq!(counts[0]["source"], "json");
}

#[test]
fn the_tenant_comes_from_the_key_where_it_has_one() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Ingest, "acme");
    let send = |headers: &[(&str, &str)]| {
        let authorization = bearer(&acme);
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend(headers);
        app.send("POST", "/api/v1/ingest/json", &all, Some(b"{\"n\":1}")).status
    };
    assert_eq!(send(&[]), 200);
    assert_eq!(send(&[("X-Vigie-Tenant", "acme")]), 200);
    assert_eq!(send(&[("X-Vigie-Tenant", "globex")]), 404);
    assert_eq!(events(&app), 2);
    let authorization = bearer(&app.admin);
    let unsaid = app.send("POST", "/api/v1/ingest/json", &[("Authorization", &authorization)], Some(b"{}"));
    refused(&unsaid, 400, "say which one");
}

#[test]
fn too_many_requests_at_once_are_asked_to_come_again() {
    let app = TestApp::with(|config| config.limits.ingest_requests_max = 1, Vec::new());
    // A sender that never finishes holds the one place. One that finds the place taken by a quick sender is turned away,
    // so another comes with each try.
    let address = app.base.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /api/v1/ingest/json HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nX-Vigie-Tenant: acme\r\nContent-Length: 100\r\n\r\n{{",
        bearer(&app.admin)
    );
    let mut slow = Vec::new();
    let answer = (0..200)
        .map(|_| {
            let mut sender = std::net::TcpStream::connect(&address).unwrap();
            sender.write_all(head.as_bytes()).unwrap();
            slow.push(sender);
            app.ingest("json", &[], b"{}")
        })
        .find(|answer| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            answer.status != 200
        })
        .unwrap();
    refused(&answer, 429, "try again");
    assert_eq!(answer.header("retry-after"), "2");
    drop(slow);
    app.eventually("/api/v1/sources", |_| app.ingest("json", &[], b"{}").status == 200);
}

#[test]
fn syslog_over_tcp_reaches_the_events() {
    let app = TestApp::with(
        |config| {
            let text = "[[syslog]]\nprotocol = \"tcp\"\nlisten = \"127.0.0.1:0\"\ntenant = \"acme\"";
            config.syslog = vigie_server::Config::parse(text).unwrap().config.syslog;
        },
        Vec::new(),
    );
    let (_, address) = app.syslog()[0];
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream
        .write_all(b"<38>Mar  1 11:59:00 web-1 sshd[123]: Failed password for root from 203.0.113.7 port 4242 ssh2\n")
        .unwrap();
    drop(stream);
    app.eventually("/api/v1/events?tenant=acme&q=src.ip:203.0.113.7", |page| page["total"] == 1);
}

/// What was acknowledged is there after a stop and a start.
#[test]
fn acknowledged_records_survive_a_restart() {
    let mut app = TestApp::new();
    app.ingest("json", &[], b"{\"n\":1}").expect(200);
    app.stop();
    let data = app.folder.path().join("data");
    let again = TestApp::with(|config| config.data_folder = data, Vec::new());
    assert_eq!(events(&again), 1);
}
