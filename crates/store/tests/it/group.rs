//! Changes that share a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use vigie_model::{Actor, Alert, CaseId, Filter, ObservableKind, Selection, TenantScope};
use vigie_store::{Author, GROUP_MAX, Store, StoreError};

use crate::samples::{alert, at, case, observable, only, store};

/// What a change of the crowd does.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// Saves its alert.
    Well,
    /// Saves its alert and then says that it went wrong.
    Refuses,
    /// Saves its alert and panics.
    Panics,
    /// Saves an alert of a case that there is not, which only the commit notices.
    Lies,
}

/// Lets as many callers make a change at the same time, and returns which of them were told that it is done.
async fn crowd(store: &Store, all: &[Does]) -> Vec<bool> {
    let tasks: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(number, does)| {
            let (store, does, mut alert) = (store.clone(), *does, alert("acme", &format!("r{number}"), 0));
            if does == Does::Lies {
                alert.case = Some(CaseId::from_bytes([1; 16]));
            }
            tokio::spawn(async move {
                let saved = store.grouped(move |tx| {
                    let alert = alert.clone();
                    async move {
                        tx.save_alert(&alert, None).await?;
                        match does {
                            Does::Well | Does::Lies => Ok(()),
                            Does::Refuses => Err(StoreError::Query(vigie_store::QueryError::BadCursor)),
                            Does::Panics => panic!("as it should"),
                        }
                    }
                    .boxed()
                });
                saved.await.is_ok()
            })
        })
        .collect();
    let mut told = Vec::new();
    for task in tasks {
        told.push(task.await.unwrap_or(false));
    }
    told
}

/// Checks that those who did well were told so and are there, and the others were not and are not.
async fn check(all: Vec<Does>) {
    let store = store().await;
    let told = crowd(&store, &all).await;
    for (number, (does, told)) in all.iter().zip(told).enumerate() {
        let saved = store.alert(&TenantScope::All, alert("acme", &format!("r{number}"), 0).id).await.unwrap();
        assert_eq!((told, saved.is_some()), (*does == Does::Well, *does == Does::Well), "change {number}");
    }
    // It goes on.
    assert_eq!(crowd(&store, &[Does::Lies; 1]).await, [false]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_takes_back_its_own_part_only() {
    check(vec![Does::Well]).await;
    check(vec![Does::Refuses]).await;
    check(vec![Does::Lies]).await;
    check(vec![Does::Panics]).await;
    let mixed =
        |other: Does| (0..40).map(|number| if number % 7 == 3 { other } else { Does::Well }).collect::<Vec<_>>();
    check(mixed(Does::Well)).await;
    check(mixed(Does::Refuses)).await;
    check(mixed(Does::Panics)).await;
    check(mixed(Does::Lies)).await;
    check([Does::Well, Does::Refuses, Does::Panics, Does::Lies].repeat(12)).await;
}

/// While one transaction is open, others wait; then each is done once, and sees those before it.
#[tokio::test]
async fn those_who_wait_share_a_commit() {
    let store = store().await;
    let open = store.begin().await.unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let callers = (0..GROUP_MAX + 10).map(|number| {
        let (store, calls) = (store.clone(), Arc::clone(&calls));
        tokio::spawn(async move {
            let grouped = store.grouped(move |tx| {
                let alert = alert("acme", &format!("r{number}"), 0);
                calls.fetch_add(1, Ordering::SeqCst);
                async move {
                    tx.save_alert(&alert, None).await?;
                    Ok::<_, StoreError>(
                        tx.select::<Alert>(&only("acme"), &Selection::of(Filter::All, 1_000)).await?.len(),
                    )
                }
                .boxed()
            });
            grouped.await.unwrap()
        })
    });
    let callers: Vec<_> = callers.collect();
    tokio::task::yield_now().await;
    drop(open);
    let mut seen = Vec::new();
    for caller in callers {
        seen.push(caller.await.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=GROUP_MAX + 10).collect::<Vec<_>>());
    assert_eq!(calls.load(Ordering::SeqCst) as usize, GROUP_MAX + 10, "each was made once");
}

/// A caller that goes away takes nobody with it, and the queue is served afterwards.
#[tokio::test]
async fn a_caller_that_goes_away_harms_nobody() {
    let store = store().await;
    let open = store.begin().await.unwrap();
    let save = |number: u32| {
        let store = store.clone();
        async move {
            store
                .grouped(move |tx| {
                    let alert = alert("acme", &format!("r{number}"), 0);
                    async move { tx.save_alert(&alert, None).await }.boxed()
                })
                .await
        }
    };
    let (first, second) = (tokio::spawn(save(1)), tokio::spawn(save(2)));
    tokio::task::yield_now().await;
    first.abort();
    drop(open);
    second.await.unwrap().unwrap();
    save(3).await.unwrap();
    assert!(store.alert(&TenantScope::All, alert("acme", "r2", 0).id).await.unwrap().is_some());
    assert!(store.alert(&TenantScope::All, alert("acme", "r3", 0).id).await.unwrap().is_some());
}

#[tokio::test]
async fn many_objects_are_made_in_one_go_with_a_row_in_the_log_each() {
    let store = store().await;
    let actor = Actor::User("ann".into());
    let author = Author { actor: &actor, now: at(5) };
    let case = case("acme", 1);
    let all: Vec<_> =
        (0..200).map(|number| observable(&case, ObservableKind::Ip, &format!("203.0.113.{number}"))).collect();
    let mut tx = store.begin().await.unwrap();
    tx.save_case(&case, None).await.unwrap();
    tx.create_all(&all, author).await.unwrap();
    tx.commit().await.unwrap();
    let file = store.case_file(&only("acme"), case.id).await.unwrap().unwrap();
    assert_eq!(file.observables.len(), 200);
    for stored in &file.observables {
        assert!(all.contains(stored));
    }
    let log = store.audit(&TenantScope::All, &vigie_store::Listing::first(500)).await.unwrap();
    let mut ids: Vec<_> = log.rows.iter().rev().map(|entry| entry.object_id.clone()).collect();
    assert_eq!(ids, all.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
    ids.dedup();
    assert_eq!((ids.len(), store.verify_chain().await.unwrap().broken), (200, None));
    // One of many that is there already, or twice: it is named, and nothing is kept.
    let new = |value: &str| observable(&case, ObservableKind::Ip, value);
    for (many, named) in [
        (vec![new("192.0.2.1"), all[7].clone()], "203.0.113.7"),
        (vec![new("192.0.2.1"), new("192.0.2.2"), new("192.0.2.1")], "192.0.2.1"),
    ] {
        let mut tx = store.begin().await.unwrap();
        let error = tx.create_all(&many, author).await.unwrap_err();
        assert!(matches!(&error, StoreError::Exists { id, .. } if id == named), "{error}");
    }
}
