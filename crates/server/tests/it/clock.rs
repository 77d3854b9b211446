//! The server's clock jumps a day forward and back, as clocks do that are set by hand or by a time server that errs. Nothing
//! is lost or doubled, windows that were half full at the jump fill up all the same, and the server goes on.

use std::time::Duration;

use vigie_model::Timestamp;

use crate::app::{NOW, TestApp};
use crate::upkeep::{BRUTE, FAILED};

const DAY: i64 = 86_400;

/// Sends a failure as a batch of its own, a second after the one before by its own account. Returns whether it was known.
#[track_caller]
fn fail(app: &TestApp, number: usize) -> bool {
    let time = now().plus(Duration::from_secs(number as u64));
    let line = format!("{time} web-1 sshd[1]: Failed password for root from 203.0.113.77 port {number} ssh2\n");
    let batch = format!("batch-{number}");
    let answer = app.ingest("linux_auth", &[("X-Vigie-Batch-Id", &batch)], line.as_bytes()).expect(200);
    assert_eq!(answer["accepted"], 1, "{answer}");
    answer["duplicate"] == true
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Sends failures of one address while the clock stands at each of these days in turn, counted from the present.
#[track_caller]
fn check(days: &[i64]) {
    let rules = format!("{FAILED}{BRUTE}");
    let app =
        TestApp::with(|config| std::fs::write(config.rules.folders[0].join("more.yml"), rules).unwrap(), Vec::new());
    for (number, day) in days.iter().enumerate() {
        app.clock.set(Timestamp::from_seconds(now().as_seconds() + day * DAY + number as i64));
        assert!(!fail(&app, number), "{days:?}: {number}");
    }
    // Whatever the clock says now, what was sent before is known.
    for number in 0..days.len() {
        assert!(fail(&app, number), "{days:?}: {number}");
    }
    app.settle();
    let events = app.get(&app.admin, "/api/v1/events?tenant=acme&q=src.ip:203.0.113.77").expect(200);
    assert_eq!(events["total"], days.len(), "{days:?}");
    let alerts = app.get(&app.admin, "/api/v1/alerts?tenant=acme&limit=100").expect(200);
    let brute = alerts["rows"].as_array().unwrap().iter().find(|alert| alert["rule"]["title"] == "Brute force");
    let brute = brute.unwrap_or_else(|| panic!("{days:?}: no alert: {alerts}"));
    assert_eq!((&brute["first_seen"], &brute["count"]), (&now().to_string().into(), &1.into()), "{days:?}");
    assert_eq!(app.send("GET", "/readyz", &[], None).status, 200);
}

#[test]
fn a_clock_that_jumps_loses_and_doubles_nothing() {
    check(&[0, 0, 0, 0, 0, 0]);
    check(&[0, 0, 0, -1, -1, -1]);
    check(&[0, 0, 0, 1, 1, 1]);
    check(&[0, 0, 1, 0, -1, 0]);
}
