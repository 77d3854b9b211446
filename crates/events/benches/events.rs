//! Appending and searching synthetic events of about 500 bytes with random parts.

mod synthetic;

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use vigie_events::{
    EventIndex, EventStore as _, HistogramRequest, IndexSettings, Interval, LogPosition, SearchBudget, SearchRequest,
    TopRequest, parse_search,
};
use vigie_model::{Event, Filter, Timestamp};

use synthetic::{event, tenant};

const EVENTS: u64 = 100_000;
const BATCH: u64 = 10_000;

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
    let free = SearchBudget::unlimited();
    let mut group = criterion.benchmark_group("search");
    for (name, text) in
        [("needle", "198.51.255.255"), ("host", "host:host-7.example.com"), ("word", "password"), ("all", "")]
    {
        let filter = parse_search(text, Timestamp::EPOCH).expect("the search is well formed");
        let request = SearchRequest::newest(&tenant(), filter, 100);
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(index.search(&request, &free).expect("it searches")));
        });
    }
    let (tenants, filter) = (vec![tenant()], Filter::All);
    let interval = Interval::Fixed(Duration::from_secs(1));
    let histogram =
        HistogramRequest { tenants: tenants.clone(), filter: filter.clone(), from: None, until: None, interval };
    group.bench_function("histogram", |bencher| {
        bencher.iter(|| black_box(index.histogram(&histogram, &free).expect("it counts")));
    });
    let top = TopRequest { tenants, filter, from: None, until: None, field: "src.ip".to_owned(), limit: 10 };
    group.bench_function("top ten addresses", |bencher| {
        bencher.iter(|| black_box(index.top(&top, &free).expect("it counts")));
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    append(&mut criterion);
    search(&mut criterion);
    criterion.final_summary();
}
