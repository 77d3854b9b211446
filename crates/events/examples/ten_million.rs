//! Builds a store of ten million synthetic events of one day, once, and times questions to it.
//!
//! ```text
//! cargo build --release -p vigie-events --example ten_million
//! taskset -c 1 target/release/examples/ten_million FOLDER [EVENTS [UNTIL]]
//! ```
//!
//! The folder is built where it is not there yet, which takes minutes and about 3 GB, and kept. The events are those of the day before
//! `UNTIL`, in seconds since 1970. Each question is asked once
//! to warm up and then five times; a line of JSON tells the best of the five, in milliseconds of CPU and by the clock.

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use vigie_events::{
    AggregateRequest, EventIndex, EventStore, IndexSettings, Interval, LogPosition, SearchBudget, SearchRequest,
    parse_search,
};
use vigie_model::{Aggregation, AggregationKind, Event, Timestamp};

use synthetic::tenant;

/// How many events are taken in between two commits: about a second's at full rate.
const BATCH: u64 = 25_000;
/// One of so many events is of the rare address, and says the rare word.
const RARE: u64 = 1_000_003;

/// A day that is over.
const UNTIL_S: i64 = 1_772_409_600;

/// Returns the `number`-th event: one of many, over the 24 hours before this time.
fn event(number: u64, events: u64, until: Timestamp) -> Event {
    let mut event = synthetic::event(number);
    let begin = until.minus(Duration::from_hours(24));
    event.arrival = begin.plus(Duration::from_micros(86_400_000_000 / events * number));
    // Sources are late by up to five seconds, each in its own way.
    event.time = event.arrival.minus(Duration::from_micros(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 5_000_000));
    event.envelope.src.port = u16::try_from(number.wrapping_mul(7_919) % 65_536).ok();
    if number % RARE == 77 {
        event.envelope.src.ip = "203.0.113.77".parse().ok();
        event.envelope.message.push_str(" mimikatz");
    }
    event
}

type Failure = Box<dyn std::error::Error>;

fn build(folder: &Path, events: u64, until: Timestamp) -> Result<(), Failure> {
    let index = EventIndex::open(folder, IndexSettings::default())?;
    let mut at = index.position().get();
    while at < events {
        let end = events.min(at + BATCH);
        let batch: Vec<Event> = (at..end).map(|number| event(number, events, until)).collect();
        index.append(&batch, LogPosition::new(at))?;
        index.commit(LogPosition::new(end))?;
        at = end;
    }
    Ok(())
}

/// Returns how long this thread has been on a core (proc_pid_schedstat, Linux).
fn cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn time(name: &str, mut ask: impl FnMut() -> Result<String, Failure>) -> Result<(), Failure> {
    let mut answer = ask()?;
    let (mut best_cpu, mut best_wall) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let (began, cpu_began) = (Instant::now(), cpu());
        answer = ask()?;
        best_wall = best_wall.min(began.elapsed());
        best_cpu = best_cpu.min(cpu().saturating_sub(cpu_began));
    }
    let millis = |time: Duration| (time.as_secs_f64() * 1e5).round() / 1e2;
    let (cpu_ms, wall_ms) = (millis(best_cpu), millis(best_wall));
    let line = serde_json::json!({"question": name, "cpu_ms": cpu_ms, "wall_ms": wall_ms, "answer": answer});
    #[expect(clippy::print_stdout, reason = "a bench reports to whoever runs it")]
    {
        println!("{line}");
    }
    Ok(())
}

fn find(index: &EventIndex, name: &str, text: &str, limit: u32) -> Result<(), Failure> {
    let filter = parse_search(text, Timestamp::EPOCH)?;
    let request = SearchRequest::newest(&tenant(), filter, limit);
    time(name, || {
        let page = index.search(&request, &SearchBudget::unlimited())?;
        Ok(format!("{} of {}", page.events.len(), page.total))
    })
}

fn count(index: &EventIndex, name: &str, text: &str, aggregation: Aggregation) -> Result<(), Failure> {
    let request = AggregateRequest {
        tenants: vec![tenant()],
        filter: parse_search(text, Timestamp::EPOCH)?,
        from: None,
        until: None,
        aggregations: BTreeMap::from([("a".to_owned(), aggregation)]),
    };
    time(name, || {
        let answer = index.aggregate(&request, &SearchBudget::unlimited())?;
        Ok(format!("{} counted", answer.total))
    })
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().ok_or("usage: ten_million FOLDER [EVENTS [UNTIL]]")?;
    let events = arguments.next().and_then(|count| count.to_str()?.parse().ok()).unwrap_or(10_000_000);
    let folder = Path::new(&folder);
    let until = arguments.next().and_then(|seconds| seconds.to_str()?.parse().ok()).unwrap_or(UNTIL_S);
    build(folder, events, Timestamp::from_seconds(until))?;
    let index = EventIndex::open(folder, IndexSettings::default())?;
    find(&index, "needle: a rare address", "203.0.113.77", 100)?;
    find(&index, "needle: a rare word", "mimikatz", 100)?;
    find(&index, "needle: a word that is nowhere", "zzzzzzzz", 100)?;
    find(&index, "newest 100 of a host", "host:host-7.example.com", 100)?;
    find(&index, "newest 100 of a host and a user", "host:host-7.example.com user:user9", 100)?;
    find(&index, "newest 100 of all", "", 100)?;
    find(&index, "newest 100 of a word that all have", "password", 100)?;
    find(&index, "newest 100 of a network", "198.51.7.0/24", 100)?;
    find(&index, "newest 100 like a pattern", "user:user1*7", 100)?;
    let field = |name: &str| name.to_owned();
    let over_time = |minutes: u64| {
        let interval = Interval::Fixed(Duration::from_mins(minutes));
        AggregationKind::Histogram { field: field("time"), interval }
    };
    let top = |name: &str| AggregationKind::Top { field: field(name), limit: 10 };
    let different = || AggregationKind::Cardinality { field: field("src.ip") };
    let percentiles = || AggregationKind::Percentiles { field: field("src.port"), percents: vec![50.0, 95.0, 99.0] };
    let nested = |outer, inner| Aggregation { kind: outer, inner: BTreeMap::from([("i".to_owned(), inner)]) };
    count(&index, "histogram, 10 minutes, of all", "", over_time(10).into())?;
    count(&index, "histogram, 10 minutes, of a user", "user:user9", over_time(10).into())?;
    count(&index, "top ten source addresses of all", "", top("src.ip").into())?;
    count(&index, "top ten users of all", "", top("user").into())?;
    count(&index, "top ten source addresses of a word that all have", "password", top("src.ip").into())?;
    count(&index, "how many source addresses in all", "", different().into())?;
    count(&index, "percentiles of the source port, of all", "", percentiles().into())?;
    count(&index, "top ten users of each hour", "", nested(over_time(60), top("user")))?;
    count(&index, "how many source addresses of each of the top ten users", "", nested(top("user"), different()))?;
    Ok(())
}
