//! How the database finds what it is asked for.

use sqlx::Row as _;
use vigie_model::{Comparison, TenantScope, Value};

use super::*;
use crate::Store;

fn is(name: &str, value: &str) -> Filter {
    let value = Value::Text(value.to_owned());
    Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value }
}

fn and(parts: &[Filter]) -> Filter {
    Filter::And(parts.to_vec())
}

fn only(names: &[&str]) -> TenantScope {
    TenantScope::Only(names.iter().map(|name| TenantId::new(name).unwrap()).collect())
}

/// Returns the statement for the first page.
fn statement(list: List, scope: &TenantScope, listing: &Listing, all: &[TenantId]) -> QueryBuilder<Sqlite> {
    let table = list.table();
    let scope = &Scope::unshared(scope).beside(table, &listing.filter);
    let sorting = Order::of(table, listing.sort.as_ref()).unwrap().sorting(table);
    let asked = Asked { table, scope, filter: &listing.filter };
    let part = Part { after: None, from: 0, limit: 51 };
    let plan = plan(table, scope, &listing.filter, sorting.by_place(table).is_some()).unwrap();
    match (&plan, table.index, sorting.by_place(table)) {
        (Some(plan), Some(index), Some(is_ascending)) => {
            Indexed { asked, index, plan }.in_place_order(is_ascending, part, Some(COUNTED_MAX)).unwrap()
        }
        (Some(plan), Some(index), None) => Indexed { asked, index, plan }.sorted(&sorting, part).unwrap(),
        _ => {
            let everywhere = sorting.first_column().is_some_and(|column| table.everywhere.contains(&column));
            let tenants = match scope.tenants_of(table) {
                Some(tenants) => tenants,
                None if scope.is_everything(table) && !everywhere => all,
                None => &[],
            };
            rows_query(asked, &sorting, part, tenants).unwrap()
        }
    }
}

/// Returns how the database would go about it.
async fn explained(store: &Store, query: &QueryBuilder<Sqlite>) -> String {
    let mut explain = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
    explain.push(query.sql().as_str());
    // The values do not matter to the plan; unbound ones are null.
    let rows = explain.build().fetch_all(&mut *store.read().await.unwrap()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
}

/// Checks that the first page is found this way, and that nothing is sorted.
async fn check(store: &Store, list: List, scope: &TenantScope, listing: &Listing, way: &str) {
    let TenantScope::Only(all) = only(&["acme", "globex", "initech"]) else { unreachable!() };
    let plan = explained(store, &statement(list, scope, listing, &all)).await;
    let is_used = plan.contains(&format!("{way} ")) || plan.ends_with(way);
    assert!(is_used, "{list:?} {scope:?} {listing:?}: {plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{list:?} {listing:?}: {plan}");
}

/// A page must cost what it shows, not what there is: it is read off an index in order, and nothing is sorted.
#[tokio::test]
async fn the_first_pages_of_the_queues_are_read_off_an_index() {
    let store = Store::open_temporary().await.unwrap();
    let (one, several, all) = (&only(&["acme"]), &only(&["acme", "globex", "initech"]), &TenantScope::All);
    let newest = || Listing::first(50);
    let by = |field: &str| Listing::first(50).sorted(field, Direction::Descending);
    let new = || newest().filtered(is("status", "new"));
    let since = |time: &str| Filter::Field {
        name: "created".into(),
        comparison: Comparison::GreaterOrEqual,
        value: Value::Text(time.into()),
    };
    let range = || newest().filtered(since("2026-03-01T12:00:00Z"));
    for (list, scope, listing, index) in [
        (List::Alerts, all, newest(), "alerts_by_place"),
        (List::Alerts, all, by("last_seen"), "alerts_by_tenant_last_seen"),
        (List::Alerts, all, by("severity"), "alerts_by_tenant_severity"),
        (List::Alerts, all, range(), "alerts_by_place"),
        (List::Alerts, one, newest(), "alerts_by_tenant"),
        (List::Alerts, one, by("last_seen"), "alerts_by_tenant_last_seen"),
        (List::Alerts, one, by("severity"), "alerts_by_tenant_severity"),
        (List::Alerts, one, range(), "alerts_by_tenant"),
        (List::Alerts, several, by("last_seen"), "alerts_by_tenant_last_seen"),
        (List::Alerts, several, by("severity"), "alerts_by_tenant_severity"),
        (List::Cases, all, newest(), "cases_by_place"),
        (List::Cases, one, newest(), "cases_by_tenant"),
        (List::Cases, several, by("severity"), "cases_by_tenant_severity"),
        (List::Observables, one, newest(), "observables_by_last_seen"),
        (List::Observables, several, newest(), "observables_by_last_seen"),
        (List::Observables, all, newest(), "observables_by_last_seen"),
        (List::Tasks, several, newest(), "tasks_by_tenant_created"),
        (List::Tasks, all, newest(), "tasks_by_tenant_created"),
        (List::Actions, one, newest(), "actions_by_tenant_created"),
        (List::Actions, several, newest(), "actions_by_tenant_created"),
        (List::Actions, all, newest(), "actions_by_created"),
        (List::DeadLetters, one, newest(), "dead_letters_by_tenant"),
        (List::Indicators, one, newest(), "indicators_by_tenant"),
        (List::Audit, one, newest(), "audit_by_tenant"),
    ] {
        check(&store, list, scope, &listing, &format!("INDEX {index}")).await;
    }
    for (listing, whom) in [
        (newest(), vec![several]),
        (new(), vec![one, several, all]),
        (newest().filtered(is("assignee", "ann")), vec![one, several, all]),
        (newest().filtered(and(&[is("tag", "t"), is("rule", "r")])), vec![one, several, all]),
        (newest().filtered(and(&[is("source", "s"), since("2026-03-01T12:00:00Z")])), vec![one, several, all]),
        (newest().filtered(and(&[Filter::Text("word".into()), is("severity", "high")])), vec![one, several, all]),
        (newest().filtered(Filter::Not(Box::new(is("status", "closed")))), vec![one, several]),
    ] {
        for scope in whom {
            check(&store, List::Alerts, scope, &listing, "SCAN alert_terms VIRTUAL TABLE INDEX").await;
        }
    }
}

/// Thousands may match a filter: they are sorted without being read.
#[tokio::test]
async fn other_orders_within_a_filter_are_sorted_by_an_index() {
    let store = Store::open_temporary().await.unwrap();
    for order in ["severity", "last_seen"] {
        for direction in [Direction::Ascending, Direction::Descending] {
            for filter in [is("status", "new"), and(&[is("rule", "r"), is("tag", "t")])] {
                for scope in [&only(&["acme"]), &only(&["acme", "globex"]), &TenantScope::All] {
                    let listing = Listing::first(50).filtered(filter.clone()).sorted(order, direction);
                    let plan = explained(&store, &statement(List::Alerts, scope, &listing, &[])).await;
                    assert!(plan.contains("COVERING INDEX alerts_by_order (place=?)"), "{listing:?}: {plan}");
                    assert!(plan.contains("INDEX alerts_by_place (place=?)"), "{listing:?}: {plan}");
                }
            }
        }
    }
}

/// What is on one alert or case must cost what is on it, not what its tenant has, in whatever order.
#[tokio::test]
async fn parts_are_looked_up_by_what_they_are_on() {
    let store = Store::open_temporary().await.unwrap();
    let TenantScope::Only(every) = only(&["acme", "globex", "initech"]) else { unreachable!() };
    for (list, field, column) in [
        (List::Observables, "alert", "alert"),
        (List::Observables, "case", "case_id"),
        (List::Comments, "alert", "alert"),
        (List::Comments, "case", "case_id"),
        (List::Procedures, "alert", "alert"),
        (List::Procedures, "case", "case_id"),
        (List::Timeline, "case", "case_id"),
        (List::Tasks, "case", "case_id"),
        (List::TaskLogs, "case", "case_id"),
        (List::TaskLogs, "task", "task"),
        (List::Pages, "case", "case_id"),
        (List::Attachments, "alert", "alert"),
        (List::Attachments, "case", "case_id"),
        (List::Jobs, "observable", "observable"),
        (List::Actions, "alert", "alert"),
        (List::Actions, "case", "case_id"),
        (List::Decisions, "action", "action"),
    ] {
        let table = list.table();
        let way = format!("({column}=?");
        let filters = [
            is(field, "x"),
            Filter::OneOf { name: field.into(), values: vec![Value::Text("x".into()), Value::Text("y".into())] },
            and(&[is("tenant", "acme"), is(field, "x")]),
        ];
        for scope in [&only(&["acme"]), &only(&["acme", "globex", "initech"]), &TenantScope::All] {
            for filter in &filters {
                let sorts = list.sortable().into_iter().map(|sort| Some((sort, Direction::Descending)));
                for sort in sorts.chain([None]) {
                    let listing = Listing::first(50).filtered(filter.clone());
                    let listing = sort.map_or(listing.clone(), |(field, way)| listing.sorted(field, way));
                    let plan = explained(&store, &statement(list, scope, &listing, &every)).await;
                    assert!(plan.contains(&way), "{list:?} {scope:?} {listing:?}: {plan}");
                }
                let counting = Scope::unshared(scope).beside(table, filter);
                let asked = Asked { table, scope: &counting, filter };
                let plan = explained(&store, &count_query(asked, None).unwrap()).await;
                assert!(plan.contains(&way), "count of {list:?} {scope:?} {filter:?}: {plan}");
            }
        }
    }
}
