//! Many findings at once.

use std::time::Instant;

use serde_json::{Value, json};
use vigie_respond::{FindingType, ResourceRole, example_finding};

use crate::world::{World, handler, now};

/// Two hundred findings answered by as many invocations at once: no update is lost, nobody of ours is in a set, at most
/// one update a second is made, and each decision is on record once.
#[test]
fn two_hundred_findings_at_once() {
    let Some(world) = World::start(&json!({"never_touch": ["203.0.113.0/28"], "nacl": {}})) else { return };
    let kind = FindingType::find("UnauthorizedAccess:EC2/SSHBruteForce").unwrap();
    let events: Vec<Value> = (0..200)
        .map(|number| {
            let mut event = example_finding(kind, ResourceRole::Target);
            event["detail"]["id"] = json!(format!("finding-{number}"));
            // Each address is named by two findings; the first sixteen are not to be touched.
            event["detail"]["service"]["action"]["networkConnectionAction"]["remoteIpDetails"]["ipAddressV4"] =
                json!(format!("203.0.113.{}", number / 2));
            event
        })
        .collect();
    let (url, settings) = (world.url(), &world.settings);
    std::thread::scope(|scope| {
        for part in events.chunks(1) {
            let url = &url;
            scope.spawn(move || {
                let (handler, _lines) = handler(url, settings);
                for event in part {
                    // Lambda repeats an invocation that failed for a moment's sake.
                    while handler.handle(event, "request", now()).is_err() {}
                }
            });
        }
    });
    let start = Instant::now();
    let invocations = world.pump();
    let seconds = start.elapsed().as_secs_f64();
    let mut expected: Vec<String> = (16..100).map(|number| format!("203.0.113.{number}/32")).collect();
    expected.sort();
    assert_eq!(world.waf(), expected);
    let rows = world.rows("waf.block_ip");
    assert_eq!(rows.len(), 84);
    assert!(rows.iter().all(|row| row["state"]["S"] == "in_force"), "{rows:?}");
    let updates = world.edge_updates();
    assert!(updates <= invocations, "{updates} updates in {invocations} batches");
    // Not a timing of ours: WAF takes one update a second.
    assert!(seconds >= updates as f64 - 1.0, "{updates} updates in {seconds} s");
}
