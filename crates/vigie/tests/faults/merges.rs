//! Alerts are merged into cases in bulk through TheHive's API while the server is killed: each merge is there as a whole, or
//! not at all, and what was answered is there.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread::scope;
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::Server;

const PASSWORD: &str = "a long password of ann";
/// `ann` and the password, as RFC 7617 has them.
const BASIC: &str = "Basic YW5uOmEgbG9uZyBwYXNzd29yZCBvZiBhbm4=";
/// How many alerts one merge takes.
const ALERTS: usize = 8;
/// How often the server is killed; each time in the middle of merges of as many clients.
const KILLS: u64 = 5;
const CLIENTS: usize = 4;
/// How many merges a client asks for between two kills at most.
const MERGES_MAX: usize = 40;

/// A client of TheHive's API; `None` stands for no answer.
struct TheHive {
    url: String,
    authorization: String,
}

impl TheHive {
    fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent
            .post(format!("{}{path}", self.url))
            .header("Authorization", &self.authorization)
            .header("Content-Type", "application/json");
        let mut answer = request.send(body.to_string().as_bytes()).ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Makes alerts and a case and merges them; returns the case where that was answered.
    fn merge(&self, name: &str) -> Option<String> {
        let (status, case) = self.post("/api/v1/case", &json!({"title": name, "description": "of one piece"}))?;
        assert_eq!(status, 201, "{case}");
        let case = case["_id"].as_str().unwrap().to_owned();
        let mut alerts = Vec::new();
        for number in 0..ALERTS {
            let body = json!({
                "type": "test", "source": "merges", "sourceRef": format!("{name}-{number}"), "title": name,
                "description": "one of many",
                "observables": [{"dataType": "domain", "data": format!("{name}-{number}.example")}],
            });
            let (status, alert) = self.post("/api/v1/alert", &body)?;
            assert_eq!(status, 201, "{alert}");
            alerts.push(alert["_id"].as_str().unwrap().to_owned());
        }
        let (status, merged) = self.post("/api/v1/alert/merge/_bulk", &json!({"caseId": case, "alertIds": alerts}))?;
        assert!((200..300).contains(&status), "{merged}");
        Some(case)
    }

    fn query(&self, operations: &Value) -> Vec<Value> {
        let (status, rows) = self.post("/api/v1/query", &json!({"query": operations})).unwrap();
        assert_eq!(status, 200, "{rows}");
        rows.as_array().unwrap().clone()
    }
}

#[test]
fn a_merge_through_the_api_is_whole_or_not_at_all_whatever_kills_the_server() {
    let mut server = Server::prepare(&[], "");
    server.start();
    add_ann(&server);
    let hive = TheHive { url: server.url(), authorization: BASIC.to_owned() };
    let mut answered: Vec<String> = Vec::new();
    for kill in 0..KILLS {
        scope(|threads| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let hive = &hive;
                    threads.spawn(move || {
                        let names = (0..MERGES_MAX).map(|turn| format!("k{kill}-c{client}-{turn}"));
                        names.map_while(|name| hive.merge(&name)).collect::<Vec<_>>()
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(400 + 130 * kill));
            server.kill();
            answered.extend(clients.into_iter().flat_map(|client| client.join().unwrap()));
        });
        server.start();
        check(&hive, &answered);
    }
    assert!(!answered.is_empty(), "no merge was answered before a kill: the test shows nothing");
    server.stop();
}

/// Makes the user whom the clients sign in as.
fn add_ann(server: &Server) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    command.args(["admin", "add-user", "ann", "--role", "admin", "--member", "acme=org-admin", "--config"]);
    let mut child = command.arg(server.path("vigie.toml")).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[track_caller]
fn check(hive: &TheHive, answered: &[String]) {
    for case in hive.query(&json!([{"_name": "listCase"}])) {
        let id = case["_id"].as_str().unwrap();
        let of_case =
            |operation: &str| hive.query(&json!([{"_name": "getCase", "idOrName": id}, {"_name": operation}])).len();
        let (alerts, observables) = (of_case("alerts"), of_case("observables"));
        assert_eq!(alerts, observables, "{case}: alerts and observables come together");
        assert!(alerts == 0 || alerts == ALERTS, "{case}: {alerts} of {ALERTS} alerts");
        assert!(alerts == ALERTS || !answered.iter().any(|known| known == id), "{case} was answered and is not there");
    }
}
