//! Appending and searching synthetic events of about 500 bytes with random parts.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use vigie_events::{
    EventIndex, EventStore as _, HistogramRequest, IndexSettings, Interval, LogPosition, SearchRequest, TopRequest,
    parse_search,
};
use vigie_model::{
    Class, Document, Entity, EntityRole, Envelope, Event, EventId, Filter, Logsource, ObservableKind, Outcome,
    Severity, SourceName, TenantId, Timestamp,
};

const EVENTS: u64 = 100_000;
const BATCH: u64 = 10_000;

fn tenant() -> TenantId {
    TenantId::new("bench").expect("it is a slug")
}

/// Returns the `number`-th of an endless stream of JSON events: many failed logins, few addresses often, many seldom.
fn event(number: u64) -> Event {
    let dice = |salt: u64| {
        let mixed = (number ^ salt.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    };
    // The lesser of two draws: low numbers often, high ones seldom.
    let pick = |salt: u64, below: u64| ((dice(salt) >> 20) % below).min((dice(salt + 1) >> 20) % below);
    let (user, host) = (format!("user{}", pick(1, 500)), format!("host-{}.example.com", pick(3, 200)));
    let src = format!("198.51.{}.{}", pick(5, 256), pick(7, 256));
    let message =
        format!("Failed password for {user} from {src} port {} ssh2 session {:016x}", pick(9, 65_536), dice(11));
    let command = format!("/usr/sbin/sshd -D -R --token {:016x}{:016x}", dice(13), dice(15));
    let document = serde_json::json!({
        "event_type": "authentication", "activity": "logon", "outcome": "failure", "user": user, "host": host,
        "src_ip": src, "dst_ip": "192.0.2.10", "dst_port": 22, "process": "sshd", "pid": pick(17, 32_768),
        "command_line": command, "message": message, "region": "eu-west-3", "rule_level": pick(19, 15),
        "tags": ["linux", "ssh"], "agent": "agent-7",
    });
    let native = document.to_string();
    let serde_json::Value::Object(fields) = document else { unreachable!("json!({{…}}) is an object") };
    let arrival = Timestamp::from_seconds(1_772_323_200).plus(Duration::from_micros(number * 800));
    Event {
        id: EventId::derive([number.to_le_bytes()]),
        tenant: tenant(),
        source: SourceName::new("json").expect("it is a slug"),
        time: arrival,
        arrival,
        envelope: Envelope {
            class: Class::Authentication,
            activity: "logon".to_owned(),
            outcome: Outcome::Failure,
            severity: Severity::ALL[(number % 5) as usize],
            logsource: Logsource { product: Some(Arc::from("linux")), ..Logsource::new("linux", "", "sshd") },
            user: Some(user),
            src: vigie_model::Endpoint { ip: src.parse().ok(), ..vigie_model::Endpoint::default() },
            device: Some(host),
            message,
            ..Envelope::default()
        },
        entities: vec![Entity::new(ObservableKind::Ip, src, EntityRole::Source)],
        document: Document::new(fields),
        native: Bytes::from(native),
    }
}

fn folder_bytes(path: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}

fn append(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let index = EventIndex::open(folder.path(), IndexSettings::default()).expect("a new folder opens");
    let mut group = criterion.benchmark_group("append");
    group.throughput(Throughput::Elements(BATCH)).sample_size(10);
    let next = Cell::new(0);
    let mut batch = || {
        let begin = next.replace(next.get() + BATCH);
        (begin..begin + BATCH).map(event).collect::<Vec<_>>()
    };
    group.bench_function("10,000 events and a commit", |bencher| {
        bencher.iter_batched(
            &mut batch,
            |events| {
                index.append(&events, LogPosition::new(next.get() - BATCH)).expect("the disk has room");
                index.commit(LogPosition::new(next.get())).expect("the disk has room");
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn search(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let index = EventIndex::open(folder.path(), IndexSettings::default()).expect("a new folder opens");
    let started = std::time::Instant::now();
    let mut raw = 0;
    for begin in (0..EVENTS).step_by(BATCH as usize) {
        let events: Vec<Event> = (begin..begin + BATCH).map(event).collect();
        raw += events.iter().map(|event| event.native.len() as u64).sum::<u64>();
        index.append(&events, LogPosition::new(begin)).expect("the disk has room");
    }
    index.commit(LogPosition::new(EVENTS)).expect("the disk has room");
    let took = started.elapsed();
    drop(index);
    let size = folder_bytes(folder.path());
    let rate = EVENTS as f64 / took.as_secs_f64();
    #[expect(clippy::print_stderr, reason = "a bench reports to whoever runs it")]
    {
        eprintln!("{rate:.0} events/s with making them; {} bytes each on disk, {} native", size / EVENTS, raw / EVENTS);
    }
    let index = EventIndex::open(folder.path(), IndexSettings::default()).expect("the folder opens again");
    let mut group = criterion.benchmark_group("search");
    for (name, text) in
        [("needle", "198.51.255.255"), ("host", "host:host-7.example.com"), ("word", "password"), ("all", "")]
    {
        let filter = parse_search(text).expect("the search is well formed");
        let request = SearchRequest::newest(&tenant(), filter, 100);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(index.search(&request).expect("it searches"))));
    }
    let (tenants, filter) = (vec![tenant()], Filter::All);
    let interval = Interval::Fixed(Duration::from_secs(1));
    let histogram =
        HistogramRequest { tenants: tenants.clone(), filter: filter.clone(), from: None, until: None, interval };
    group.bench_function("histogram", |bencher| {
        bencher.iter(|| black_box(index.histogram(&histogram).expect("it counts")));
    });
    let top = TopRequest { tenants, filter, from: None, until: None, field: "src.ip".to_owned(), limit: 10 };
    group
        .bench_function("top ten addresses", |bencher| bencher.iter(|| black_box(index.top(&top).expect("it counts"))));
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    append(&mut criterion);
    search(&mut criterion);
    criterion.final_summary();
}
