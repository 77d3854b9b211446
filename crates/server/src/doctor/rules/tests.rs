use std::collections::BTreeMap;

use vigie_model::{SourceName, TenantId, Timestamp};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_772_323_200 + seconds)
}

fn source(name: &str) -> (TenantId, SourceName) {
    (TenantId::new("acme").unwrap(), SourceName::new(name).unwrap())
}

/// A server that is an hour old and well.
fn well() -> Vitals {
    Vitals {
        now: at(3_600),
        busy: Stage::ALL.map(|stage| (stage, 0.3)).to_vec(),
        held_up: Vec::new(),
        replaying: false,
        queues: [("logged", 10, 1_000), ("parsed", 10, 1_000)],
        log_bytes: 1 << 20,
        log_bytes_max: 4 << 30,
        log_damage: Vec::new(),
        index_damage: Vec::new(),
        disk: Some((600 << 30, 1_000 << 30)),
        dropped: (0, 0),
        refused: 0,
        sources: BTreeMap::from([(
            source("linux_auth"),
            SourceSeen { events: 3_600, dead: 0, first: at(0), last: at(3_599) },
        )]),
        expected: vec![(source("syslog").0, source("syslog").1, "syslog listener")],
        started: at(0),
        refused_rules: Vec::new(),
        rules: 200,
    }
}

/// What the doctor says after a change to a server that is well: level, part, and a piece of the words.
#[track_caller]
fn check(change: impl FnOnce(&mut Vitals), expected: &[(Level, &str, &str)]) {
    let mut vitals = well();
    change(&mut vitals);
    let found = examine(&vitals);
    let shown: Vec<_> = found.iter().map(|one| (one.level, one.part.as_str(), one.what.as_str())).collect();
    assert_eq!(shown.len(), expected.len(), "{shown:?}");
    for ((level, part, what), (expected_level, expected_part, piece)) in shown.iter().zip(expected) {
        assert_eq!((level, part), (expected_level, expected_part), "{shown:?}");
        assert!(what.contains(piece), "`{what}` does not say `{piece}`");
    }
    assert!(found.iter().all(|one| !one.advice.is_empty()));
}

use Level::{Critical, Notice, Warning};

#[test]
fn a_server_that_is_well_has_no_symptoms() {
    check(|_| {}, &[]);
}

#[test]
fn what_is_held_up_or_full_is_said() {
    let why = "write: no space left on device".to_owned();
    check(
        |vitals| vitals.held_up.push((Stage::Log, why, Duration::from_secs(90))),
        &[(Critical, "log", "held up for 90 s: write: no space left")],
    );
    check(|vitals| vitals.replaying = true, &[(Notice, "log", "still being read")]);
    check(|vitals| vitals.log_bytes = 2 << 30, &[(Warning, "log", "holds 2.0 GiB of at most 4.0 GiB")]);
    check(|vitals| vitals.log_bytes = 4 << 30, &[(Critical, "log", "holds 4.0 GiB")]);
    check(
        |vitals| vitals.queues[1].1 = 950,
        &[(Warning, "queues", "queue of parsed records is full (950 B of 1000 B)")],
    );
    check(
        |vitals| vitals.disk = Some((50 << 30, 1_000 << 30)),
        &[(Warning, "disk", "50.0 GiB of 1000.0 GiB are free")],
    );
    check(|vitals| vitals.disk = Some((1 << 30, 1_000 << 30)), &[(Critical, "disk", "1.0 GiB of")]);
    check(|vitals| vitals.disk = None, &[]);
}

#[test]
fn what_is_slow_or_lost_is_said() {
    check(|vitals| vitals.busy[3].1 = 0.97, &[(Warning, "detect", "`detect` worked 97 % of the last minute")]);
    check(|vitals| vitals.dropped = (5, 9), &[(Critical, "sources", "5 datagrams were lost in the last minute, 9")]);
    check(|vitals| vitals.dropped = (0, 9), &[(Notice, "sources", "9 datagrams were lost since")]);
    check(|vitals| vitals.refused = 3, &[(Warning, "log", "3 batches were refused")]);
    check(|vitals| vitals.log_damage.push("gone".into()), &[(Critical, "log", "gone")]);
    check(|vitals| vitals.index_damage.push("gone".into()), &[(Critical, "index", "gone")]);
}

#[test]
fn a_source_that_falls_silent_is_named() {
    let silence = |vitals: &mut Vitals| {
        let seen = SourceSeen { events: 1_000, dead: 0, first: at(0), last: at(1_000) };
        vitals.sources.insert(source("web_access"), seen);
    };
    check(
        silence,
        &[(Warning, "sources", "`web_access` of `acme` has sent nothing for 43 min; it used to send every 1 s")],
    );
    let seldom = |vitals: &mut Vitals| {
        let seen = SourceSeen { events: 20, dead: 0, first: at(-19_000), last: at(0) };
        vitals.sources.insert(source("web_access"), seen);
    };
    check(seldom, &[]);
    let never = |vitals: &mut Vitals| {
        vitals.expected.push((source("web_access").0, source("web_access").1, "followed file"));
    };
    check(
        never,
        &[(Warning, "sources", "the followed file for `web_access` of `acme` has had nothing since the start")],
    );
    check(|vitals| (never(vitals), vitals.started = at(3_500)).0, &[]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let unread = |dead| {
        move |vitals: &mut Vitals| {
            let seen = SourceSeen { events: 300, dead, first: at(0), last: at(3_599) };
            vitals.sources.insert(source("cloudtrail"), seen);
        }
    };
    check(unread(20), &[(Warning, "sources", "20 records of `cloudtrail` of `acme` could not be read")]);
    check(unread(19), &[]);
    check(|vitals| vitals.rules = 0, &[(Critical, "rules", "no rule is in force")]);
}

#[test]
fn the_worst_comes_first() {
    let change = |vitals: &mut Vitals| {
        vitals.dropped = (0, 9);
        vitals.refused = 1;
        vitals.rules = 0;
    };
    check(change, &[(Critical, "rules", ""), (Warning, "log", ""), (Notice, "sources", "")]);
}
