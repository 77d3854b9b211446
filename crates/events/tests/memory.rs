//! How much memory many tenants and days take. A test binary of its own, because the most memory that a process ever had is
//! a figure of the whole process; the two cases run one after the other in one test.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use vigie_events::{EventIndex, EventStore as _, IndexSettings, LogPosition, SearchBudget, SearchRequest};
use vigie_model::{Document, Envelope, Event, EventId, Filter, SourceName, TenantId, Timestamp};

const TENANTS: u64 = 10;
const DAYS: u64 = 365;
const MEGABYTES_MAX: u64 = 1_000;
const DAY: Duration = Duration::from_hours(24);

fn tenant(number: u64) -> TenantId {
    TenantId::new(&format!("tenant-{number}")).unwrap()
}

fn event(number: u64, tenant: &TenantId, time: Timestamp, arrival: Timestamp) -> Event {
    let native =
        format!("Failed password for user{} from 198.51.100.{} port {number} ssh2", number % 500, number % 256);
    Event {
        id: EventId::derive([number.to_le_bytes()]),
        tenant: tenant.clone(),
        source: SourceName::new("syslog").unwrap(),
        time,
        arrival,
        envelope: Envelope {
            message: native.clone(),
            user: Some(format!("user{}", number % 500)),
            device: Some(format!("host-{}", number % 200)),
            ..Envelope::default()
        },
        entities: Vec::new(),
        document: Document::default(),
        native: Bytes::from(native),
    }
}

fn begin() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// The most memory that this process ever had, in MB: `VmHWM` of proc(5).
fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1_000
}

/// Appends the events of each day for each tenant, and returns how many.
fn fill(index: &EventIndex, days: u64, of_each: u64, arrival: impl Fn(Timestamp) -> Timestamp) -> u64 {
    let mut number = 0;
    for day in 0..days {
        let time = begin().plus(DAY * day as u32);
        for tenant in (0..TENANTS).map(tenant) {
            let events: Vec<Event> =
                (number..number + of_each).map(|number| event(number, &tenant, time, arrival(time))).collect();
            index.append(&events, LogPosition::new(number)).unwrap();
            number += of_each;
        }
        if day % 30 == 0 {
            index.commit(LogPosition::new(number)).unwrap();
        }
    }
    index.commit(LogPosition::new(number)).unwrap();
    number
}

fn check(index: &EventIndex, events: u64, context: &str) {
    let budget = SearchBudget::unlimited();
    let tenants: Vec<TenantId> = (0..TENANTS).map(tenant).collect();
    let counted: u64 = tenants.iter().map(|tenant| index.count(tenant, &budget).unwrap()).sum();
    assert_eq!(counted, events, "{context}");
    let user = vigie_events::parse_search("user:user7", begin()).unwrap();
    for filter in [Filter::All, user] {
        let request =
            SearchRequest { tenants: tenants.clone(), ..SearchRequest::newest(&tenants[0], filter.clone(), 100) };
        let page = index.search(&request, &budget).unwrap();
        assert_eq!(page.skipped, [], "{context}");
        assert!(filter != Filter::All || page.total == events, "{context}");
    }
    let peak = peak_megabytes();
    assert!(peak < MEGABYTES_MAX, "{peak} MB: {context}");
    #[expect(clippy::print_stdout, reason = "the figure is worth seeing where the test passes")]
    {
        println!("{context}: {peak} MB");
    }
}

#[test]
fn ten_tenants_and_a_year_stay_under_a_gigabyte() {
    // A year of events that all arrive today, as backfill does.
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), IndexSettings::default()).unwrap();
    let today = begin().plus(DAY * 400);
    let events = fill(&index, DAYS, 20, |_| today);
    check(&index, events, "a year of event times, one day of arrival");
    drop(index);
    // Days of arrival, ten partitions each. A year of them is 3,650 commits with all their fsyncs, which takes minutes on a
    // disk: `VIGIE_MEMORY_DAYS=365 TMPDIR=/dev/shm` does it in one.
    let days = std::env::var("VIGIE_MEMORY_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), IndexSettings::default()).unwrap();
    let events = fill(&index, days, 2, |time| time);
    check(&index, events, &format!("{days} days of arrival"));
}
