//! Pages show every row once, also while rows come in.

use std::collections::BTreeSet;

use vigie_model::{Alert, Direction, Page, Severity, TenantScope};
use vigie_store::{Listing, QueryError, Store, StoreError, TOTAL_MAX};

use crate::samples::{alert, only, store, tenant};

const ALERTS: i64 = 10_050;

async fn save(store: &Store, numbers: std::ops::Range<i64>, prefix: &str) {
    let mut tx = store.begin().await.unwrap();
    for number in numbers {
        // Many share a time and a severity, so that the ids must break the ties.
        let mut alert = alert("acme", &format!("{prefix}{number}"), number / 7);
        alert.severity = Severity::ALL[usize::try_from(number % 5).unwrap()];
        alert.entities.clear();
        alert.tags.clear();
        tx.save_alert(&alert, None).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn ten_thousand_alerts_are_listed_once_each_while_others_come_in() {
    let store = store().await;
    save(&store, 0..ALERTS, "r").await;
    for (field, direction) in
        [("created", Direction::Descending), ("severity", Direction::Ascending), ("title", Direction::Descending)]
    {
        let mut seen = BTreeSet::new();
        let mut cursor = None;
        let mut pages: i64 = 0;
        loop {
            let listing = Listing::first(1_000).sorted(field, direction).after(cursor);
            let page = store.alerts(&only("acme"), &listing).await.unwrap();
            assert_eq!((page.total, page.total_capped), (TOTAL_MAX, true));
            for row in page.rows.iter().filter(|row| row.rule.id.as_str().starts_with('r')) {
                assert!(seen.insert(row.id), "{} came twice", row.title);
            }
            save(&store, pages * 1_500..pages * 1_500 + 5, &format!("x-{field}-")).await;
            pages += 1;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), usize::try_from(ALERTS).unwrap(), "sorted by {field}");
    }
}

#[tokio::test]
async fn pages_are_in_order_and_end() {
    let store = store().await;
    save(&store, 0..20, "r").await;
    let listing = Listing::first(20).sorted("severity", Direction::Descending);
    let page = store.alerts(&only("acme"), &listing).await.unwrap();
    assert_eq!((page.rows.len(), page.next, page.total, page.total_capped), (20, None, 20, false));
    let order: Vec<_> = page.rows.iter().map(|row| (row.severity, row.created)).collect();
    assert!(order.is_sorted_by(|left, right| left >= right), "{order:?}");
    let empty: Vec<Alert> = store.alerts(&only("globex"), &listing).await.unwrap().rows;
    assert_eq!(empty, []);
}

#[tokio::test]
async fn a_cursor_is_for_its_own_listing() {
    let store = store().await;
    save(&store, 0..20, "r").await;
    let page = store.alerts(&only("acme"), &Listing::first(5)).await.unwrap();
    let refused = async |listing: Listing| -> QueryError {
        match store.alerts(&TenantScope::All, &listing).await {
            Err(StoreError::Query(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let other_sort = Listing::first(5).sorted("title", Direction::Ascending).after(page.next.clone());
    assert_eq!(refused(other_sort).await, QueryError::BadCursor);
    for bad in ["", "zz", "00", "7b7d", "' OR 1=1 --", &"00".repeat(100_000)] {
        assert_eq!(refused(Listing::first(5).after(Some(bad.to_owned()))).await, QueryError::BadCursor);
    }
    for asked in [0, Page::LIMIT_MAX + 1] {
        let mut listing = Listing::default();
        listing.page.limit = asked;
        assert_eq!(refused(listing).await, QueryError::BadLimit { asked, max: Page::LIMIT_MAX });
    }
    // It does not carry the tenant: whoever uses it stays within their own scope.
    let foreign = store.alerts(&only("globex"), &Listing::first(5).after(page.next)).await.unwrap();
    assert_eq!(foreign.rows, []);
    let _ = tenant("acme");
}
