//! Correlations: what fires, when, once, and for whom.

use serde_json::json;
use vigie_detect::{Engine, EngineLimits};
use vigie_model::{EntityRole, Event, Finding, FindingKind, ObservableKind, Timestamp};

use crate::builder::{EventBuilder, engine, event, load, observe};

/// Rules named a, b and c, for events with `kind` a, b and c.
pub(crate) fn base() -> String {
    let rule = |name: &str| {
        format!(
            "title: {name}\nid: {name}-id\nname: {name}\nlogsource: {{product: p}}\ndetection:\n  s: {{kind: {name}}}\n  condition: s\n---\n"
        )
    };
    ["a", "b", "c"].map(rule).concat()
}

/// A correlation on its own, by flow mapping.
pub(crate) fn correlation(name: &str, body: &str) -> String {
    format!("title: {name}\nid: {name}-id\nname: {name}\ncorrelation: {{{body}}}\n---\n")
}

/// An event of a kind and user at a second.
pub(crate) fn kind(number: u64, kind: &str, user: &str, second: f64) -> EventBuilder {
    event(number, json!({"kind": kind, "user": user, "value": number})).logsource("p", "", "").at(second)
}

fn events(list: &[(&str, &str, f64)]) -> Vec<Event> {
    (1..).zip(list).map(|(number, (name, user, second))| kind(number, name, user, *second).build()).collect()
}

/// Checks at which events (from 1) a correlation fires.
#[track_caller]
fn check(body: &str, list: &[(&str, &str, f64)], expected: &[usize]) -> Vec<Finding> {
    let mut engine = engine(&(base() + &correlation("x", body)));
    let mut fired = Vec::new();
    let mut findings = Vec::new();
    for (number, event) in (1..).zip(events(list)) {
        for finding in observe(&mut engine, &[event]) {
            assert_eq!(finding.kind, FindingKind::Correlation, "{finding:?}");
            fired.push(number);
            findings.push(finding);
        }
    }
    assert_eq!(fired, expected, "{body}");
    findings
}

const COUNT: &str = "type: event_count, rules: [a], group-by: [user], timespan: 60s, condition: {gte: 3}";

#[test]
fn a_clock_that_is_set_forward_or_back_by_a_day_breaks_no_window() {
    const DAY: f64 = 86_400.0;
    for jump in [DAY, -DAY] {
        let mut engine = engine(&(base() + &correlation("x", COUNT)));
        // Those who send have the right time throughout; only ours jumps, after the second event.
        let at = |number: u64, second: f64, arrival: f64| {
            kind(number, "a", "ann", 2.0 * DAY + second).arriving((2.0 * DAY + arrival) as u64).build()
        };
        assert!(observe(&mut engine, &[at(1, 0.0, 0.0), at(2, 1.0, 1.0)]).is_empty());
        assert_eq!(observe(&mut engine, &[at(3, 2.0, 2.0 + jump)]).len(), 1, "a jump of {jump} s");
        // And back again, in a second attack.
        assert!(observe(&mut engine, &[at(4, 500.0, 500.0 + jump), at(5, 501.0, 501.0 + jump)]).is_empty());
        assert_eq!(observe(&mut engine, &[at(6, 502.0, 502.0)]).len(), 1, "back from a jump of {jump} s");
    }
}

#[test]
fn event_count_fires_once_until_it_was_false() {
    let ann = |seconds: &[f64]| seconds.iter().map(|second| ("a", "ann", *second)).collect::<Vec<_>>();
    let findings = check(COUNT, &ann(&[0.0, 1.0, 2.0, 3.0, 50.0]), &[3]);
    assert_eq!((findings[0].event_count, findings[0].events.len()), (3, 3));
    assert_eq!(findings[0].first_time, Timestamp::from_seconds(1_700_000_000));
    assert_eq!(findings[0].matches[0].field, "user");
    check(COUNT, &ann(&[0.0, 1.0, 2.0, 100.0, 101.0, 102.0]), &[3, 6]);
    check(COUNT, &ann(&[0.0, 30.0, 59.999]), &[3]);
    // The far edge of the window is outside.
    check(COUNT, &ann(&[0.0, 30.0, 60.0]), &[]);
    check(COUNT, &ann(&[5.0, 5.0, 5.0]), &[3]);
    check(
        COUNT,
        &[("a", "ann", 0.0), ("a", "bob", 1.0), ("a", "ann", 2.0), ("a", "bob", 3.0), ("a", "ann", 4.0)],
        &[5],
    );
    // Letters of group-by values are folded.
    check(COUNT, &[("a", "ann", 0.0), ("a", "ANN", 1.0), ("a", "Ann", 2.0)], &[3]);
}

#[test]
fn ranges_and_groups() {
    let body = "type: event_count, rules: [a, b], timespan: 10s, condition: {gt: 1, lte: 2}";
    check(body, &[("a", "x", 0.0), ("b", "y", 1.0), ("a", "z", 2.0)], &[2]);
    let body = "type: event_count, rules: [a-id], group-by: user, timeframe: 10s, condition: {eq: 2}";
    check(body, &[("a", "x", 0.0), ("a", "x", 1.0)], &[2]);
}

#[test]
fn value_count_counts_different_values() {
    let body = "type: value_count, rules: [a], timespan: 60s, condition: {field: user, gte: 3}";
    check(body, &[("a", "x", 0.0), ("a", "X", 1.0), ("a", "y", 2.0), ("a", "y", 3.0), ("a", "z", 4.0)], &[5]);
    check(body, &[("a", "x", 0.0), ("a", "y", 30.0), ("a", "z", 60.5)], &[]);
    let pair = "type: value_count, rules: [a], timespan: 60s, condition: {field: [kind, user], gte: 2}";
    check(pair, &[("a", "x", 0.0), ("a", "x", 1.0), ("a", "y", 2.0)], &[3]);
}

#[test]
fn temporal_wants_every_rule_in_any_order() {
    let body = "type: temporal, rules: [a, b, c], group-by: [user], timespan: 60s";
    check(body, &[("c", "x", 0.0), ("a", "x", 1.0), ("a", "x", 2.0), ("b", "x", 3.0)], &[4]);
    check(body, &[("c", "x", 0.0), ("a", "y", 1.0), ("b", "x", 3.0)], &[]);
    let two = "type: temporal, rules: [a, b, c], timespan: 60s, condition: {gte: 2}";
    check(two, &[("c", "x", 0.0), ("c", "x", 1.0), ("b", "x", 3.0)], &[3]);
    let extended = "type: temporal, rules: [a, b, c], timespan: 60s, condition: a and not c";
    check(extended, &[("c", "x", 0.0), ("a", "x", 1.0), ("a", "x", 60.5)], &[3]);
}

#[test]
fn temporal_ordered_wants_the_order() {
    let body = "type: temporal_ordered, rules: [a, b], group-by: [user], timespan: 60s";
    check(body, &[("b", "x", 0.0), ("a", "x", 1.0), ("b", "x", 2.0)], &[3]);
    check(body, &[("b", "x", 0.0), ("a", "x", 1.0)], &[]);
    // Of equal times, the order of arrival counts.
    check(body, &[("a", "x", 1.0), ("b", "x", 1.0)], &[2]);
    check(body, &[("a", "x", 0.0), ("b", "x", 61.0)], &[]);
}

#[test]
fn one_event_is_not_two_steps() {
    let rules = base().replace("s: {kind: b}", "s: {kind: a}");
    let rules = rules + &correlation("o", "type: temporal_ordered, rules: [a, b], timespan: 60s");
    let rules = rules + &correlation("t", "type: temporal, rules: [a, b], timespan: 60s");
    let mut engine = engine(&rules);
    let names = |findings: Vec<Finding>| findings.iter().map(|finding| finding.rule.title.clone()).collect::<Vec<_>>();
    assert_eq!(names(observe(&mut engine, &events(&[("a", "x", 0.0)]))), ["t"]);
    assert_eq!(names(observe(&mut engine, &[kind(9, "a", "x", 1.0).build()])), ["o"]);
}

#[test]
fn sums_averages_and_percentiles() {
    let list = [("a", "x", 0.0), ("a", "x", 1.0), ("a", "x", 2.0)];
    check("type: value_sum, rules: [a], timespan: 60s, condition: {field: value, gt: 5}", &list, &[3]);
    check("type: value_avg, rules: [a], timespan: 60s, condition: {field: value, gte: 2}", &list, &[3]);
    check(
        "type: value_percentile, rules: [a], timespan: 60s, condition: {field: value, percentile: 50, gte: 2}",
        &list,
        &[3],
    );
}

#[test]
fn late_events_join_the_windows_they_belong_to() {
    let mut engine = engine(&(base() + &correlation("x", COUNT)));
    let late = |number, second, arrival| kind(number, "a", "ann", second).arriving(arrival).build();
    let list = [late(1, 0.0, 0), late(2, 500.0, 500), late(3, 20.0, 501), late(4, 10.0, 502), late(5, 15.0, 503)];
    let findings = observe(&mut engine, &list);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].time, Timestamp::from_seconds(1_700_000_020));
    assert_eq!(
        findings[0].events.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(),
        ["event 1", "event 4", "event 3"]
    );
}

#[test]
fn forged_times_do_not_hide_an_attack() {
    let mut engine = engine(&(base() + &correlation("x", COUNT)));
    let forged = kind(1, "a", "ann", 0.0).dated("2100-01-01T00:00:00Z".parse().unwrap()).build();
    let ahead = kind(2, "a", "ann", 80_000.0).arriving(0).build();
    let past = kind(3, "a", "ann", 0.0).dated(Timestamp::EPOCH).build();
    let plain = (4..6).map(|number| kind(number, "a", "ann", number as f64).build());
    let findings = observe(&mut engine, &[vec![forged, ahead, past], plain.collect()].concat());
    // The one from 2100 counts as of its arrival; with two more it makes three.
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].time, Timestamp::from_seconds(1_700_000_005));
    assert_eq!(engine.counters().times_clamped, 1);
}

#[test]
fn the_same_event_again_counts_once() {
    let mut engine = engine(&(base() + &correlation("x", COUNT)));
    let one = kind(1, "a", "ann", 0.0).build();
    assert_eq!(observe(&mut engine, &[one.clone(), one.clone(), one]), []);
}

#[test]
fn without_the_field_there_is_no_group() {
    let mut engine = engine(&(base() + &correlation("x", COUNT)));
    let bare = |number| event(number, json!({"kind": "a"})).logsource("p", "", "").build();
    let null = |number| event(number, json!({"kind": "a", "user": null})).logsource("p", "", "").build();
    assert_eq!(observe(&mut engine, &[bare(1), bare(2), bare(3), null(4), null(5), null(6)]), []);
    assert_eq!(engine.counters().ungrouped, 6);
    let empty = |number| kind(number, "a", "", 0.0).build();
    assert_eq!(observe(&mut engine, &[empty(7), empty(8), empty(9)]).len(), 1);
}

#[test]
fn tenants_never_meet() {
    let rules = base() + &correlation("x", COUNT) + &correlation("y", "type: temporal, rules: [a, b], timespan: 1h");
    let mut engine = engine(&rules);
    let of = |number: u64, name: &str, tenant: &str| kind(number, name, "ann", number as f64).tenant(tenant).build();
    let list =
        [of(1, "a", "acme"), of(2, "a", "umbrella"), of(3, "b", "initech"), of(4, "a", "acme"), of(5, "a", "umbrella")];
    assert_eq!(observe(&mut engine, &list), []);
    let findings = observe(&mut engine, &[of(6, "a", "acme")]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].tenant.as_str(), "acme");
    assert_eq!(findings[0].event_count, 3);
}

#[test]
fn chains_group_by_their_own_fields_only() {
    let inner = correlation(
        "inner",
        "type: event_count, rules: [a], group-by: [user, host], timespan: 60s, condition: {gte: 2}",
    );
    let outer = correlation("outer", "type: temporal_ordered, rules: [inner, b], group-by: [user], timespan: 10m");
    // The outer one stands before what it rests on.
    let mut engine = engine(&(base() + &outer + &inner));
    let of = |number: u64, name: &str, host: &str| {
        event(number, json!({"kind": name, "user": "ann", "host": host}))
            .logsource("p", "", "")
            .at(number as f64)
            .build()
    };
    let findings = observe(&mut engine, &[of(1, "a", "h1"), of(2, "a", "h1"), of(3, "b", "h2")]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].rule.title, "outer");
    assert_eq!(findings[0].events.len(), 3);
}

#[test]
fn generate_lets_the_rules_speak_too() {
    let rules = base() + &correlation("x", COUNT).replace("correlation:", "generate: true\ncorrelation:");
    let mut engine = engine(&rules);
    let findings = observe(&mut engine, &events(&[("a", "x", 0.0), ("a", "x", 1.0), ("a", "x", 2.0), ("b", "x", 3.0)]));
    let titles: Vec<&str> = findings.iter().map(|finding| finding.rule.title.as_str()).collect();
    assert_eq!(titles, ["a", "a", "a", "x", "b"]);
}

#[test]
fn aliases_name_one_thing_of_two_rules() {
    let body = "type: temporal, rules: [a, b], group-by: [who], timespan: 60s, aliases: {who: {a: user, b: account}}";
    let mut engine = engine(&(base() + &correlation("x", body)));
    let other = event(2, json!({"kind": "b", "account": "ann"})).logsource("p", "", "").at(1.0).build();
    assert_eq!(observe(&mut engine, &[kind(1, "a", "ann", 0.0).build(), other]).len(), 1);
}

#[test]
fn groups_by_envelope_and_key_as_entities() {
    let body = "type: event_count, rules: [a], group-by: [src.ip], timespan: 60s, condition: {gte: 2}";
    let mut engine = engine(&(base() + &correlation("x", body)));
    let of = |number| {
        kind(number, "a", "ann", 0.0)
            .envelope(|envelope| envelope.src.ip = "203.0.113.7".parse().ok())
            .entity(ObservableKind::Ip, "203.0.113.7", EntityRole::Source)
            .entity(ObservableKind::User, "ann", EntityRole::Target)
            .build()
    };
    let findings = observe(&mut engine, &[of(1), of(2)]);
    assert_eq!(findings[0].key.len(), 1);
    assert_eq!(findings[0].key[0], vigie_model::Entity::new(ObservableKind::Ip, "203.0.113.7", EntityRole::Source));
    assert_eq!(findings[0].entities.len(), 2);
}

#[test]
fn a_rule_may_choose_its_alert_key() {
    let rule = "title: t\nid: t\nlogsource: {product: p}\nvigie: {group_by: [user, ip]}\ndetection: {s: {kind: a}, condition: s}";
    let mut engine = engine(rule);
    let of = kind(1, "a", "ann", 0.0)
        .entity(ObservableKind::Ip, "203.0.113.7", EntityRole::Source)
        .entity(ObservableKind::User, "ann", EntityRole::Actor)
        .entity(ObservableKind::Host, "web1", EntityRole::Target);
    let findings = observe(&mut engine, &[of.build()]);
    let key: Vec<String> = findings[0].key.iter().map(ToString::to_string).collect();
    assert_eq!(key, ["ip:203.0.113.7", "user:ann"]);
}

#[test]
fn memory_is_held_within_its_limit() {
    let rules = load(&(base() + &correlation("x", COUNT))).rules;
    let limits = EngineLimits { state_bytes_max: 200_000 };
    let mut engine = Engine::with_limits(rules, limits);
    for number in 0..2_000 {
        let event = kind(number, "a", &format!("user{number}"), 0.0).build();
        assert_eq!(engine.observe(std::slice::from_ref(&event), event.arrival), []);
        assert!(engine.counters().state_bytes < 210_000);
    }
    assert!(engine.counters().groups_evicted > 500);
    let flood: Vec<Event> = (0..10_100).map(|number| kind(number, "a", "ann", 0.0).build()).collect();
    let mut one = Engine::new(load(&(base() + &correlation("x", COUNT))).rules);
    assert_eq!(observe(&mut one, &flood).len(), 1);
    assert_eq!(one.counters().entries_evicted, 100);
}
