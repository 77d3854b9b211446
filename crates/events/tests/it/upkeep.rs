//! Compacting what is closed, deleting what is old.

use vigie_events::{EventIndex, EventStore as _, Rehearsal, RetentionPolicy, SearchRequest, TenantRetention};
use vigie_model::{Actor, Event, Filter, HoldId, LegalHold};

use crate::fixture::{Feed as _, event, free, settings, tenant, time};

/// Returns an index of five days, each in four commits.
fn filled(folder: &std::path::Path) -> EventIndex {
    let index = EventIndex::open(folder, settings()).unwrap();
    for day in 1..=5 {
        for part in 0..4 {
            let at = format!("2026-03-{day:02}T0{part}:00:00Z");
            let event = event(&at, &at, "a line");
            index.feed(&[Event { arrival: event.time, ..event }]);
            index.settle();
        }
    }
    index
}

fn days_left(index: &EventIndex) -> Vec<String> {
    let page = index.search(&SearchRequest::newest(&tenant("acme"), Filter::All, 100), &free()).unwrap();
    let mut days: Vec<String> = page.events.iter().map(|event| event.arrival.day()).collect();
    days.dedup();
    days
}

#[test]
fn closed_days_are_compacted_and_the_current_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    // Closed and opened again: the day written to last is not open any more.
    drop(filled(folder.path()));
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    let now = time("2026-03-05T12:00:00Z");
    let would = index.compact(now, Rehearsal::DryRun);
    assert_eq!(would.len(), 4);
    assert!(would.iter().all(|one| (one.segments_before, one.segments_after) == (4, 1)), "{would:?}");
    let did = index.compact(now, Rehearsal::InEarnest);
    assert_eq!(did.len(), 4);
    assert!(did.iter().all(|one| one.problem.is_none() && one.bytes_after < one.bytes_before), "{did:?}");
    assert_eq!(index.compact(now, Rehearsal::InEarnest), []);
    assert_eq!(days_left(&index).len(), 5);
    assert_eq!(index.verify(), []);
    // A late one for a compacted day is still known.
    let late = event("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "a line");
    assert_eq!(index.feed(&[Event { arrival: late.time, ..late }]), 0);
}

#[test]
fn what_is_old_goes_and_what_is_held_stays() {
    let folder = tempfile::tempdir().unwrap();
    let index = filled(folder.path());
    let now = time("2026-03-05T12:00:00Z");
    let limits = TenantRetention { tenant: tenant("acme"), days: Some(2), bytes: None };
    let hold = LegalHold {
        id: HoldId::from_bytes([1; 16]),
        tenant: tenant("acme"),
        from: Some(time("2026-03-02T00:00:00Z")),
        until: Some(time("2026-03-03T00:00:00Z")),
        reason: "a test".to_owned(),
        placed_by: Actor::System("test".to_owned()),
        created: now,
    };
    let mut policy = RetentionPolicy { tenants: vec![limits], holds: vec![hold] };
    // Days that are still open for writing are left for the next time.
    assert_eq!(index.expire(&policy, now).failed.len(), 1);
    drop(index);
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    let would = index.expire_dry_run(&policy, now);
    let did = index.expire(&policy, now);
    assert_eq!(would, did);
    assert_eq!((did.deleted.len(), did.held.len(), did.failed.len()), (1, 1, 0), "{did:?}");
    assert_eq!(days_left(&index), ["2026-03-05", "2026-03-04", "2026-03-03", "2026-03-02"]);
    assert!(!folder.path().join("acme/2026-03-01").exists());
    policy.tenants[0] = TenantRetention { tenant: tenant("acme"), days: None, bytes: Some(0) };
    index.expire(&policy, now);
    assert_eq!(days_left(&index), ["2026-03-05", "2026-03-02"]);
    assert_eq!(index.count(&tenant("acme"), &free()).unwrap(), 8);
    // Another tenant's limits touch nothing.
    policy.tenants[0].tenant = tenant("other");
    assert_eq!(index.expire(&policy, now), vigie_events::Expiry::default());
}
