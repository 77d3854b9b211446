//! What TheHive's clients send.

use vigie_cases::{MISP_OBSERVABLES_MAX, read_misp_event};
use vigie_model::Filter;
use vigie_thehive::read_query;

use crate::{now, tenant};

/// Reads a query. What it comes to is no deeper than what was sent, and the same each time.
pub fn thehive_query(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice(bytes) else { return };
    match read_query(&body, &tenant(), now()) {
        Ok(selection) => {
            assert!(depth(&selection.filter) <= bytes.len(), "a filter deeper than its query is long");
            assert_eq!(read_query(&body, &tenant(), now()).ok(), Some(selection));
        }
        Err(fault) => assert!(fault.status().is_client_error(), "{fault}"),
    }
}

fn depth(filter: &Filter) -> usize {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => 1 + filters.iter().map(depth).max().unwrap_or(0),
        Filter::Not(filter) | Filter::Of { filter, .. } => 1 + depth(filter),
        Filter::All | Filter::Field { .. } | Filter::OneOf { .. } | Filter::Exists(_) | Filter::Text(_) => 1,
    }
}

/// Reads a MISP event as a case.
pub fn misp_case(bytes: &[u8]) {
    if let Ok(event) = read_misp_event(bytes) {
        assert!(event.observables.len() <= MISP_OBSERVABLES_MAX);
        assert!(event.observables.iter().all(|observable| !observable.value.is_empty()));
    }
}
