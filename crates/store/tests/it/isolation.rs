//! No tenant sees another's rows, whatever it asks for.

use vigie_model::{Comparison, Filter, ObservableKind, TenantScope, Value};
use vigie_store::{Listing, Store};

use crate::samples::{action, alert, case, decision, indicator, letter, observable, only, store, task, tenant};

/// Fills every list with one row of each tenant.
async fn filled() -> Store {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    for of in ["acme", "globex"] {
        let case = case(of, 1);
        let action = action(of, "a", None, None);
        tx.save_alert(&alert(of, "r1", 0), None).await.unwrap();
        tx.save_case(&case, None).await.unwrap();
        tx.upsert_observables(&[observable(&case, ObservableKind::Ip, "203.0.113.7")]).await.unwrap();
        tx.save_tasks(&[task(&case, "t", 1)]).await.unwrap();
        tx.save_action(&action).await.unwrap();
        tx.save_decision(&decision(&action, None)).await.unwrap();
        tx.upsert_indicators(&[indicator(of, "l", "203.0.113.7")]).await.unwrap();
        tx.insert_dead_letters(&[letter(of, 1)]).await.unwrap();
        let note = vigie_store::AuditNote {
            at: crate::samples::at(0),
            tenant: Some(tenant(of)),
            actor: vigie_model::Actor::System("pipeline".into()),
            verb: vigie_model::Verb::Create,
            object: vigie_model::ObjectKind::Alert,
            object_id: "x".into(),
            details: serde_json::json!({}),
        };
        tx.audit(&note).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

/// Returns how many rows each list shows, and its count.
async fn seen(store: &Store, scope: &TenantScope, filter: &Filter) -> Vec<(usize, u64)> {
    let listing = Listing::default().filtered(filter.clone());
    macro_rules! seen {
        ($($list:ident),*) => { vec![$({
            let page = store.$list(scope, &listing).await.unwrap();
            (page.rows.len(), page.total)
        }),*] };
    }
    seen!(alerts, cases, observables, tasks, actions, decisions, indicators, dead_letters, audit)
}

/// Returns what the lists show of so many tenants: a row each, and of the observables those of the alert's entities too.
fn rows(tenants: u64) -> Vec<(usize, u64)> {
    let count = |rows: u64| (usize::try_from(rows * tenants).unwrap(), rows * tenants);
    [1, 1, 4, 1, 1, 1, 1, 1, 1].map(count).into()
}

#[tokio::test]
async fn every_list_stays_within_the_scope() {
    let store = filled().await;
    let named = |name: &str| Filter::Field {
        name: "tenant".into(),
        comparison: Comparison::Equal,
        value: Value::Text(name.into()),
    };
    assert_eq!(seen(&store, &TenantScope::All, &Filter::All).await, rows(2));
    assert_eq!(seen(&store, &only("acme"), &Filter::All).await, rows(1));
    assert_eq!(seen(&store, &TenantScope::Only(vec![]), &Filter::All).await, rows(0));
    assert_eq!(seen(&store, &only("nobody"), &Filter::All).await, rows(0));
    // A filter cannot widen it.
    assert_eq!(seen(&store, &only("acme"), &named("globex")).await, rows(0));
    let either = Filter::Or(vec![Filter::All, named("globex"), Filter::Not(Box::new(Filter::All))]);
    assert_eq!(seen(&store, &only("acme"), &either).await, rows(1));
    let both = TenantScope::Only(vec![tenant("acme"), tenant("globex")]);
    assert_eq!(seen(&store, &both, &named("globex")).await, rows(1));
}
