//! What a question may cost, and what is said where it would cost more.

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_events::{AggregateRequest, EventStore as _, SearchBudget, SearchError, SearchRequest};
use vigie_model::{Aggregation, AggregationKind, Event, EventId, Filter};

use crate::fixture::{Fixture, event, events, free, index_of, request, tenant};

fn count(fixture: &Fixture, aggregation: Aggregation, budget: &SearchBudget) -> Result<u64, SearchError> {
    let request = AggregateRequest {
        tenants: vec![tenant("acme")],
        filter: Filter::All,
        from: None,
        until: None,
        aggregations: BTreeMap::from([("a".to_owned(), aggregation)]),
    };
    fixture.index.aggregate(&request, budget).map(|answer| answer.total)
}

fn top(field: &str) -> AggregationKind {
    AggregationKind::Top { field: field.to_owned(), limit: 10 }
}

/// Asks every question there is.
fn ask_all(fixture: &Fixture, budget: &SearchBudget) -> [Result<(), SearchError>; 5] {
    let (index, acme) = (&fixture.index, tenant("acme"));
    [
        index.search(&request("failed"), budget).map(|_| ()),
        index.search(&request("text:*a*"), budget).map(|_| ()),
        count(fixture, top("user").into(), budget).map(|_| ()),
        index.get(&acme, EventId::from_bytes([7; 16]), budget).map(|_| ()),
        index.count(&acme, budget).map(|_| ()),
    ]
}

#[test]
fn nobody_waits_for_a_cancelled_question() {
    let fixture = index_of(&events());
    let budget = free();
    budget.cancellation().cancel();
    for answer in ask_all(&fixture, &budget) {
        assert!(matches!(answer, Err(SearchError::Cancelled)), "{answer:?}");
    }
}

#[test]
fn a_question_ends_with_its_time() {
    let fixture = index_of(&events());
    for answer in ask_all(&fixture, &SearchBudget::within(Duration::ZERO)) {
        let error = answer.unwrap_err();
        let expected = "the search took longer than 0.000 s and had read 0 % of its events by then: narrow the time (`from`, \
                        `until`) or the condition";
        assert_eq!(error.to_string(), expected);
    }
    for answer in ask_all(&fixture, &SearchBudget::within(Duration::from_hours(1))) {
        answer.unwrap();
    }
}

#[test]
fn a_page_has_its_bytes() {
    let named = |number: usize| event(&format!("e{number:02}"), "2026-03-01T00:00:00Z", &"x".repeat(1_000 * number));
    let events: Vec<Event> = (0..20).map(named).collect();
    let fixture = index_of(&events);
    for bytes in [1, 5_000, 100_000, SearchBudget::PAGE_BYTES_MAX] {
        let budget = free().with_page_bytes_max(bytes);
        let mut request = SearchRequest { limit: 7, ..request("") };
        let mut found = Vec::new();
        loop {
            let page = fixture.index.search(&request, &budget).unwrap();
            let held: usize = page.events.iter().map(|event| event.native.len()).sum();
            assert!(held <= bytes || page.events.len() == 1, "{held} of {bytes}");
            found.extend(page.events.iter().map(|event| event.id));
            assert_eq!(page.total, 20);
            let Some(next) = page.next else { break };
            request.cursor = Some(next);
        }
        let mut expected: Vec<EventId> = events.iter().map(|event| event.id).collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found, expected, "pages of {bytes} bytes");
    }
}

#[test]
fn counts_have_their_values() {
    let named = |number: usize| {
        let mut event = event(&format!("e{number:02}"), "2026-03-01T00:00:00Z", "x");
        event.envelope.user = Some(format!("user-{}", number % 5));
        event
    };
    let fixture = index_of(&(0..20).map(named).collect::<Vec<_>>());
    let within = |aggregation: Aggregation, values| count(&fixture, aggregation, &free().with_values_max(values));
    assert_eq!(within(top("device").into(), 20).unwrap(), 20);
    let error = within(top("device").into(), 19).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`device` has more than 19 different values here: narrow the search or the time, or count by another field"
    );
    // Five users, and four devices of each.
    let nested = || Aggregation { kind: top("user"), inner: BTreeMap::from([("b".to_owned(), top("device"))]) };
    assert_eq!(within(nested(), 25).unwrap(), 20);
    assert!(matches!(within(nested(), 24), Err(SearchError::TooManyValues { max: 24, .. })));
}
