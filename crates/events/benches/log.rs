//! How fast the write-ahead log takes records in and gives them back.
//!
//! `append` is the encoding alone; `append and sync` waits for the disk, whose fsync it measures for the most
//! part; `read` gives back what is in the page cache.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use vigie_events::{Log, LogPosition, LogSettings};
use vigie_model::{Position, Record, SourceName, TenantId, Timestamp};

/// As long as the events of the design's figures.
const RECORD_BYTES: usize = 540;

fn records(count: u64) -> Vec<Record> {
    let tenant = TenantId::new("acme").expect("`acme` is a tenant's name");
    let source = SourceName::new("syslog").expect("`syslog` is a source's name");
    let record = |index: u64| Record {
        tenant: tenant.clone(),
        source: source.clone(),
        position: Position::Received { receiver: "udp-0.0.0.0:514-1772323200".to_owned(), sequence: index },
        arrival: Timestamp::from_micros(1_772_323_200_000_000 + index as i64 * 40),
        bytes: Bytes::from(vec![b'a' + (index % 26) as u8; RECORD_BYTES]),
        context: None,
    };
    (0..count).map(record).collect()
}

/// Returns a log in a new folder that is large enough never to be full.
fn log() -> (tempfile::TempDir, Log) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let settings = LogSettings { bytes_max: u64::MAX, ..LogSettings::default() };
    let (log, _) = Log::open(folder.path(), settings).expect("a new folder opens");
    (folder, log)
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log");
    for count in [100, 1_000] {
        let all = records(count);
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("append {count}"), |bencher| {
            let (_folder, mut log) = log();
            bencher.iter_custom(|rounds| {
                let mut took = Duration::ZERO;
                for _ in 0..rounds {
                    let records = all.clone();
                    let started = Instant::now();
                    black_box(log.append(Timestamp::EPOCH, records, Vec::new()));
                    took += started.elapsed();
                    log.sync().expect("the disk has room");
                    log.trim(log.end()).expect("files can be removed");
                }
                took
            });
        });
        group.bench_function(format!("append and sync {count}"), |bencher| {
            let (_folder, mut log) = log();
            bencher.iter_batched(
                || all.clone(),
                |records| {
                    let entries = log.append(Timestamp::EPOCH, records, Vec::new());
                    log.sync().expect("the disk has room");
                    log.trim(log.end()).expect("files can be removed");
                    entries
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn read(criterion: &mut Criterion) {
    let (_folder, mut log) = log();
    for _ in 0..100 {
        log.append(Timestamp::EPOCH, records(1_000), Vec::new());
    }
    log.sync().expect("the disk has room");
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Elements(100_000)).sample_size(20);
    group.bench_function("read 100,000", |bencher| {
        bencher.iter(|| {
            let reader = log.reader(LogPosition::default()).expect("the log is open");
            for item in reader {
                black_box(item.expect("the log can be read"));
            }
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    write(&mut criterion);
    read(&mut criterion);
    criterion.final_summary();
}
