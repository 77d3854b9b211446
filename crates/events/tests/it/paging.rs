//! Pages that neither repeat nor skip, also while events arrive.

use proptest::prelude::*;
use vigie_events::{EventStore as _, SearchRequest};
use vigie_model::{EventId, Timestamp};

use crate::fixture::{Feed as _, event, free, index_of, request, tenant, time};

/// Reads every page, calling `between` after each, and returns the names in order.
fn read_all(index: &vigie_events::EventIndex, limit: u32, mut between: impl FnMut(usize)) -> Vec<String> {
    let mut names = Vec::new();
    let mut request = SearchRequest { limit, ..request("") };
    for number in 0.. {
        let page = index.search(&request, &free()).unwrap();
        assert!(page.events.len() <= limit as usize);
        names.extend(page.events.into_iter().filter_map(|event| event.envelope.device));
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
        between(number);
    }
    names
}

#[test]
fn pages_join_up_across_days_and_equal_times() {
    // 60 events: 20 times, three events at each, that arrived on three days in turn.
    let mut events = Vec::new();
    for number in 0..60 {
        let mut event = event(&format!("e{number:02}"), "2026-03-01T00:00:00Z", "x");
        event.time = Timestamp::from_seconds(1_772_000_000 + number / 3);
        event.arrival =
            time(["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z", "2026-03-09T12:00:00Z"][number as usize % 3]);
        events.push(event);
    }
    let fixture = index_of(&events);
    events.sort_by_key(|event| std::cmp::Reverse((event.time, event.id)));
    let expected: Vec<String> = events.iter().filter_map(|event| event.envelope.device.clone()).collect();
    for limit in [1, 2, 7, 59, 60, 1_000] {
        assert_eq!(read_all(&fixture.index, limit, |_| {}), expected, "pages of {limit}");
    }
    let page = fixture.index.search(&SearchRequest { limit: 7, ..request("") }, &free()).unwrap();
    assert_eq!((page.events.len(), page.total), (7, 60));
    let last = fixture.index.search(&SearchRequest { limit: 60, ..request("") }, &free()).unwrap();
    assert_eq!(last.next, None);
}

#[test]
fn what_arrives_between_pages_neither_repeats_nor_hides() {
    let at = |number: i64| Timestamp::from_seconds(1_772_000_000 + number);
    let make = |name: String, number: i64| vigie_model::Event {
        time: at(number),
        ..event(&name, "2026-03-01T00:00:00Z", "x")
    };
    let events: Vec<_> = (0..30).map(|number| make(format!("old{number}"), number * 10)).collect();
    let fixture = index_of(&events);
    let names = read_all(&fixture.index, 5, |page| {
        let newer = make(format!("newer{page}"), 1_000 + page as i64);
        let older = make(format!("older{page}"), -1 - page as i64);
        fixture.index.feed(&[newer, older]);
        fixture.index.settle();
    });
    let old: Vec<&String> = names.iter().filter(|name| name.starts_with("old") && !name.starts_with("older")).collect();
    assert_eq!(old.len(), 30);
    assert!(names.iter().all(|name| !name.starts_with("newer")), "{names:?}");
    let unique: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    assert!(names.contains(&"older0".to_owned()));
}

#[test]
fn an_event_stored_on_two_days_is_shown_once() {
    let first = event("twice", "2026-03-01T00:00:00Z", "x");
    let again = vigie_model::Event { arrival: time("2026-03-08T00:00:00Z"), ..first.clone() };
    let fixture = index_of(&[first]);
    assert_eq!(fixture.index.feed(&[again]), 1);
    fixture.index.settle();
    let page = fixture.index.search(&request(""), &free()).unwrap();
    assert_eq!(page.events.len(), 1);
    assert_eq!(page.total, 2);
    let id = EventId::derive(["acme", "twice"]);
    assert!(fixture.index.get(&tenant("acme"), id, &free()).unwrap().is_some());
}

/// What happens between two pages: events arrive, of these times.
fn arrivals() -> impl Strategy<Value = Vec<Vec<i64>>> {
    prop::collection::vec(prop::collection::vec(0_i64..40, 0..4), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    /// Each event that was there at the first page comes exactly once, whatever arrives between the pages.
    #[test]
    fn what_was_there_comes_once(times in prop::collection::vec(0_i64..40, 0..40), between in arrivals(), limit in 1_u32..9) {
        let make = |name: String, second: i64| {
            let arrival = time(["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"][second as usize % 2]);
            let time = Timestamp::from_seconds(1_772_000_000 + second);
            vigie_model::Event { time, arrival, ..event(&name, "2026-03-01T00:00:00Z", "x") }
        };
        let mut old: Vec<_> = times.iter().enumerate().map(|(number, at)| make(format!("old-{number}"), *at)).collect();
        let fixture = index_of(&old);
        let names = read_all(&fixture.index, limit, |page| {
            let new = between.get(page).into_iter().flatten().enumerate();
            let new: Vec<_> = new.map(|(number, at)| make(format!("new-{page}-{number}"), *at)).collect();
            fixture.index.feed(&new);
            fixture.index.settle();
        });
        let unique: std::collections::HashSet<&String> = names.iter().collect();
        prop_assert_eq!(unique.len(), names.len());
        let found: Vec<&String> = names.iter().filter(|name| name.starts_with("old-")).collect();
        old.sort_by_key(|event| std::cmp::Reverse((event.time, event.id)));
        let expected: Vec<&String> = old.iter().filter_map(|event| event.envelope.device.as_ref()).collect();
        prop_assert_eq!(found, expected);
    }
}
