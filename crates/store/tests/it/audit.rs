//! The audit log and its chain.

use sqlx::Connection as _;
use vigie_model::{Actor, AuditHash, ObjectKind, TenantScope, Verb};
use vigie_store::{AuditNote, Chain, Listing, Store};

use crate::samples::{at, know, only, tenant};

fn note(number: i64) -> AuditNote {
    AuditNote {
        at: at(number),
        tenant: (number % 2 == 0).then(|| tenant("acme")),
        actor: Actor::User("ann".into()),
        verb: Verb::SignInFailed,
        object: ObjectKind::ApiKey,
        object_id: format!("object {number}"),
        details: serde_json::json!({"z": number, "a": {"c": 1.5, "b": [null]}}),
    }
}

/// Writes ten rows, lets somebody at the file, and returns what the check finds.
async fn check(tamper: &'static str) -> Chain {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    for number in 1..=10 {
        assert_eq!(tx.audit(&note(number)).await.unwrap().sequence, u64::try_from(number).unwrap());
    }
    tx.commit().await.unwrap();
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(tamper).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = Store::open(&path).await.unwrap();
    let chain = store.verify_chain().await.unwrap();
    if chain.broken.is_none() {
        // The chain goes on where it ended.
        let mut tx = store.begin().await.unwrap();
        let entry = tx.audit(&note(11)).await.unwrap();
        assert_eq!((entry.sequence, entry.previous), (chain.rows + 1, chain.head.clone()));
        tx.commit().await.unwrap();
        assert_eq!(store.verify_chain().await.unwrap().rows, chain.rows + 1);
    }
    chain
}

#[tokio::test]
async fn the_chain_holds_until_somebody_changes_a_row() {
    assert_eq!(check("SELECT 1").await.broken, None);
    assert_eq!(
        check("UPDATE audit SET details = replace(details, '1.5', '1.6') WHERE sequence = 4").await.broken,
        Some(4)
    );
    assert_eq!(check("UPDATE audit SET actor = replace(actor, 'ann', 'bob') WHERE sequence = 7").await.broken, Some(7));
    assert_eq!(check("UPDATE audit SET salt = actor_salt WHERE sequence = 3").await.broken, Some(3));
    assert_eq!(check("UPDATE audit SET actor_hash = details_hash WHERE sequence = 3").await.broken, Some(3));
    assert_eq!(check("UPDATE audit SET at = at + 1 WHERE sequence = 1").await.broken, Some(1));
    assert_eq!(check("UPDATE audit SET tenant = NULL WHERE sequence = 2").await.broken, Some(2));
    assert_eq!(check("UPDATE audit SET verb = 'nonsense' WHERE sequence = 6").await.broken, Some(6));
    assert_eq!(check("DELETE FROM audit WHERE sequence = 5").await.broken, Some(5));
    assert_eq!(check("DELETE FROM audit WHERE sequence = 1").await.broken, Some(1));
    let swapped = "UPDATE audit SET sequence = 99 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4;
                   UPDATE audit SET sequence = 4 WHERE sequence = 99";
    assert_eq!(check(swapped).await.broken, Some(3));
}

/// A float that reads back as another one would break the chain by itself.
#[tokio::test]
async fn floats_do_not_break_the_chain() {
    let store = crate::samples::store().await;
    let mut tx = store.begin().await.unwrap();
    let mut float = 0.1_f64;
    for number in 0..500 {
        float = (float * 1.37 + 1.0 / 3.0).rem_euclid(1e9);
        let details = serde_json::json!({"score": float, "tiny": float * 1e-300, "sum": 0.1 + 0.2});
        tx.audit(&AuditNote { details, ..note(number) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.verify_chain().await.unwrap().broken, None);
}

#[tokio::test]
async fn rows_cut_off_the_end_show_in_the_head() {
    let (whole, cut) = (check("SELECT 1").await, check("DELETE FROM audit WHERE sequence > 8").await);
    assert_eq!((cut.broken, cut.rows), (None, 8));
    assert_ne!(whole.head, cut.head);
    let empty = check("DELETE FROM audit").await;
    assert_eq!(empty, Chain { rows: 0, head: AuditHash::genesis(), broken: None, erased: 0 });
}

#[tokio::test]
async fn rows_of_no_tenant_are_for_those_who_see_all() {
    let store = crate::samples::store().await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=10 {
        tx.audit(&note(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let page = store.audit(&TenantScope::All, &Listing::first(3)).await.unwrap();
    assert_eq!(page.rows.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [10, 9, 8]);
    let page = store.audit(&TenantScope::All, &Listing::first(100).after(page.next)).await.unwrap();
    assert_eq!((page.rows.len(), page.rows[0].sequence, page.next), (7, 7, None));
    assert_eq!(store.audit(&only("acme"), &Listing::default()).await.unwrap().total, 5);
    assert_eq!(store.audit(&only("globex"), &Listing::default()).await.unwrap().total, 0);
}
