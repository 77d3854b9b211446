//! Bytes that change on disk: what is found all the same, what is said, how it is mended.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vigie_events::{EventIndex, EventStore as _, LogPosition, Rehearsal, SearchRequest, StoredEvent};
use vigie_model::{Event, Filter};

use crate::fixture::{Feed as _, event, free, settings, tenant, time};

const DAYS: [&str; 3] = ["2026-03-01", "2026-03-02", "2026-03-03"];

/// Returns the events of three days.
fn events() -> Vec<Event> {
    let of_day = |day: &str| {
        let at = format!("{day}T12:00:00Z");
        (0..30).map(move |number| {
            let event = event(&format!("{at}-{number}"), &at, &format!("line {number} of user{}", number % 7));
            Event { arrival: event.time, ..event }
        })
    };
    DAYS.into_iter().flat_map(of_day).collect()
}

/// Fills a folder in several commits, so that each partition has several segments.
fn fill(folder: &Path) -> Vec<Event> {
    let index = EventIndex::open(folder, settings()).unwrap();
    let events = events();
    for part in events.chunks(10) {
        index.feed(part);
        index.settle();
    }
    events
}

/// Returns what a search shows of everything, and counts those it finds by a word. Damage may leave events out.
fn shown(index: &EventIndex) -> Vec<StoredEvent> {
    let mut shown = Vec::new();
    let mut request = SearchRequest::newest(&tenant("acme"), Filter::All, 7);
    // A damaged order of events must not send the reader round in circles.
    for _ in 0..1_000 {
        let Ok(page) = index.search(&request, &free()) else { break };
        shown.extend(page.events);
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    let word = vigie_events::parse_search("user3", time("2026-03-09T00:00:00Z")).unwrap();
    let _ = index.search(&SearchRequest::newest(&tenant("acme"), word, 1_000), &free());
    shown
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Changes one byte of a file of the store and goes through the life of the store after that.
fn check(whole: &Path, events: &[Event], file: &Path, at: u64, bit: u8) {
    let folder = tempfile::tempdir().unwrap();
    copy(whole, folder.path());
    let path = folder.path().join(file);
    let mut bytes = fs::read(&path).unwrap();
    bytes[at as usize] ^= 1 << bit;
    fs::write(&path, bytes).unwrap();
    let context = format!("byte {at} bit {bit} of {}", file.display());

    let index = EventIndex::open(folder.path(), settings()).expect(&context);
    let known: BTreeSet<String> = events.iter().map(|event| format!("{:?}", StoredEvent::from(event))).collect();
    let of_store = |list: &[StoredEvent]| list.iter().all(|event| known.contains(&format!("{event:?}")));
    assert!(of_store(&shown(&index)), "a wrong event: {context}");

    // It goes on: new events are taken, each is found.
    let late: Vec<Event> =
        DAYS.iter().map(|day| event(&format!("late{day}"), &format!("{day}T13:00:00Z"), "late")).collect();
    let late: Vec<Event> = late.into_iter().map(|event| Event { arrival: event.time, ..event }).collect();
    let at_end = index.end();
    let until = LogPosition::new(at_end.get() + 3);
    let mut tries = 0;
    // What is set aside on the way sends the reader of the log back, as the pipeline does.
    while index.append(&late, at_end).is_err() || index.commit(until).is_err() {
        tries += 1;
        assert!(tries < 5, "{context}");
    }

    let damage = index.verify();
    let names_it = damage.iter().any(|damage| damage.path.ends_with(file.file_name().unwrap()));
    let is_ours = file.starts_with("acme");
    let rewritten = ["manifest.json", "meta.json", "meta.copy.json", ".managed.json"];
    let mended = rewritten.iter().any(|name| file.ends_with(name));
    // The version number of tantivy in a file's footer is covered by no checksum, and nothing that is read depends on it.
    let harmless = damage.is_empty() && shown(&index).len() == events.len() + late.len();
    assert!(names_it || mended || !is_ours || harmless, "{context}: {damage:?}");
    index.repair(Rehearsal::InEarnest);
    assert_eq!(index.damaged(), [], "{context}");
    let found = shown(&index);
    assert!(
        found
            .iter()
            .filter(|event| event.native.starts_with("line"))
            .all(|event| known.contains(&format!("{event:?}")))
    );
    // One segment of ten events is lost at most, unless tantivy merged them.
    assert!(found.len() >= 60, "{} found: {context}", found.len());
    for event in &late {
        assert!(index.get(&event.tenant, event.id, &free()).unwrap().is_some(), "{context}");
    }
}

#[test]
fn one_changed_byte_costs_one_segment_at_most_and_never_gives_a_wrong_event() {
    let whole = tempfile::tempdir().unwrap();
    let events = fill(whole.path());
    let files: Vec<PathBuf> =
        files(whole.path()).into_iter().map(|path| path.strip_prefix(whole.path()).unwrap().to_owned()).collect();
    let seed = std::env::var("VIGIE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122_u64);
    let rounds = std::env::var("VIGIE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let mut state = seed;
    let mut dice = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..rounds {
        let file = &files[dice(files.len() as u64) as usize];
        let size = fs::metadata(whole.path().join(file)).unwrap().len();
        check(whole.path(), &events, file, dice(size), dice(8) as u8);
    }
}

#[test]
fn a_sound_store_has_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let events = fill(folder.path());
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    assert_eq!(index.verify(), []);
    assert_eq!(index.repair(Rehearsal::InEarnest), []);
    assert_eq!(shown(&index).len(), events.len());
}
