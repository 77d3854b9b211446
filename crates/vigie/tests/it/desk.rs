//! `vigie alerts` and `vigie cases` against a server.

use crate::cli::assert_mentions;
use crate::command::{Served, ServerFolder, run_with_input};

/// Lines of a brute force that succeeds: alerts that share an address, and a case.
fn intrusion() -> String {
    let now = jiff::Timestamp::now().as_second();
    let line = |second: i64, rest: &str| {
        let at = jiff::Timestamp::from_second(now - 60 + second).unwrap();
        format!("{at} web-01 sshd[{second}]: {rest} from 203.0.113.99 port {second} ssh2\n")
    };
    let failed: String = (1..=8).map(|second| line(second, "Failed password for root")).collect();
    failed + &line(10, "Accepted password for root")
}

#[test]
fn a_shift_at_the_terminal() {
    let folder = ServerFolder::new("");
    let add = ["admin", "add-user", "claire", "--role", "analyst", "--config", &folder.config()];
    run_with_input(add, "a long enough secret\n").good();
    let server = Served::start(&folder, &folder.key());
    let lines = folder.write("auth.log", intrusion());
    server.ask(&["ingest", "--source", "syslog", "--tenant", "acme", &lines]).good();
    server.eventually("/api/v1/cases", |cases| cases["rows"].as_array().is_some_and(|rows| !rows.is_empty()));

    assert_mentions(&server.ask(&["alerts", "list"]).good(), &["severity", "203.0.113.99", "in_progress"]);
    assert_mentions(&server.ask(&["alerts", "list", "staus:new"]).bad(), &["status"]);
    let alerts = server.ask(&["alerts", "list", "status:in_progress", "--format", "json"]).json(0);
    let ids: Vec<&str> = alerts.as_array().unwrap().iter().map(|alert| alert["id"].as_str().unwrap()).collect();
    assert!(ids.len() >= 2, "{alerts}");
    assert_mentions(&server.ask(&["alerts", "show", ids[0]]).good(), &["203.0.113.99", "rule", ids[0]]);
    assert_mentions(&server.ask(&["alerts", "take", ids[0], "--dry-run"]).good(), &["nothing was changed", ids[0]]);
    assert_mentions(&server.ask(&["alerts", "assign", ids[0], "--to", "claire"]).good(), &["claire"]);
    // What fails is named, and the other is changed all the same.
    let both = server.ask(&["alerts", "take", "0123", ids[0]]);
    assert_mentions(&both.out, &["in_progress"]);
    assert_mentions(&both.bad(), &["alert 0123"]);

    let cases = server.ask(&["cases", "list", "--format", "json"]).json(0);
    let number = cases[0]["number"].to_string();
    assert_mentions(&server.ask(&["cases", "show", &number]).good(), &["alerts:", "observables:", "203.0.113.99"]);
    assert_mentions(&server.ask(&["cases", "show", "4711"]).bad(), &["no case has the number 4711"]);
    server.ask(&["cases", "comment", &number, "--text", "I look at web-01"]).good();
    assert_mentions(&server.ask(&["cases", "show", &number]).good(), &["I look at web-01"]);
    assert_mentions(&server.ask(&["cases", "assign", &number, "--to", "claire"]).good(), &["claire"]);
    let close = ["cases", "close", &number, "--verdict", "true_positive", "--summary", "a weak password"];
    assert_mentions(&server.ask(&[&close[..], &["--dry-run"]].concat()).good(), &["would close"]);
    assert_mentions(&server.ask(&[&close[..], &["--cancel-tasks"]].concat()).good(), &["closed"]);
    assert_mentions(&server.ask(&["cases", "show", &number]).good(), &["true_positive: a weak password"]);
    assert_mentions(&server.ask(&["cases", "reopen", &number]).good(), &["in_progress"]);

    assert_mentions(&server.ask(&["cases", "open"]).bad(), &["--title"]);
    let open = ["cases", "open", "--title", "Phishing", "--tenant", "acme", "--format", "json"];
    let other = server.ask(&open).json(0)["number"].to_string();
    assert_mentions(
        &server.ask(&["cases", "merge", &other, "--alert", ids[0], "--dry-run"]).good(),
        &["would merge 1"],
    );
    let merged = server.ask(&["cases", "merge", &other, "--alert", ids[0]]);
    assert_mentions(&merged.bad(), &["409", ids[0], "part of case"]);
    assert_eq!(server.terminate(), Some(0));
}
