//! Findings and alerts.

use vigie_model::{
    AlertId, AlertOrigin, AlertStatus, CaseId, ObjectKind, Observable, ObservableKind, TenantScope, Timestamp,
};
use vigie_store::{Sharing, Store, StoreError};

use crate::samples::{alert, at, case, finding, only, store, tenant};

#[tokio::test]
async fn an_alert_comes_back_as_it_was_saved() {
    let store = store().await;
    let saved = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&saved, None).await.unwrap();
    assert_eq!(tx.alert(&only("acme"), saved.id).await.unwrap().as_ref(), Some(&saved));
    assert_eq!(store.alert(&only("acme"), saved.id).await.unwrap(), None, "not committed yet");
    tx.commit().await.unwrap();
    assert_eq!(store.alert(&only("acme"), saved.id).await.unwrap().as_ref(), Some(&saved));
    assert_eq!(store.alert(&TenantScope::All, saved.id).await.unwrap().as_ref(), Some(&saved));
    assert_eq!(store.alert(&only("globex"), saved.id).await.unwrap(), None);
    assert_eq!(store.alert(&TenantScope::Only(vec![]), saved.id).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let store = store().await;
    let saved = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&saved, None).await.unwrap();
    drop(tx);
    assert_eq!(store.alert(&TenantScope::All, saved.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_finding_is_new_once() {
    let store = store().await;
    let saved = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    // The finding may come before its alert.
    assert!(tx.insert_finding(&finding(&saved, 1), saved.id).await.unwrap());
    tx.save_alert(&saved, None).await.unwrap();
    assert!(tx.insert_finding(&finding(&saved, 2), saved.id).await.unwrap());
    assert!(!tx.insert_finding(&finding(&saved, 1), saved.id).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.insert_finding(&finding(&saved, 2), saved.id).await.unwrap());
    drop(tx);
    let found = store.findings_of(&only("acme"), saved.id, 10).await.unwrap();
    assert_eq!(found, [finding(&saved, 2), finding(&saved, 1)]);
    assert_eq!(store.findings_of(&only("globex"), saved.id, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_finding_without_an_alert_is_refused_at_the_end() {
    let store = store().await;
    let lost = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    tx.insert_finding(&finding(&lost, 1), lost.id).await.unwrap();
    assert!(tx.commit().await.is_err());
    assert_eq!(store.findings_of(&TenantScope::All, lost.id, 10).await.unwrap(), []);
}

#[tokio::test]
async fn an_unknown_tenant_is_refused() {
    let store = Store::open_temporary().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.save_alert(&alert("acme", "r1", 0), None).await, Err(StoreError::Database { .. })));
}

#[tokio::test]
async fn the_latest_generation_is_found() {
    let store = store().await;
    let first = alert("acme", "r1", 100);
    let mut second = first.clone();
    second.generation = 2;
    second.id = vigie_model::Alert::id_of(&second.tenant, &second.rule.id, &second.key, 2, second.created);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&second, None).await.unwrap();
    tx.save_alert(&first, None).await.unwrap();
    let latest = tx.latest_alert(&first.tenant, &first.rule.id, &first.key).await.unwrap();
    assert_eq!(latest.as_ref(), Some(&second));
    assert_eq!(tx.latest_alert(&first.tenant, &first.rule.id, &[]).await.unwrap(), None);
    assert_eq!(tx.latest_alert(&crate::samples::tenant("globex"), &first.rule.id, &first.key).await.unwrap(), None);
}

#[tokio::test]
async fn the_second_of_two_changes_is_told_of_the_conflict() {
    let store = store().await;
    let saved = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&saved, None).await.unwrap();
    let mut changed = saved.clone();
    changed.version = 2;
    changed.status = AlertStatus::InProgress;
    tx.save_alert(&changed, Some(1)).await.unwrap();
    let error = tx.save_alert(&changed, Some(1)).await.unwrap_err();
    let StoreError::Conflict { object: ObjectKind::Alert, expected: 1, found: Some(2), .. } = error else {
        panic!("{error}")
    };
    assert!(matches!(tx.save_alert(&saved, None).await, Err(StoreError::Exists { .. })));
    let lost = alert("acme", "r2", 0);
    let error = tx.save_alert(&lost, Some(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { found: None, .. }), "{error}");
    tx.commit().await.unwrap();
    assert_eq!(store.alert(&only("acme"), saved.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn alerts_are_found_by_what_they_share() {
    let store = store().await;
    let (first, second, other) = (alert("acme", "r1", 100), alert("acme", "r2", 200), alert("globex", "r1", 100));
    let mut tx = store.begin().await.unwrap();
    for alert in [&first, &second, &other] {
        tx.save_alert(alert, None).await.unwrap();
    }
    // The entities of an alert follow it.
    let mut moved = second.clone();
    moved.entities.retain(|entity| entity.kind == ObservableKind::Host);
    moved.version = 2;
    tx.save_alert(&moved, Some(1)).await.unwrap();
    let sharing = |value: &str, since: Timestamp, statuses: &[AlertStatus]| Sharing {
        values: vec![(ObservableKind::Ip, value.into()), (ObservableKind::Domain, "nowhere.example".into())],
        since,
        statuses: statuses.to_vec(),
        limit: 10,
    };
    let mut ids = async |sharing: Sharing| -> Vec<_> {
        tx.alerts_sharing(&only("acme"), &sharing).await.unwrap().iter().map(|alert| alert.id).collect()
    };
    assert_eq!(ids(sharing("203.0.113.7", Timestamp::MIN, &[])).await, [first.id]);
    assert_eq!(ids(sharing("203.0.113.7", at(101), &[])).await, []);
    assert_eq!(ids(sharing("203.0.113.7", at(100), &[AlertStatus::Closed])).await, []);
    assert_eq!(ids(sharing("203.0.113.7", at(100), &[AlertStatus::Closed, AlertStatus::New])).await, [first.id]);
    let hosts = Sharing { values: vec![(ObservableKind::Host, "Web-01".into())], ..sharing("", at(0), &[]) };
    assert_eq!(ids(hosts).await, [second.id, first.id]);
    let none = Sharing { values: Vec::new(), ..sharing("", at(0), &[]) };
    assert_eq!(ids(none).await, []);
    tx.commit().await.unwrap();
    let all = store.alerts_sharing(&TenantScope::All, &sharing("203.0.113.7", Timestamp::MIN, &[])).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn an_alert_of_a_case_that_is_not_there_is_refused_at_the_end() {
    let store = store().await;
    let mut lost = alert("acme", "r1", 100);
    lost.case = Some(CaseId::from_bytes([1; 16]));
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&lost, None).await.unwrap();
    assert!(tx.commit().await.is_err());
    // In one transaction the alert may come before its case.
    let case = case("acme", 1);
    lost.case = Some(case.id);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&lost, None).await.unwrap();
    tx.save_case(&case, None).await.unwrap();
    tx.commit().await.unwrap();
}

/// Twenty analysts change one alert at the same time, each until it worked: no change is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_lose_nothing() {
    let store = store().await;
    let saved = alert("acme", "r1", 100);
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&saved, None).await.unwrap();
    tx.commit().await.unwrap();
    let editors = (0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            loop {
                let mut alert = store.alert(&TenantScope::All, saved_id()).await.unwrap().unwrap();
                let seen = alert.version;
                alert.tags.push(format!("editor-{number}"));
                alert.version += 1;
                let mut tx = store.begin().await.unwrap();
                match tx.save_alert(&alert, Some(seen)).await {
                    Ok(()) => break tx.commit().await.unwrap(),
                    Err(StoreError::Conflict { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        })
    });
    for editor in editors.collect::<Vec<_>>() {
        editor.await.unwrap();
    }
    let alert = store.alert(&TenantScope::All, saved_id()).await.unwrap().unwrap();
    assert_eq!((alert.version, alert.tags.len()), (21, 22));
}

fn saved_id() -> vigie_model::AlertId {
    alert("acme", "r1", 100).id
}

fn from_elsewhere(reference: &str, id: u8) -> vigie_model::Alert {
    let origin = AlertOrigin { kind: "siem".into(), source: "sensor".into(), reference: reference.into(), link: None };
    let id = AlertId::from_bytes([id; 16]);
    vigie_model::Alert { id, key: Vec::new(), origin: Some(origin), ..alert("acme", "r1", 100) }
}

#[tokio::test]
async fn a_tenant_has_one_alert_of_an_origin() {
    let store = store().await;
    let (first, second) = (from_elsewhere("a", 1), from_elsewhere("b", 2));
    let mut tx = store.begin().await.unwrap();
    tx.save_alert(&first, None).await.unwrap();
    tx.save_alert(&second, None).await.unwrap();
    let error = tx.save_alert(&from_elsewhere("a", 3), None).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { object: ObjectKind::Alert, .. }), "{error}");
    let moved = vigie_model::Alert { origin: first.origin.clone(), version: 2, ..second.clone() };
    let error = tx.save_alert(&moved, Some(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { object: ObjectKind::Alert, .. }), "{error}");
    let origin = first.origin.unwrap();
    let (acme, globex) = (first.tenant, tenant("globex"));
    assert_eq!(tx.alert_of_origin(&acme, &origin).await.unwrap().map(|alert| alert.id), Some(first.id));
    assert_eq!(tx.alert_of_origin(&globex, &origin).await.unwrap(), None);
    let origin = AlertOrigin { reference: "c".into(), ..origin };
    let moved = vigie_model::Alert { origin: Some(origin.clone()), version: 2, ..second };
    tx.save_alert(&moved, Some(1)).await.unwrap();
    assert_eq!(tx.alert_of_origin(&acme, &origin).await.unwrap(), Some(moved));
}

#[tokio::test]
async fn objects_are_counted_by_what_they_are_on() {
    let store = store().await;
    let (one, two) = (alert("acme", "r1", 100), alert("acme", "r2", 200));
    let mut tx = store.begin().await.unwrap();
    for saved in [&one, &two, &alert("globex", "r3", 300)] {
        tx.save_alert(saved, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    let ids = [one.id, two.id, AlertId::from_bytes([9; 16])].map(|id| id.to_string());
    let (acme, globex) = (only("acme"), only("globex"));
    let counted = store.count_by::<Observable>(&acme, "alert", &ids).await.unwrap();
    let expected = [&one, &two].map(|alert| (alert.id.to_string(), alert.entities.len() as u64));
    assert_eq!(counted, std::collections::HashMap::from(expected));
    assert_eq!(store.count_by::<Observable>(&globex, "alert", &ids).await.unwrap().len(), 0);
    assert!(store.count_by::<Observable>(&acme, "value", &ids).await.is_err());
}
