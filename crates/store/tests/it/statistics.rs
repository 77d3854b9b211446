//! Counts for the overview and for reports.

use std::sync::Arc;

use vigie_model::{AlertStatus, AttackTag, CaseStatus, Resolution, Severity, TenantScope, Verdict};
use vigie_store::{AttackCount, EntityCount, EntityCounts, RuleCount};

use crate::samples::{alert, at, case, only, store};

const DAY: i64 = 86_400;

#[tokio::test]
async fn alerts_are_counted() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    for (name, seconds, severity) in [
        ("r1", 10, Severity::High),
        ("r2", 20, Severity::Low),
        ("r3", DAY, Severity::High),
        ("r4", 9 * DAY, Severity::High),
    ] {
        let mut alert = alert("acme", name, seconds);
        alert.severity = severity;
        if name == "r1" {
            alert.status = AlertStatus::Closed;
            alert.acknowledged = Some(at(seconds + 30));
            alert.closed = Some(at(seconds + 90));
        }
        tx.save_alert(&alert, None).await.unwrap();
    }
    tx.save_alert(&alert("globex", "r1", 10), None).await.unwrap();
    tx.commit().await.unwrap();

    let counts = store.alert_statistics(&only("acme"), at(0), at(7 * DAY)).await.unwrap();
    assert_eq!((counts.total, counts.open, counts.findings), (3, 2, 9));
    assert_eq!(counts.by_severity.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [0, 1, 0, 2, 0]);
    let rule = |name: &str| RuleCount {
        rule: vigie_model::RuleId::new(name).unwrap(),
        title: format!("Rule {name}"),
        alerts: 1,
        findings: 3,
    };
    assert_eq!(counts.by_rule, [rule("r1"), rule("r2"), rule("r3")]);
    // The samples begin at noon.
    assert_eq!(counts.by_day, [(at(-DAY / 2), [0, 1, 0, 1, 0]), (at(DAY / 2), [0, 0, 0, 1, 0])]);
    assert_eq!((counts.mean_acknowledge_s, counts.mean_close_s), (Some(30.0), Some(90.0)));
    assert_eq!(store.alert_statistics(&TenantScope::All, at(0), at(99 * DAY)).await.unwrap().total, 5);
    let none = store.alert_statistics(&TenantScope::Only(vec![]), at(0), at(99 * DAY)).await.unwrap();
    assert_eq!((none.total, none.mean_close_s, none.by_day.len()), (0, None, 0));
}

#[tokio::test]
async fn cases_are_counted() {
    let store = store().await;
    let mut closed = case("acme", 1);
    closed.status = CaseStatus::Closed;
    closed.closed = Some(at(160));
    closed.resolution = Some(Resolution { verdict: Verdict::TruePositive, summary: "done".into() });
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&closed, None).await.unwrap();
    tx.save_case(&case("acme", 2), None).await.unwrap();
    tx.commit().await.unwrap();
    let counts = store.case_statistics(&only("acme"), at(0), at(DAY)).await.unwrap();
    assert_eq!((counts.total, counts.open, counts.mean_close_s), (2, 1, Some(60.0)));
    assert_eq!(counts.by_verdict, [("true_positive".to_owned(), 1)]);
    assert_eq!(store.case_statistics(&only("globex"), at(0), at(DAY)).await.unwrap().total, 0);
}

#[tokio::test]
async fn alerts_are_counted_over_time_by_what_they_tell_and_by_whom_they_are_about() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    for (name, seconds, status) in
        [("r1", 10, AlertStatus::New), ("r2", 20, AlertStatus::InProgress), ("r3", 3_700, AlertStatus::Closed)]
    {
        let mut alert = alert("acme", name, seconds);
        alert.status = status;
        let tags = vigie_model::attack_tags(alert.tags.iter().map(String::as_str));
        Arc::make_mut(&mut alert.rule).attack = tags;
        tx.save_alert(&alert, None).await.unwrap();
    }
    tx.save_alert(&alert("globex", "r1", 10), None).await.unwrap();
    tx.save_case(&case("acme", 1), None).await.unwrap();
    tx.commit().await.unwrap();

    let (day, hour) = ((at(0), at(DAY)), std::time::Duration::from_hours(1));
    let hours = store.alerts_over_time(&only("acme"), day, hour).await.unwrap();
    assert_eq!(hours, [(at(0), [0, 0, 2, 0, 0]), (at(3_600), [0, 0, 1, 0, 0])]);
    assert_eq!(store.alerts_over_time(&only("acme"), (at(11), at(20)), hour).await.unwrap(), []);

    let attack = store.alert_statistics(&only("acme"), at(0), at(DAY)).await.unwrap().by_attack;
    let brute_force = vec![AttackTag::Technique("T1110".into())];
    assert_eq!(attack, [AttackCount { tags: brute_force, alerts: 3 }]);

    let top = store.entity_statistics(&TenantScope::All, day, 10).await.unwrap();
    let shown = |counts: &[EntityCount]| {
        counts.iter().map(|count| format!("{} {} {}", count.kind, count.value, count.alerts)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&top.attackers), ["ip 203.0.113.7 4"]);
    assert_eq!(shown(&top.others), ["host Web-01 4", "ip 2001:db8::7 4"]);
    let two = TenantScope::Only(vec![crate::samples::tenant("acme"), crate::samples::tenant("globex")]);
    assert_eq!(store.entity_statistics(&two, day, 1).await.unwrap().attackers, top.attackers);
    assert_eq!(shown(&store.entity_statistics(&only("acme"), day, 1).await.unwrap().others), ["host Web-01 3"]);
    assert_eq!(store.entity_statistics(&TenantScope::Only(vec![]), day, 9).await.unwrap(), EntityCounts::default());

    let waiting = store.waiting(&TenantScope::All).await.unwrap();
    let acme = &waiting[&crate::samples::tenant("acme")];
    assert_eq!((acme.new_alerts, acme.open_alerts), ([0, 0, 1, 0, 0], [0, 0, 2, 0, 0]));
    assert_eq!(acme.open_cases.iter().sum::<u64>(), 1);
    assert_eq!(store.waiting(&only("globex")).await.unwrap().len(), 1);
}
