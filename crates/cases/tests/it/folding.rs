//! Findings into alerts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vigie_cases::{Fold, QUIET, close_alert, fold};
use vigie_model::{Alert, AlertStatus, Finding, FindingId, Resolution, Severity, Verdict};

use crate::samples::{at, entities, finding, rule, tenant};

const ABOUT: &str = "<ip:203.0.113.7 >host:web-01";

#[test]
fn findings_of_one_rule_and_key_are_one_alert() {
    let rule = rule("SSH_brute_force", Severity::Medium, &["attack.t1110"]);
    let opened = fold(&finding(&rule, ABOUT, 1, 10), None, at(11));
    assert_eq!(opened.expected_version(), None);
    let first = opened.into_alert();
    assert_eq!(first.title, "SSH brute force: 203.0.113.7 → web-01");
    assert_eq!((first.severity, first.generation, first.version, first.count), (Severity::Medium, 1, 1, 1));
    assert_eq!(first.tags, ["attack.t1110"]);

    let mut later = finding(&rule, ABOUT, 2, 70);
    later.entities.extend(entities("user:root"));
    let joined = fold(&later, Some(&first), at(71));
    assert_eq!(joined.expected_version(), Some(1));
    let Fold::Joined(second) = joined else { panic!("opened") };
    assert_eq!((second.id, second.count, second.version), (first.id, 2, 1), "the version is people's");
    assert_eq!((second.first_seen, second.last_seen, second.last_finding), (at(10), at(70), at(71)));
    assert_eq!(second.samples.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["event 1", "event 2"]);
    assert!(second.entities.contains(&entities("user:root")[0]));
    assert_eq!(second.key, first.key);
}

/// Says whether a finding that happened and arrived at these seconds joins an alert that happened and arrived at 0.
#[track_caller]
fn check(happened: i64, arrived: i64, joins: bool) {
    let rule = rule("r", Severity::Low, &[]);
    let first = fold(&finding(&rule, ABOUT, 1, 0), None, at(0)).into_alert();
    let fold = fold(&finding(&rule, ABOUT, 2, happened), Some(&first), at(arrived));
    assert_eq!(matches!(fold, Fold::Joined(_)), joins);
    assert_eq!(fold.alert().generation, if joins { 1 } else { 2 });
    assert_eq!(fold.alert().id == first.id, joins);
}

#[test]
fn a_quiet_day_ends_an_alert() {
    let day = i64::try_from(QUIET.as_secs()).unwrap();
    check(day - 1, day - 1, true);
    check(day, day, false);
    // Old logs, read within a minute.
    check(day - 1, 1, true);
    check(day, 1, false);
    // A late one joins, one that arrives after a day of silence does not, whenever it happened.
    check(-9 * day, 1, true);
    check(1, day, false);
}

#[test]
fn a_closed_alert_is_not_joined() {
    let rule = rule("r", Severity::Low, &[]);
    let first = fold(&finding(&rule, ABOUT, 1, 0), None, at(0)).into_alert();
    let resolution = Resolution { verdict: Verdict::Benign, summary: String::new() };
    let closed = close_alert(&first, resolution, at(5)).unwrap();
    let Fold::Opened(second) = fold(&finding(&rule, ABOUT, 2, 6), Some(&closed), at(6)) else { panic!("joined") };
    assert_eq!((second.generation, second.status, second.count), (2, AlertStatus::New, 1));
}

#[test]
fn an_alert_of_somebody_else_is_never_joined() {
    let one = rule("r", Severity::Low, &[]);
    let first = fold(&finding(&one, ABOUT, 1, 0), None, at(0)).into_alert();
    let mut foreign = finding(&one, ABOUT, 2, 1);
    foreign.tenant = tenant("globex");
    let other_rule = finding(&rule("s", Severity::Low, &[]), ABOUT, 2, 1);
    let other_key = finding(&one, "<ip:203.0.113.8", 2, 1);
    for finding in [foreign, other_rule, other_key] {
        let Fold::Opened(alert) = fold(&finding, Some(&first), at(1)) else { panic!("joined") };
        assert_eq!((&alert.tenant, alert.generation), (&finding.tenant, 1));
        assert_ne!(alert.id, first.id);
    }
}

#[test]
fn an_alert_that_grows_without_end_stays_small() {
    let rule = rule("r", Severity::Low, &[]);
    let mut alert: Option<Alert> = None;
    for number in 0..300 {
        let mut finding = finding(&rule, ABOUT, number, i64::try_from(number).unwrap());
        finding.entities.extend(entities(&format!("user:u{number} @user:a{number}")));
        alert = Some(fold(&finding, alert.as_ref(), at(0)).into_alert());
    }
    let alert = alert.unwrap();
    assert_eq!((alert.count, alert.entities.len()), (300, Alert::ENTITIES_MAX));
    assert!(alert.key.iter().all(|entity| alert.entities.contains(entity)), "the key stays");
    let messages: Vec<&str> = alert.samples.iter().map(|event| event.message.as_str()).collect();
    assert_eq!(messages[..5], ["event 0", "event 1", "event 2", "event 3", "event 4"]);
    assert_eq!(messages[5..], ["event 295", "event 296", "event 297", "event 298", "event 299"]);
}

/// A store in small: findings are known once, and the latest generation is found.
#[derive(Default)]
struct Shelf {
    known: BTreeSet<FindingId>,
    alerts: BTreeMap<String, Vec<Alert>>,
}

impl Shelf {
    fn take(&mut self, finding: &Finding, now: i64) {
        let series = self.alerts.entry(Alert::series(&finding.tenant, &finding.rule.id, &finding.key)).or_default();
        if !self.known.insert(finding.id) {
            return;
        }
        match fold(finding, series.last(), at(now)) {
            Fold::Opened(alert) => series.push(alert),
            Fold::Joined(alert) => *series.last_mut().unwrap() = alert,
        }
    }

    fn all(&self) -> Vec<&Alert> {
        self.alerts.values().flatten().collect()
    }
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    let one = (0..3_usize, 0..2_usize, 0..200_u64, 0..20_000_i64, any::<bool>());
    prop::collection::vec(one, 1..60).prop_map(|picks| {
        let abouts = ["<ip:203.0.113.7", "<ip:203.0.113.8 >host:web-01", "@user:ann"];
        let rules = [rule("r", Severity::Low, &[]), rule("s", Severity::High, &[])];
        picks
            .into_iter()
            .map(|(about, which, number, seconds, foreign)| {
                let mut finding = finding(&rules[which], abouts[about], number, seconds);
                if foreign {
                    finding.tenant = tenant("globex");
                }
                let events: Vec<_> = finding.events.iter().map(|event| event.id).collect();
                // The same event is of the same time, or it would not be the same finding.
                finding.id = Finding::id_of(&finding.tenant, &finding.rule.id, &events);
                finding
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Taken again, from the start, findings change nothing.
    #[test]
    fn a_replay_changes_nothing(findings in any_findings()) {
        let mut shelf = Shelf::default();
        for finding in &findings {
            shelf.take(finding, 0);
        }
        let before: Vec<Alert> = shelf.all().into_iter().cloned().collect();
        for finding in &findings {
            shelf.take(finding, 60);
        }
        prop_assert_eq!(before.iter().collect::<Vec<_>>(), shelf.all());
    }

    /// Within a day, what an alert says does not depend on the order in which its findings came.
    #[test]
    fn the_order_does_not_matter(findings in any_findings(), seed in any::<u64>()) {
        let mut unique: BTreeMap<FindingId, Finding> = BTreeMap::new();
        for finding in findings {
            unique.entry(finding.id).or_insert(finding);
        }
        let forwards: Vec<Finding> = unique.into_values().collect();
        let mut shuffled = forwards.clone();
        shuffled.sort_by_key(|finding| (u64::from(finding.id.as_bytes()[0]).wrapping_mul(seed | 1) >> 3, finding.id));
        let told = |findings: &[Finding]| {
            let mut shelf = Shelf::default();
            for finding in findings {
            shelf.take(finding, 0);
        }
            shelf.all().into_iter().map(|alert| {
                (alert.id, alert.count, alert.first_seen, alert.last_seen, alert.entities.clone(), alert.samples.clone())
            }).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&forwards), told(&shuffled));
    }

    /// Every finding is counted once, in an alert of its own tenant, rule and key.
    #[test]
    fn every_finding_is_counted_once_at_home(findings in any_findings()) {
        let mut shelf = Shelf::default();
        for finding in &findings {
            shelf.take(finding, 0);
        }
        let total: u64 = shelf.all().iter().map(|alert| alert.count).sum();
        prop_assert_eq!(total, shelf.known.len() as u64);
        for alert in shelf.all() {
            let at_home = findings.iter().any(|finding| {
                finding.tenant == alert.tenant && finding.rule.id == alert.rule.id && finding.key == alert.key
            });
            prop_assert!(at_home);
        }
    }
}
