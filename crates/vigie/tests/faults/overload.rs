//! Twice what the server can take: senders are slowed, memory is bounded, nothing acknowledged is lost.
//!
//! The long form: `vigie bench server --rate 0` for the highest rate, then twice that for some minutes.

use std::process::Command;

use serde_json::Value;

/// How much memory the server may hold at most, in megabytes.
const MEMORY_MAX_MB: f64 = 700.0;

fn bench(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_vigie"))
        .args(["bench", "server", "--format", "json", "--mix", "auth=2,web=1,eve=3,cloudtrail=2"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let line = String::from_utf8_lossy(&output.stdout);
    let line = line.lines().last().unwrap_or_else(|| panic!("{said}"));
    let result: Value = serde_json::from_str(line).unwrap();
    for name in ["lost", "doubled", "dead", "alerts_missing"] {
        assert_eq!(result[name], 0, "{name}: {result:#}\n{said}");
    }
    assert!(result["server"]["memory_peak_mb"].as_f64() < Some(MEMORY_MAX_MB), "{result:#}");
    result
}

#[test]
fn at_twice_the_rate_senders_are_slowed_and_nothing_is_lost() {
    let most = bench(&["--rate", "0", "--seconds", "4"])["events_per_s"].as_f64().unwrap();
    let rate = (most * 2.0).max(100.0).to_string();
    let result = bench(&["--rate", &rate, "--seconds", "6"]);
    println!("at most {most} events/s; at twice that: {result:#}");
    assert!(result["behind"].as_u64() > Some(0), "nobody was slowed at {rate} events/s: {result:#}");
}
