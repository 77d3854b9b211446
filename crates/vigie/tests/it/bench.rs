//! `vigie bench server`, at a rate that any machine holds.

use serde_json::{Value, json};

use crate::cli::assert_mentions;
use crate::command::{Served, ServerFolder, run};

/// What a result must say, whoever was driven.
#[track_caller]
fn check(result: &Value, events_min: u64) {
    for name in ["lost", "doubled", "dead", "alerts_missing", "udp_dropped"] {
        assert_eq!(result[name], 0, "{name}: {result:#}");
    }
    assert!(result["sent"].as_u64() >= Some(events_min), "{result:#}");
    assert!(result["alert_p99_ms"].as_f64() > Some(0.0), "{result:#}");
    assert!(result["acknowledgement"]["p99_ms"].as_f64() > Some(0.0), "{result:#}");
}

/// Standard output holds one line: the figures, those that a script looks for first.
#[track_caller]
fn bench(arguments: &[&str]) -> Value {
    let out = run(["bench", "server", "--format", "json"].iter().chain(arguments)).good();
    assert!(out.starts_with("{\"sent\":") && out.trim_end().lines().count() == 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_steady_rate_loses_and_doubles_nothing() {
    let result = bench(&["--rate", "300", "--seconds", "4", "--markers", "4"]);
    check(&result, 1_000);
    assert_eq!(result["udp_lost"], 0, "{result:#}");
    assert_eq!(result["stored"], result["sent"], "{result:#}");
    let streams: Vec<&str> =
        result["streams"].as_array().unwrap().iter().map(|stream| stream["stream"].as_str().unwrap()).collect();
    let expected = [
        "bench/cloudtrail",
        "bench/suricata_eve",
        "bench/syslog",
        "bench/vpc_flow",
        "bench/web_access",
        "bench/windows_event",
        "bench-udp/syslog",
    ];
    assert_eq!(streams, expected);
    let server = &result["server"];
    assert!(server["cpu_s"].as_f64() > Some(0.0) && server["memory_peak_mb"].as_f64() > Some(1.0), "{server}");
    assert!(!server["threads_s"].as_object().unwrap().is_empty(), "{server}");
}

#[test]
fn bursts_and_full_speed_lose_and_double_nothing() {
    check(&bench(&["--rate", "200", "--seconds", "3", "--burst", "1", "--seed", "9"]), 500);
    check(&bench(&["--rate", "0", "--seconds", "2", "--mix", "auth=1,web=1,eve=2"]), 100);
}

#[test]
fn a_running_server_is_driven_over_http() {
    let folder = ServerFolder::new("[rules]\nfolders = [\"rules\"]\n");
    folder.write("rules/marker.yml", include_str!("../../src/bench/marker.yml"));
    let key = folder.key();
    let server = Served::start(&folder, &key);
    let arguments = ["--tenant", "acme", "--rate", "200", "--seconds", "2", "--url", server.url(), "--key", &key];
    for _ in 0..2 {
        let result = bench(&arguments);
        check(&result, 300);
        assert_eq!((&result["stored"], &result["server"]), (&result["sent"], &json!(null)), "{result:#}");
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_dry_run_shows_what_would_be_sent() {
    let said = run(["bench", "server", "--dry-run", "--rate", "100", "--mix", "windows=3,flow=1"]).good();
    assert_mentions(&said, &["windows  75", "flow     25", "\"EventID\":1", "2 111122223333 eni-"]);
    let said = run(["bench", "server", "--rate", "0", "--mix", "web=1", "--seconds", "1"]).bad();
    assert_mentions(&said, &["--rate 0 needs a kind that the server can slow down"]);
    let said = run(["bench", "server", "--rate", "0", "--burst", "1", "--seconds", "1"]).bad();
    assert_mentions(&said, &["--burst needs a --rate above 0"]);
}
