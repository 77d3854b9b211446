//! What is on disk after commits, closings, faults and repeats.

use std::fs;

use vigie_events::{EventIndex, EventStore as _, IndexSettings, OpenError, StoredEvent};
use vigie_model::{Event, Timestamp};

use crate::fixture::{Feed as _, event, events, found, free, index_of, request, settings, tenant, time};

fn partitions(fixture: &crate::fixture::Fixture) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(fixture.folder.path().join("acme"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn forged_times_make_no_folders() {
    let mut forged = Vec::new();
    for (number, at) in
        [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX, Timestamp::from_micros(-1)].into_iter().enumerate()
    {
        forged.push(Event { time: at, ..event(&format!("forged{number}"), "2026-03-01T00:00:00Z", "x") });
    }
    let fixture = index_of(&forged);
    assert_eq!(partitions(&fixture), ["2026-03-01"]);
    assert_eq!(found(&fixture.index, ""), ["forged2", "forged1", "forged3", "forged0"]);
    assert_eq!(found(&fixture.index, "time:>2100-01-01"), ["forged2"]);
    let stored = fixture.index.get(&forged[2].tenant, forged[2].id, &free()).unwrap();
    assert_eq!(stored, Some(StoredEvent::from(&forged[2])));
}

#[test]
fn an_event_is_kept_once() {
    let events = events();
    let fixture = index_of(&events);
    let index = &fixture.index;
    assert_eq!(index.feed(&events), 0);
    let twin = event("twin", "2026-03-01T00:00:00Z", "x");
    assert_eq!(index.feed(&[twin.clone(), twin.clone()]), 1);
    assert_eq!(index.feed(std::slice::from_ref(&twin)), 0);
    // It arrives again after midnight, before and after the commit.
    let late = Event { arrival: time("2026-03-02T00:00:01Z"), ..twin };
    assert_eq!(index.feed(std::slice::from_ref(&late)), 0);
    index.settle();
    assert_eq!(index.feed(std::slice::from_ref(&late)), 0);
    drop(fixture.index);
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    assert_eq!(index.feed(&events), 0);
    assert_eq!(index.feed(&[late]), 0);
    index.settle();
    assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), 7);
    assert_eq!(found(&index, "").len(), 7);
}

#[test]
fn nothing_is_searchable_before_its_commit_and_all_is_after_a_reopening() {
    let fixture = index_of(&[]);
    fixture.index.feed(&events());
    assert!(found(&fixture.index, "").is_empty());
    assert_eq!(fixture.index.count(&tenant("acme"), &free()).unwrap(), 0);
    fixture.index.settle();
    assert_eq!(found(&fixture.index, "").len(), 6);
    drop(fixture.index);
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), 6);
    assert_eq!(found(&index, "mimikatz"), ["windows"]);
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let fixture = index_of(&[]);
    let error = EventIndex::open(fixture.folder.path(), settings()).err().unwrap();
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(error.to_string().contains("in use by another process"));
    drop(fixture.index);
    assert!(EventIndex::open(fixture.folder.path(), settings()).is_ok());
}

#[test]
fn manifests_that_are_lost_damaged_or_unfinished_are_rebuilt() {
    for manifest in [
        None,
        Some(""),
        Some("{\"version\":1,\"ev"),
        Some(r#"{"version":1,"events":6,"span":{"min":9,"max":3},"clean":true}"#),
        Some(r#"{"version":99,"events":6,"span":null,"clean":true}"#),
        Some(r#"{"version":1,"events":900,"span":{"min":0,"max":1},"clean":false}"#),
    ] {
        let fixture = index_of(&events());
        drop(fixture.index);
        let path = fixture.folder.path().join("acme/2026-03-01/manifest.json");
        let before = fs::read(&path).unwrap();
        match manifest {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
        assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), 6, "{manifest:?}");
        assert_eq!(found(&index, "").len(), 6, "{manifest:?}");
        assert_eq!(fs::read(&path).unwrap(), before, "{manifest:?}");
    }
}

#[test]
fn a_damaged_index_is_named_and_set_aside() {
    let fixture = index_of(&events());
    drop(fixture.index);
    let partition = fixture.folder.path().join("acme/2026-03-01");
    for name in ["meta.json", "meta.copy.json"] {
        fs::write(partition.join("index").join(name), "{").unwrap();
    }
    fs::remove_file(partition.join("manifest.json")).unwrap();
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    let damaged: Vec<_> = index.damaged().into_iter().map(|damage| damage.path).collect();
    assert_eq!(damaged, std::slice::from_ref(&partition));
    // The day goes on in a partition beside it.
    index.feed(&[event("after", "2026-03-01T00:00:00Z", "x")]);
    index.settle();
    assert_eq!(found(&index, ""), ["after"]);
    assert!(fixture.folder.path().join("acme/2026-03-01.2").is_dir());
    drop(index);
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    assert_eq!(found(&index, ""), ["after"]);
    assert!(index.repair(vigie_events::Rehearsal::InEarnest)[0].problem.is_some());
}

#[test]
fn a_damaged_list_of_segments_is_read_from_its_copy() {
    let fixture = index_of(&events());
    drop(fixture.index);
    fs::write(fixture.folder.path().join("acme/2026-03-01/index/meta.json"), "{").unwrap();
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    assert_eq!(found(&index, "").len(), 6);
}

#[test]
fn strangers_in_the_folder_are_left_alone() {
    let fixture = index_of(&events());
    drop(fixture.index);
    for name in ["acme/notes", "acme/2026-13-99", "UPPER", "lost+found"] {
        fs::create_dir_all(fixture.folder.path().join(name)).unwrap();
    }
    fs::write(fixture.folder.path().join("acme/readme.txt"), "x").unwrap();
    let index = EventIndex::open(fixture.folder.path(), settings()).unwrap();
    assert_eq!(found(&index, "").len(), 6);
}

#[test]
fn writers_and_readers_are_bounded_whatever_the_number_of_tenants() {
    let folder = tempfile::tempdir().unwrap();
    let small = IndexSettings { writers_max: 10, readers_max: 4, ..settings() };
    let index = EventIndex::open(folder.path(), small).unwrap();
    for round in 0..3 {
        for number in 0..30 {
            let tenant = tenant(&format!("tenant-{number}"));
            let event = event(&format!("round{round}"), "2026-03-01T00:00:00Z", "x");
            assert_eq!(index.feed(&[Event { tenant, ..event }]), 1);
            assert!(index.open_writers() <= 10);
        }
    }
    index.settle();
    for number in 0..30 {
        let tenant = tenant(&format!("tenant-{number}"));
        assert_eq!(index.count(&tenant, &free()).unwrap(), 3, "{tenant}");
        let request = vigie_events::SearchRequest::newest(&tenant, vigie_model::Filter::All, 10);
        assert_eq!(index.search(&request, &free()).unwrap().total, 3, "{tenant}");
    }
}

#[test]
fn uncommitted_events_are_bounded() {
    #[track_caller]
    fn check(limits: IndexSettings, committed: u64) {
        let folder = tempfile::tempdir().unwrap();
        let index = EventIndex::open(folder.path(), limits).unwrap();
        let events: Vec<_> =
            (0..12).map(|number| event(&format!("e{number}"), "2026-03-01T00:00:00Z", "xyz")).collect();
        index.feed(&events);
        assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), committed);
    }
    check(IndexSettings { uncommitted_max: 5, ..settings() }, 10);
    check(IndexSettings { uncommitted_bytes_max: 12, ..settings() }, 12);
    check(IndexSettings { uncommitted_bytes_max: 13, ..settings() }, 10);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for bad in [IndexSettings { writers_max: 0, ..settings() }, IndexSettings { writer_heap_bytes: 1, ..settings() }] {
        assert!(matches!(EventIndex::open(folder.path(), bad), Err(OpenError::Setting { .. })));
    }
}

#[test]
fn appends_and_searches_from_many_threads_agree() {
    let fixture = index_of(&[]);
    let index = &fixture.index;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for number in 0..20 {
                    // Each event is appended by two threads.
                    let name = format!("e{}-{number}", thread / 2);
                    index.feed(&[event(&name, "2026-03-01T00:00:00Z", "x")]);
                    if number % 5 == 0 {
                        index.settle();
                    }
                    index.search(&request("x"), &free()).unwrap();
                }
            });
        }
    });
    index.settle();
    assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), 40);
    assert_eq!(found(index, "x").len(), 40);
}
