//! Events as they become searchable.

use vigie_events::{EventIndex, EventStore as _, LogPosition, TailPage, TailRequest, parse_search};
use vigie_model::Event;

use crate::fixture::{event, free, now, settings, tenant, time};

fn follow(index: &EventIndex, search: &str, from: LogPosition, limit: u32) -> TailPage {
    let filter = parse_search(search, now()).unwrap();
    let tenants = vec![tenant("acme"), tenant("globex")];
    index.tail(&TailRequest { tenants, filter, from, limit }, &free()).unwrap()
}

/// Reads on until all is read, and returns the sequences and where it ended.
fn read_all(index: &EventIndex, search: &str, mut from: LogPosition, limit: u32) -> (Vec<u64>, LogPosition) {
    let mut sequences = Vec::new();
    loop {
        let page = follow(index, search, from, limit);
        assert!(page.events.len() <= limit as usize);
        sequences.extend(page.events.iter().map(|(sequence, _)| *sequence));
        if page.next == from {
            return (sequences, from);
        }
        from = page.next;
    }
}

/// Returns events of two tenants that arrive on two days, one in three with the word `wanted`.
fn batch(begin: u64, count: u64) -> Vec<Event> {
    let make = |number: u64| {
        let text = if number.is_multiple_of(3) { "wanted" } else { "other" };
        let mut event = event(&format!("e{number}"), "2026-03-01T00:00:00Z", text);
        event.tenant = tenant(["acme", "globex"][(number % 2) as usize]);
        event.arrival = time(["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"][(number / 2 % 2) as usize]);
        event
    };
    (begin..begin + count).map(make).collect()
}

#[test]
fn events_follow_one_another_without_gap_or_double() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    assert_eq!(read_all(&index, "", LogPosition::new(0), 10), (Vec::new(), LogPosition::new(0)));
    // Entries have more bytes than events, so sequences have gaps.
    index.append(&batch(0, 10), LogPosition::new(100)).unwrap();
    assert_eq!(read_all(&index, "", LogPosition::new(0), 10).0, Vec::<u64>::new(), "nothing before the commit");
    index.commit(LogPosition::new(1_000)).unwrap();
    index.append(&batch(10, 10), LogPosition::new(1_000)).unwrap();
    index.commit(LogPosition::new(2_000)).unwrap();
    let all: Vec<u64> = (100..110).chain(1_000..1_010).collect();
    for limit in [1, 3, 10, 1_000] {
        assert_eq!(read_all(&index, "", LogPosition::new(0), limit), (all.clone(), LogPosition::new(2_000)), "{limit}");
        let wanted = vec![100, 103, 106, 109, 1_002, 1_005, 1_008];
        assert_eq!(read_all(&index, "wanted", LogPosition::new(0), limit).0, wanted, "{limit}");
    }
    assert_eq!(read_all(&index, "", LogPosition::new(109), 3).0, all[9..]);
    let (none, end) = read_all(&index, "", LogPosition::new(2_000), 3);
    assert_eq!((none, end), (Vec::new(), LogPosition::new(2_000)));

    // Who goes on after a restart misses nothing.
    drop(index);
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    index.append(&batch(20, 2), LogPosition::new(2_000)).unwrap();
    index.commit(LogPosition::new(3_000)).unwrap();
    assert_eq!(read_all(&index, "", end, 3), (vec![2_000, 2_001], LogPosition::new(3_000)));
}

#[test]
fn a_page_of_the_tail_has_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    let events: Vec<Event> =
        batch(0, 4).into_iter().map(|event| Event { native: bytes::Bytes::from("x".repeat(5_000)), ..event }).collect();
    index.append(&events, LogPosition::new(0)).unwrap();
    index.commit(LogPosition::new(100)).unwrap();
    let tenants = vec![tenant("acme"), tenant("globex")];
    let request = TailRequest { tenants, filter: vigie_model::Filter::All, from: LogPosition::new(0), limit: 10 };
    let page = index.tail(&request, &free().with_page_bytes_max(12_000)).unwrap();
    assert_eq!((page.events.len(), page.next), (2, LogPosition::new(2)));
}
