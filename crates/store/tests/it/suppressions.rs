//! Suppressions: what is recorded once, what is counted, and what is forgotten.

use std::time::Duration;

use vigie_model::{Actor, Suppression, SuppressionId, TenantScope};
use vigie_store::SUPPRESSIONS_MAX;

use crate::samples::{alert, at, finding, store, tenant};

fn suppression(number: u16, of: Option<&str>) -> Suppression {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    Suppression {
        id: SuppressionId::from_bytes(id),
        tenant: of.map(tenant),
        rule: None,
        conditions: Vec::new(),
        reason: "known".into(),
        created_by: Actor::User("ann".into()),
        created: at(0),
        expires: at(100),
    }
}

#[tokio::test]
async fn a_finding_is_in_an_alert_or_suppressed_and_counted_once() {
    let store = store().await;
    let (alert, by) = (alert("acme", "a", 0), suppression(1, None));
    let (raised, held) = (finding(&alert, 1), finding(&alert, 2));
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&alert, None).await.unwrap();
    assert!(tx.insert_finding(&raised, alert.id).await.unwrap());
    assert!(tx.place_suppression(&by).await.unwrap());
    assert!(!tx.suppress_finding(&raised, by.id, at(1)).await.unwrap(), "it is in an alert");
    assert!(tx.suppress_finding(&held, by.id, at(1)).await.unwrap());
    assert!(!tx.suppress_finding(&held, by.id, at(2)).await.unwrap(), "a replay");
    let before = tx.suppressed_before(&[raised.clone(), held.clone()]).await.unwrap();
    assert_eq!(before.into_iter().collect::<Vec<_>>(), [held.id]);
    tx.commit().await.unwrap();
    let all = store.suppressions(&TenantScope::All).await.unwrap();
    assert_eq!((all.len(), all[0].count, all[0].last), (1, 1, Some(at(1))));
    assert_eq!(store.suppressed_findings(&TenantScope::All, by.id, 10).await.unwrap(), std::slice::from_ref(&held));

    // What is kept for long is forgotten, and so is what ended before.
    let mut tx = store.begin().await.unwrap();
    let much_later = at(0).plus(Duration::from_hours(24 * 100));
    assert_eq!(tx.prune_suppressed(at(1), much_later).await.unwrap(), 0);
    assert_eq!(tx.prune_suppressed(at(101), much_later).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(store.suppressions(&TenantScope::All).await.unwrap().is_empty());
}

#[tokio::test]
async fn so_many_may_be_in_force() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    let max = u16::try_from(SUPPRESSIONS_MAX).unwrap();
    for number in 0..max {
        assert!(tx.place_suppression(&suppression(number, Some("acme"))).await.unwrap());
    }
    assert!(!tx.place_suppression(&suppression(max, Some("acme"))).await.unwrap());
    assert_eq!(tx.suppressions_in_force(at(99)).await.unwrap().len(), SUPPRESSIONS_MAX);
    assert!(tx.suppressions_in_force(at(100)).await.unwrap().is_empty());
    // Those that are over do not count.
    let later = Suppression { created: at(100), expires: at(200), ..suppression(max, Some("acme")) };
    assert!(tx.place_suppression(&later).await.unwrap());
    tx.commit().await.unwrap();
}
