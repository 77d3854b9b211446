//! What correlations remember, as bytes, and across changed rules.

use vigie_detect::{Engine, RestoreError, RuleSet};
use vigie_model::{EntityRole, Event, Finding, ObservableKind};

use crate::builder::{load, observe};
use crate::correlations::{base, correlation, kind};

fn rules() -> RuleSet {
    let count = "type: event_count, rules: [a], group-by: [user], timespan: 60s, condition: {gte: 3}";
    let values = "type: value_count, rules: [a, b], timespan: 60s, condition: {field: user, gte: 3}";
    let order = "type: temporal_ordered, rules: [a, b, count], group-by: [user], timespan: 5m";
    let sum = "type: value_sum, rules: [c], timespan: 60s, condition: {field: value, gte: 30}";
    let all = [("count", count), ("values", values), ("order", order), ("sum", sum)];
    let loaded = load(&(base() + &all.map(|(name, body)| correlation(name, body)).concat()));
    assert_eq!(loaded.failed, []);
    loaded.rules
}

fn stream() -> Vec<Event> {
    let users = ["ann", "bob", "cid", "ann", "ann"];
    (0..60_usize)
        .map(|number| {
            let name = ["a", "b", "c", "a"][number % 4];
            let user = users[number % users.len()];
            let event = kind(number as u64, name, user, (number * 7 % 90) as f64 + (number / 20 * 40) as f64);
            event.entity(ObservableKind::User, user, EntityRole::Actor).build()
        })
        .collect()
}

#[test]
fn a_restart_anywhere_changes_nothing() {
    let stream = stream();
    let undisturbed = observe(&mut Engine::new(rules()), &stream);
    assert!(undisturbed.len() > 3, "{}", undisturbed.len());
    for cut in 0..stream.len() {
        let mut first = Engine::new(rules());
        let mut findings = observe(&mut first, &stream[..cut]);
        let mut second = Engine::new(rules());
        second.restore(&first.snapshot()).unwrap();
        assert_eq!(second.snapshot(), first.snapshot());
        assert_eq!(second.counters().state_bytes, first.counters().state_bytes);
        findings.extend(observe(&mut second, &stream[cut..]));
        assert_eq!(findings, undisturbed, "cut at {cut}");
    }
}

#[test]
fn batches_change_nothing() {
    let stream = stream();
    let now = stream.last().unwrap().arrival;
    let one_by_one = observe(&mut Engine::new(rules()), &stream);
    for size in [2, 7, 60] {
        let mut engine = Engine::new(rules());
        let findings: Vec<Finding> = stream.chunks(size).flat_map(|batch| engine.observe(batch, now)).collect();
        assert_eq!(findings, one_by_one);
    }
}

/// Frozen bytes of version 1: a release that writes another format raises the version and still reads this file.
#[test]
fn version_1_is_still_read() {
    let mut engine = Engine::new(rules());
    observe(&mut engine, &stream()[..20]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/state-v1.bin");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, engine.snapshot()).unwrap();
    }
    let golden = std::fs::read(path).unwrap();
    assert_eq!(engine.snapshot(), golden);
    let mut restored = Engine::new(rules());
    restored.restore(&golden).unwrap();
    assert_eq!(restored.snapshot(), golden);
}

#[test]
fn garbage_is_refused() {
    let mut engine = Engine::new(rules());
    observe(&mut engine, &stream()[..20]);
    let good = engine.snapshot();
    assert_eq!(engine.restore(b""), Err(RestoreError::NotState));
    assert_eq!(engine.restore(b"hello, world"), Err(RestoreError::NotState));
    let mut later = good.clone();
    later[4] = 9;
    assert_eq!(engine.restore(&later), Err(RestoreError::Version { found: 9 }));
    for length in 4..good.len() {
        assert!(matches!(engine.restore(&good[..length]), Err(RestoreError::Damaged { .. })), "{length}");
    }
    for place in 6..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x40;
        assert!(matches!(engine.restore(&bad), Err(RestoreError::Damaged { .. })), "{place}");
    }
    // Nothing of this has changed the engine.
    assert_eq!(engine.snapshot(), good);
}

#[test]
fn unchanged_correlations_go_on_when_rules_are_replaced() {
    let stream = stream();
    let undisturbed = observe(&mut Engine::new(rules()), &stream);
    let mut engine = Engine::new(rules());
    let mut findings = observe(&mut engine, &stream[..30]);
    engine.replace_rules(rules());
    findings.extend(observe(&mut engine, &stream[30..]));
    assert_eq!(findings, undisturbed);

    let changed = base().replace("kind: a", "kind: [a, aa]");
    let body = "type: event_count, rules: [a], group-by: [user], timespan: 60s, condition: {gte: 3}";
    engine.replace_rules(load(&(changed + &correlation("count", body))).rules);
    assert_eq!(engine.counters().groups, 0);
}
