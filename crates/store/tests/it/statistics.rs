//! Counts for the overview and for reports.

use vigie_model::{AlertStatus, CaseStatus, Resolution, Severity, TenantScope, Verdict};
use vigie_store::RuleCount;

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
