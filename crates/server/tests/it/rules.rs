//! `/api/v1/rules`: texts, hits, checks, trial runs, drafts made of searches, and rules that people write.

use std::fmt::Write as _;

use serde_json::{Value, json};
use vigie_model::Role;

use crate::app::TestApp;

const YAML: &str = "title: Guest refused
id: 7d9a7a52-1f0e-4f55-9f2b-000000000002
description: x
logsource:
    product: linux
    service: sshd
detection:
    selection:
        action: login_failed
        user: guest
    condition: selection
level: low
falsepositives: [none]
tags: [attack.t1110]
";
const GUEST: &str = "Mar  1 11:59:00 web-1 sshd[123]: Failed password for guest from 203.0.113.7 port 4242 ssh2\n";
const ROOT: &str = "Mar  1 11:59:00 web-1 sshd[123]: Failed password for root from 203.0.113.7 port 4242 ssh2\n";
const OWN: &str = "/api/v1/rules/own/guest";

fn kept() -> Value {
    json!({"yaml": YAML, "tests": {"match": [{"source": "linux_auth", "text": GUEST}], "ignore": [{"text": ROOT}]}})
}

fn errors(problem: &Value) -> String {
    problem["errors"].to_string()
}

#[test]
fn a_rule_is_shown_with_its_text_and_what_it_brought() {
    let app = TestApp::new();
    let alert = app.raise_alert("acme", "203.0.113.7");
    app.raise_alert("globex", "203.0.113.8");
    let id = alert["rule"]["id"].as_str().unwrap();
    let rule = app.get(&app.admin, &format!("/api/v1/rules/{id}")).expect(200);
    assert!(rule["yaml"].as_str().unwrap().contains("action: login_failed"), "{rule}");
    assert_eq!((&rule["from"], &rule["editable"]), (&json!("folder"), &json!(false)));
    assert_eq!(rule["logsources"], json!([{"product": "linux", "category": null, "service": "sshd"}]));
    assert_eq!(app.get(&app.admin, "/api/v1/rules/none").status, 404);

    let close = json!({"resolution": {"verdict": "false_positive", "summary": "a test"}});
    app.post(&app.admin, &format!("/api/v1/alerts/{}/close", alert["id"].as_str().unwrap()), &close).expect(200);
    let hits = app.get(&app.admin, "/api/v1/rules/hits").expect(200);
    let of = |hits: &Value| {
        let hit = &hits[0];
        (hit["alerts"].clone(), hit["findings"].clone(), hit["false_positive"].clone(), hit["open"].clone())
    };
    assert_eq!(of(&hits), (json!(2), json!(2), json!(1), json!(1)), "{hits}");
    let acme = app.key_for(Role::Reader, "acme");
    let seen = app.get(&acme, "/api/v1/rules/hits").expect(200);
    assert_eq!(of(&seen), (json!(1), json!(1), json!(1), json!(0)), "{seen}");
    assert_eq!(app.get(&acme, "/api/v1/rules/hits?tenant=globex").status, 404);
    assert_eq!(app.get(&acme, "/api/v1/rules/hits?days=367").status, 400);
    let days = app.get(&acme, &format!("/api/v1/rules/{id}/hits?days=2")).expect(200);
    assert_eq!(days, json!([{"day": "2026-03-01T00:00:00.000000Z", "alerts": 1, "findings": 1}]));
}

#[test]
fn a_text_is_checked_with_its_tests() {
    let app = TestApp::new();
    let ask = |body: &Value| app.post(&app.admin, "/api/v1/rules/check", body).expect(200);
    let right = ask(&kept());
    assert_eq!((&right["diagnostics"], &right["failures"]), (&json!([]), &json!([])), "{right}");
    assert_eq!(right["rules"][0]["title"], "Guest refused");

    let wrong = ask(&json!({"yaml": YAML.replace("user:", "user|nonsense:")}));
    let found = &wrong["diagnostics"][0];
    assert_eq!((&found["line"], &found["column"], &found["severity"]), (&json!(10), &json!(9), &json!("error")));

    let tests = json!({"match": [{"text": ROOT}], "ignore": [{"text": GUEST}, {"text": "no syslog line"}]});
    let failed = ask(&json!({"yaml": YAML, "tests": tests}));
    let names: Vec<&str> =
        failed["failures"].as_array().unwrap().iter().map(|failure| failure["test"].as_str().unwrap()).collect();
    assert_eq!(names, ["match 1", "ignore 1", "ignore 2"], "{failed}");

    let taken = ask(&json!({"yaml": YAML.replace("000000000002", "000000000001")}));
    assert_eq!(taken["diagnostics"][0]["code"], "duplicate_id", "{taken}");
}

#[test]
fn a_correlation_on_a_rule_in_force_is_checked_and_tried() {
    let app = TestApp::new();
    for second in 10..15 {
        let line = ROOT.replace("11:59:00", &format!("11:59:{second}"));
        app.ingest("linux_auth", &[], line.as_bytes()).expect(200);
    }
    app.settle();
    let yaml = "title: Many\nid: many\ncorrelation:\n    type: event_count\n    rules: [7d9a7a52-1f0e-4f55-9f2b-000000000001]\n    group-by: [src.ip]\n    timespan: 1m\n    condition: {gte: 4}\n";
    let run = app.post(&app.admin, "/api/v1/rules/test", &json!({"yaml": yaml})).expect(200);
    assert_eq!((&run["scanned"], &run["matched"], &run["alerts"]), (&json!(5), &json!(1), &json!(1)), "{run}");
    assert_eq!(run["samples"][0]["event_count"], 4, "{run}");
}

#[test]
fn a_trial_run_reads_and_raises_nothing() {
    let app = TestApp::new();
    for tenant in ["acme", "globex"] {
        for line in [GUEST, ROOT] {
            app.ingest("linux_auth", &[("X-Vigie-Tenant", tenant)], line.as_bytes()).expect(200);
        }
    }
    app.settle();
    let before = app.get(&app.admin, "/api/v1/alerts").expect(200)["total"].clone();
    let run = |key: &str, body: Value| app.post(key, "/api/v1/rules/test", &body);
    let all = run(&app.admin, json!({"yaml": YAML})).expect(200);
    assert_eq!((&all["total"], &all["scanned"], &all["matched"]), (&json!(4), &json!(4), &json!(2)), "{all}");
    assert_eq!(all["per_day"], json!([{"day": "2026-03-01T00:00:00.000000Z", "findings": 2}]));
    assert!(all["samples"][0]["matches"].to_string().contains("guest"), "{all}");
    assert_eq!(all.get("stopped"), None);

    let acme = app.key_for(Role::Analyst, "acme");
    let own = run(&acme, json!({"yaml": YAML})).expect(200);
    assert_eq!((&own["scanned"], &own["matched"]), (&json!(2), &json!(1)));
    assert!(!own.to_string().contains("globex"), "{own}");
    assert_eq!(run(&acme, json!({"yaml": YAML, "tenant": "globex"})).status, 404);
    let later = run(&app.admin, json!({"yaml": YAML, "from": "2026-03-01T11:59:30Z"})).expect(200);
    assert_eq!(later["scanned"], 0);
    let wrong = run(&app.admin, json!({"yaml": "title: ["})).expect(200);
    assert_eq!((&wrong["scanned"], &wrong["diagnostics"][0]["severity"]), (&json!(0), &json!("error")));
    let after = app.get(&app.admin, "/api/v1/alerts").expect(200)["total"].clone();
    assert_eq!(before, after);
}

#[test]
fn an_own_rule_detects_from_then_on_and_after_a_restart() {
    let mut app = TestApp::new();
    let put = |app: &TestApp, body: &Value| app.change(&app.admin, "PUT", OWN, body);
    let mut untested = kept();
    untested["tests"]["match"] = json!([]);
    assert_eq!(put(&app, &untested).status, 400);
    let mut failing = kept();
    failing["tests"]["match"] = json!([{"text": ROOT}]);
    let refused = put(&app, &failing).expect(400);
    assert!(errors(&refused).contains("tests: match 1"), "{refused}");
    let mut wrong = kept();
    wrong["yaml"] = json!(YAML.replace("condition: selection", "condition: selektion"));
    assert!(errors(&put(&app, &wrong).expect(400)).contains("line 11"), "{wrong}");
    for name in ["Guest", "a%2Fb", "..%2Fx", "..."] {
        let path = format!("/api/v1/rules/own/{name}");
        assert!(matches!(app.change(&app.admin, "PUT", &path, &kept()).status, 400 | 404), "{name}");
    }
    let acme = app.key_for(Role::Admin, "acme");
    assert_eq!(app.change(&acme, "PUT", OWN, &kept()).status, 403, "rules are everybody's");

    let saved = put(&app, &kept()).expect(200);
    assert_eq!(saved["loaded"], 2, "{saved}");
    let id = saved["rules"][0].as_str().unwrap().to_owned();
    let shown = app.get(&app.admin, &format!("/api/v1/rules/{id}")).expect(200);
    assert_eq!((&shown["from"], &shown["own"], &shown["editable"]), (&json!("own"), &json!("guest"), &json!(true)));
    assert_eq!(
        shown["tests"],
        json!({"match": [{"source": "linux_auth", "text": GUEST}], "ignore": [{"source": null, "text": ROOT}]})
    );
    app.ingest("linux_auth", &[], GUEST.as_bytes()).expect(200);
    app.settle();
    let raised = |app: &TestApp| {
        let alerts = app.get(&app.admin, "/api/v1/alerts?limit=1000").expect(200);
        let rows = alerts["rows"].as_array().unwrap().clone();
        rows.iter()
            .filter(|alert| alert["rule"]["id"] == json!(id))
            .map(|alert| alert["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(raised(&app), 1);

    app.stop();
    let data = app.folder.path().join("data");
    let app = TestApp::with(|config| config.data_folder = data, Vec::new());
    app.ingest("linux_auth", &[], GUEST.replace("4242", "4243").as_bytes()).expect(200);
    app.settle();
    assert_eq!(raised(&app), 2);

    app.change(&app.admin, "DELETE", OWN, &json!({})).expect(204);
    assert_eq!(app.change(&app.admin, "DELETE", OWN, &json!({})).status, 404);
    assert_eq!(app.get(&app.admin, &format!("/api/v1/rules/{id}")).status, 404);
    let log = app.get(&app.admin, "/api/v1/audit?limit=100").expect(200);
    let verbs: Vec<&str> = log["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["object_id"] == "own/guest/rule.yml")
        .map(|row| row["verb"].as_str().unwrap())
        .collect();
    assert_eq!(verbs, ["delete", "create"]);
}

/// Events of several kinds, as their sources deliver them.
fn ingest_a_mix(app: &TestApp) {
    let mut lines = String::new();
    for (number, user) in (0..).zip(["root", "Root", "guest", "bob", "a*b", "svc\\x"]) {
        for (offset, address) in (0..).zip(["203.0.113.7", "203.0.113.70", "198.51.100.9", "2001:db8::7"]) {
            let (second, port) = (number * 4 + offset, 1000 + number * 100 + offset);
            writeln!(
                lines,
                "Mar  1 11:5{offset}:{second:02} web-{offset} sshd[{port}]: Failed password for {user} from {address} port {port} ssh2"
            ).unwrap();
            writeln!(
                lines,
                "Mar  1 11:5{offset}:{second:02} web-{offset} sshd[{port}]: Accepted publickey for {user} from {address} port {port} ssh2: ED25519 SHA256:x"
            ).unwrap();
        }
        writeln!(
            lines,
            "Mar  1 11:40:0{number} web-1 sudo: {user} : TTY=pts/1 ; PWD=/srv ; USER=root ; COMMAND=/bin/cat /etc/shadow"
        ).unwrap();
    }
    app.ingest("linux_auth", &[], lines.as_bytes()).expect(200);
    let mut documents = String::new();
    for (number, name) in (0..).zip(["StopLogging", "ConsoleLogin", "GetObject", "DeleteTrail"]) {
        for region in ["eu-west-3", "us-east-1"] {
            documents += &json!({"eventVersion": "1.08", "eventTime": format!("2026-03-01T11:0{number}:00Z"), "eventName": name,
                "eventSource": "cloudtrail.amazonaws.com", "awsRegion": region, "sourceIPAddress": format!("203.0.113.{number}"),
                "userAgent": "aws-cli", "recipientAccountId": "111122223333", "eventID": format!("{name}-{region}"),
                "userIdentity": {"type": "IAMUser", "userName": "ann", "accountId": "111122223333"}})
            .to_string();
            documents.push('\n');
        }
    }
    app.ingest("cloudtrail", &[], documents.as_bytes()).expect(200);
    app.settle();
}

/// Returns how many events a search finds, and how many findings the rule makes that is drafted of it; or why it is refused.
fn drafted(app: &TestApp, q: &str) -> Result<(u64, u64), String> {
    let body = json!({"q": q, "title": "A draft", "tenant": "acme"});
    let answer = app.post(&app.admin, "/api/v1/rules/draft", &body);
    if answer.status != 200 {
        assert_eq!(answer.status, 400, "{q}: {}", answer.text());
        return Err(errors(&answer.json()));
    }
    let draft = answer.json();
    let yaml = draft["yaml"].as_str().unwrap();
    let check =
        app.post(&app.admin, "/api/v1/rules/check", &json!({"yaml": yaml, "tests": draft["tests"]})).expect(200);
    assert_eq!(check["failures"], json!([]), "{q}: {draft}");
    assert!(!draft["tests"]["match"].as_array().unwrap().is_empty(), "{q}: {draft}");
    let run = app.post(&app.admin, "/api/v1/rules/test", &json!({"yaml": yaml, "tenant": "acme"})).expect(200);
    assert_eq!(run["unreadable"], 0);
    let query = q.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    });
    let found = app.get(&app.admin, &format!("/api/v1/events?tenant=acme&q={query}")).expect(200);
    Ok((found["total"].as_u64().unwrap(), run["matched"].as_u64().unwrap()))
}

/// Whatever is drafted matches just what the search finds.
#[test]
fn a_drafted_rule_matches_what_its_search_finds() {
    let app = TestApp::new();
    ingest_a_mix(&app);
    let linux = [
        "user:root",
        "user:gu*",
        "user:*o*",
        "user:*t",
        "user:\"a*b\"",
        "user:svc\\x",
        "src.ip:203.0.113.7",
        "src.ip:203.0.113.0/24",
        "src.ip:\"2001:db8::7\"",
        "src.port:>=1300",
        "src.port:[1100 TO 1202]",
        "activity:*",
        "device:web-2",
        "user:*",
        "203.0.113.70",
        "\"Failed password\"",
        "publickey",
        "pass*",
    ];
    let mut said = 0;
    for (number, left) in linux.iter().enumerate() {
        let right = linux[(number * 7 + 3) % linux.len()];
        for q in [
            format!("service:sshd {left}"),
            format!("service:sshd {left} {right}"),
            format!("service:sshd ({left} OR {right})"),
            format!("service:sshd {left} NOT {right}"),
            format!("service:sshd NOT ({left} {right})"),
        ] {
            match drafted(&app, &q) {
                Ok((found, matched)) => {
                    assert!(found > 0);
                    assert_eq!(found, matched, "{q}");
                    said += 1;
                }
                // Nothing is found of some pairs, and what cannot be said names the part.
                Err(reason) => {
                    assert!(reason.contains("no stored event") || reason.contains("cannot be said"), "{q}: {reason}");
                }
            }
        }
    }
    assert!(said > 60, "only {said} searches could be said");
    for q in [
        "source:cloudtrail cloud.region:eu-west-3",
        "source:cloudtrail src.ip:203.0.113.2",
        "source:cloudtrail (activity:StopLogging OR activity:DeleteTrail)",
        "service:sudo user:bob",
    ] {
        let (found, matched) = drafted(&app, q).unwrap_or_else(|reason| panic!("{q}: {reason}"));
        assert!(found > 0);
        assert_eq!(found, matched, "{q}");
    }
}

#[test]
fn what_cannot_be_said_in_sigma_is_named() {
    let app = TestApp::new();
    ingest_a_mix(&app);
    #[track_caller]
    fn check(app: &TestApp, q: &str, expected: &str) {
        let reason = drafted(app, q).unwrap_err();
        assert!(reason.contains(expected), "{q}: {reason}");
    }
    check(&app, "service:sshd user:root time:>2026-01-01", "`time` cannot be said in Sigma");
    check(&app, "service:sshd user:>b", "`user` is a text");
    check(&app, "tenant:acme service:sshd", "`tenant` cannot be said in Sigma");
    check(&app, "service:sshd severity:informational", "cannot be said in Sigma");
    check(&app, "user:root OR cloud.region:us-east-1", "share no logsource");
    check(&app, "service:sshd", "a whole log source");
    check(&app, "user:nobody-at-all", "no stored event");
    check(&app, "", "everything");
    check(&app, "usr:root", "unknown field");
}
