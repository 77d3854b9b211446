//! Batches, dead letters and indicators.

use vigie_model::{Actor, HoldId, LegalHold, TenantScope};
use vigie_store::{DeadLetterCount, IndicatorList, Listing};

use crate::samples::{at, indicator, letter, only, store, tenant};

#[tokio::test]
async fn a_batch_is_remembered_until_its_time_is_over() {
    let store = store().await;
    let (acme, result) = (tenant("acme"), serde_json::json!({"accepted": 3}));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.record_batch(&acme, "b1", &result, at(0), at(60)).await.unwrap());
    assert!(!tx.record_batch(&acme, "b1", &serde_json::json!({}), at(59), at(90)).await.unwrap());
    assert!(tx.record_batch(&tenant("globex"), "b1", &result, at(0), at(60)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.batch(&acme, "b1", at(59)).await.unwrap(), Some(result.clone()));
    assert_eq!(store.batch(&acme, "b1", at(60)).await.unwrap(), None);
    assert_eq!(store.batch(&acme, "b2", at(0)).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.record_batch(&acme, "b1", &result, at(60), at(120)).await.unwrap(), "a new one of an old name");
    assert_eq!(tx.expire_batches(at(60)).await.unwrap(), 1);
}

#[tokio::test]
async fn dead_letters_are_kept_once() {
    let store = store().await;
    let letters = [letter("acme", 1), letter("acme", 2), letter("globex", 1)];
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.insert_dead_letters(&letters).await.unwrap(), 3);
    assert_eq!(tx.insert_dead_letters(&letters[..2]).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let page = store.dead_letters(&only("acme"), &Listing::default()).await.unwrap();
    assert_eq!(page.rows, [letters[1].clone(), letters[0].clone()]);
    let count = DeadLetterCount {
        tenant: tenant("acme"),
        source: letters[0].source.clone(),
        code: "json_syntax".into(),
        count: 2,
    };
    assert_eq!(store.dead_letter_counts(&only("acme")).await.unwrap(), [count]);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.prune_dead_letters(at(2)).await.unwrap(), 2);
}

#[tokio::test]
async fn indicators_come_and_go_in_lists() {
    let store = store().await;
    let many: Vec<_> = (0..1_201).map(|number| indicator("acme", "feed", &format!("2001:db8::{number:x}"))).collect();
    let mut tx = store.begin().await.unwrap();
    tx.upsert_indicators(&many).await.unwrap();
    let mut changed = many[0].clone();
    changed.confidence = 10;
    tx.upsert_indicators(&[changed.clone(), indicator("acme", "own", "203.0.113.7")]).await.unwrap();
    tx.upsert_indicators(&[indicator("globex", "feed", "203.0.113.7")]).await.unwrap();
    tx.commit().await.unwrap();
    let lists = store.indicator_lists(&only("acme")).await.unwrap();
    let list = |name: &str, count| IndicatorList { tenant: tenant("acme"), name: name.into(), count };
    assert_eq!(lists, [list("feed", 1_201), list("own", 1)]);
    let mut all = Vec::new();
    loop {
        let page =
            store.indicators_of(&tenant("acme"), all.last().map(|last: &vigie_model::Indicator| last.id), 500).await;
        let page = page.unwrap();
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    assert_eq!(all.len(), 1_202);
    assert!(all.contains(&changed) && !all.contains(&many[0]));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.delete_list(&tenant("acme"), "feed").await.unwrap(), 1_201);
    tx.commit().await.unwrap();
    assert_eq!(store.indicators(&only("acme"), &Listing::default()).await.unwrap().total, 1);
    assert_eq!(store.indicators(&only("globex"), &Listing::default()).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_hold_is_in_force_until_it_is_lifted_by_somebody_who_sees_it() {
    let store = store().await;
    let hold = |number: u8, name: &str| LegalHold {
        id: HoldId::from_bytes([number; 16]),
        tenant: tenant(name),
        from: Some(at(0)),
        until: None,
        reason: "case 7".into(),
        placed_by: Actor::User("ann".into()),
        created: at(i64::from(number)),
    };
    let mut tx = store.begin().await.unwrap();
    for (number, name) in [(2, "acme"), (1, "acme"), (3, "globex")] {
        tx.place_hold(&hold(number, name)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.legal_holds(&only("acme")).await.unwrap(), [hold(1, "acme"), hold(2, "acme")]);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.lift_hold(&only("globex"), HoldId::from_bytes([1; 16])).await.unwrap(), None);
    assert_eq!(tx.lift_hold(&only("acme"), HoldId::from_bytes([1; 16])).await.unwrap(), Some(hold(1, "acme")));
    tx.commit().await.unwrap();
    assert_eq!(store.legal_holds(&TenantScope::All).await.unwrap(), [hold(2, "acme"), hold(3, "globex")]);
}
