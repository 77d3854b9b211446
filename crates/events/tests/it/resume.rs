//! Reading the log again: after a start, after an error, from too early, from the beginning.

use std::collections::BTreeSet;
use std::fs;

use vigie_events::{EventIndex, EventStore as _, IndexSettings, LogPosition};
use vigie_model::Event;

use crate::fixture::{event, found, free, settings, tenant};

const AT: fn(u64) -> LogPosition = LogPosition::new;

/// Returns the `number`-th event of a log, of one of three tenants.
fn logged(number: u64) -> Event {
    let tenant = tenant(&format!("tenant-{}", number % 3));
    Event { tenant, ..event(&format!("e{number}"), "2026-03-01T00:00:00Z", "x") }
}

/// Appends the events of a log from a position, ten to an entry.
fn replay(index: &EventIndex, from: u64, until: u64) -> usize {
    let mut new = 0;
    for begin in (from..until).step_by(10) {
        let entry: Vec<Event> = (begin..(begin + 10).min(until)).map(logged).collect();
        new += index.append(&entry, AT(begin)).unwrap();
    }
    new
}

fn total(index: &EventIndex) -> u64 {
    (0..3).map(|number| index.count(&tenant(&format!("tenant-{number}")), &free()).unwrap()).sum()
}

#[test]
fn a_new_index_needs_the_log_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    assert_eq!(index.position(), AT(0));
    replay(&index, 0, 30);
    assert_eq!(index.position(), AT(0));
    index.commit(AT(30)).unwrap();
    assert_eq!(index.position(), AT(30));
    // An entry of dead letters only.
    index.commit(AT(900)).unwrap();
    drop(index);
    assert_eq!(EventIndex::open(folder.path(), settings()).unwrap().position(), AT(900));
}

#[test]
fn what_was_committed_is_refused_by_its_place_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    replay(&index, 0, 30);
    index.commit(AT(30)).unwrap();
    replay(&index, 30, 60);
    // A crash: nothing after the commit is kept.
    drop(index);
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    assert_eq!((total(&index), index.position()), (30, AT(30)));
    // The position is lost too: the log is read from its beginning.
    drop(index);
    fs::remove_file(folder.path().join("position.json")).unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    assert_eq!((index.position(), index.end()), (AT(0), AT(30)));
    assert_eq!(replay(&index, 0, 60), 30);
    index.commit(AT(60)).unwrap();
    assert_eq!((total(&index), index.position()), (60, AT(60)));
    // Even an id that is new does not come in below what the partition has.
    assert_eq!(index.append(&[logged(3_000)], AT(59)).unwrap(), 0);
    assert_eq!(index.append(&[logged(3_000)], AT(60)).unwrap(), 1);
}

#[test]
fn partitions_closed_and_committed_on_the_way_are_resumed_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let small = IndexSettings { writers_max: 2, uncommitted_max: 25, ..settings() };
    let index = EventIndex::open(folder.path(), small).unwrap();
    replay(&index, 0, 100);
    drop(index);
    let index = EventIndex::open(folder.path(), small).unwrap();
    let before = total(&index);
    assert!((50..100).contains(&before), "{before}");
    assert_eq!(index.position(), AT(0));
    assert_eq!(replay(&index, 0, 100) as u64, 100 - before);
    index.commit(AT(100)).unwrap();
    let names: BTreeSet<String> = (0..3)
        .flat_map(|number| {
            let request = vigie_events::SearchRequest::newest(
                &tenant(&format!("tenant-{number}")),
                vigie_model::Filter::All,
                1_000,
            );
            index.search(&request, &free()).unwrap().events
        })
        .filter_map(|event| event.envelope.device)
        .collect();
    assert_eq!((names.len(), total(&index)), (100, 100));
}

#[test]
fn after_an_error_nothing_uncommitted_is_left_and_a_replay_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    let on = |day: u32, name: &str| {
        let event = event(name, &format!("2026-03-{day:02}T00:00:00Z"), "x");
        Event { arrival: event.time, ..event }
    };
    index.append(&[on(1, "first")], AT(0)).unwrap();
    index.commit(AT(1)).unwrap();
    index.append(&[on(1, "second")], AT(1)).unwrap();
    // A file stands where the next day's folder has to be.
    fs::write(folder.path().join("acme/2026-03-02"), "").unwrap();
    assert!(index.append(&[on(2, "third")], AT(2)).is_err());
    assert_eq!((index.position(), index.open_writers()), (AT(1), 0));
    fs::remove_file(folder.path().join("acme/2026-03-02")).unwrap();
    index.append(&[on(1, "second"), on(2, "third")], AT(1)).unwrap();
    index.commit(AT(3)).unwrap();
    assert_eq!(found(&index, "").len(), 3);
    assert_eq!(found(&index, "")[0], "third");
}
