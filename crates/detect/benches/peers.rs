//! Real Windows events under all rules of SigmaHQ, here and in `rsigma-eval`, in one run: what an event costs.
//!
//! ```text
//! VIGIE_TEST_DATA=FOLDER taskset --cpu-list 1 cargo bench --package vigie-detect --bench peers
//! ```
//! Both are shown each event with its logsource, parsed by `serde_json`; what else makes it an event of ours is not counted. `VIGIE_BENCH_EVENTS` says how many; the first of the sample are taken.

mod shown;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rsigma_eval::JsonEvent;
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde_json::{Map, Value};
use vigie_detect::{Engine, Pipeline, RuleSet};
use vigie_model::{Event, Logsource};

/// That of the binary, for both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often the events are shown to the rules; the last time counts.
const ROUNDS: u64 = 3;

/// How many events are shown to the rules at once.
const BATCH: usize = 500;

struct Sample {
    line: String,
    logsource: [String; 3],
}

fn main() {
    let Some(data) = std::env::var_os("VIGIE_TEST_DATA").map(PathBuf::from) else {
        return say("skipped: VIGIE_TEST_DATA does not say where the rules and events are");
    };
    let wanted = std::env::var("VIGIE_BENCH_EVENTS").map_or(50_000, |text| text.parse().expect("a number of events"));
    let samples = samples(&data, wanted);
    let bytes: usize = samples.iter().map(|sample| sample.line.len()).sum();
    say(&format!("{} events of {} bytes on average", samples.len(), bytes / samples.len().max(1)));
    let files = shown::rule_files(&data.join("sigma/rules"));
    ours(&files, &samples);
    theirs(&files, &samples);
}

fn ours(files: &[(String, String)], samples: &[Sample]) {
    let ((rules, mut engine), loading) = timed(|| {
        let rules = RuleSet::load(files.to_vec(), &Pipeline::none()).rules;
        (rules.len(), Engine::new(rules))
    });
    let (mut parsing, mut evaluating, mut findings) = (Duration::ZERO, Duration::ZERO, 0);
    // The first round makes the indexes; it is not counted.
    for round in 0..ROUNDS {
        (parsing, evaluating, findings) = (Duration::ZERO, Duration::ZERO, 0);
        for (number, samples) in (0_u64..).zip(samples.chunks(BATCH)) {
            let first = round * 1_000_000 + number * BATCH as u64;
            let (parsed, took) = timed(|| samples.iter().map(parse).collect::<Vec<_>>());
            parsing += took;
            let events: Vec<Event> = (first..)
                .zip(samples.iter().zip(parsed))
                .map(|(number, (sample, value))| event(number, sample, value))
                .collect();
            let (found, took) = timed(|| engine.observe(&events, events[0].arrival).len());
            evaluating += took;
            findings += found;
        }
    }
    let counters = engine.counters();
    say(&format!("rules judged an event: {:.1}", counters.judged as f64 / counters.events as f64));
    report("vigie", rules, loading, samples.len(), findings, parsing, evaluating);
}

fn theirs(files: &[(String, String)], samples: &[Sample]) {
    let ((rules, engine), loading) = timed(|| {
        let mut engine = rsigma_eval::Engine::new();
        let parsed = files.iter().filter_map(|(_, text)| parse_sigma_yaml(text).ok());
        let rules: Vec<_> = parsed.flat_map(|collection| collection.rules).collect();
        let refused = engine.add_rules(&rules).len();
        (rules.len() - refused, engine)
    });
    let (mut parsing, mut evaluating, mut findings) = (Duration::ZERO, Duration::ZERO, 0);
    for samples in samples.chunks(BATCH) {
        let (events, took) = timed(|| samples.iter().map(parse).collect::<Vec<_>>());
        parsing += took;
        let sources: Vec<LogSource> = samples.iter().map(|sample| logsource(&sample.logsource)).collect();
        let (found, took) = timed(|| {
            let shown = events.iter().zip(&sources);
            shown
                .map(|(event, source)| engine.evaluate_with_logsource(&JsonEvent::borrow(event), source).len())
                .sum::<usize>()
        });
        evaluating += took;
        findings += found;
    }
    report("rsigma-eval", rules, loading, samples.len(), findings, parsing, evaluating);
}

fn report(
    name: &str,
    rules: usize,
    loading: Duration,
    events: usize,
    findings: usize,
    parsing: Duration,
    evaluating: Duration,
) {
    let each = |took: Duration| took.as_secs_f64() * 1e6 / events as f64;
    say(&format!(
        "{name}: {rules} rules loaded in {:.2} s; {findings} findings; parse {:.2} µs an event, evaluation {:.2} µs; \
         {:.0} events a CPU-second with the parse, {:.0} without",
        loading.as_secs_f64(),
        each(parsing),
        each(evaluating),
        1e6 / (each(parsing) + each(evaluating)),
        1e6 / each(evaluating),
    ));
}

/// Returns how much CPU time something took.
fn timed<T>(make: impl FnOnce() -> T) -> (T, Duration) {
    let begin = cpu_time();
    let made = make();
    (made, cpu_time().saturating_sub(begin))
}

/// Returns the CPU time of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("less than a second"))
}

fn samples(data: &Path, wanted: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    for number in 1..=4 {
        let file = std::fs::File::open(data.join(format!("otrf-windows/windows-{number}.jsonl.gz")));
        let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file.expect("the sample is there"))).lines();
        for line in lines.take(wanted - samples.len()) {
            let mut fields: Map<String, Value> =
                serde_json::from_str(&line.expect("the sample is sound")).expect("each line is an object");
            let mut hint = |name: &str| match fields.remove(name) {
                Some(Value::String(text)) => text,
                _ => String::new(),
            };
            let logsource = [hint("ls_product"), hint("ls_category"), hint("ls_service")];
            samples.push(Sample { line: Value::Object(fields).to_string(), logsource });
        }
    }
    samples
}

fn parse(sample: &Sample) -> Value {
    serde_json::from_str(&sample.line).expect("it was written just now")
}

fn logsource([product, category, service]: &[String; 3]) -> LogSource {
    let part = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    LogSource { product: part(product), category: part(category), service: part(service), ..LogSource::default() }
}

fn event(number: u64, sample: &Sample, value: Value) -> Event {
    let [product, category, service] = &sample.logsource;
    shown::event(number, value, Logsource::new(product, category, service))
}

fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").expect("standard output takes it");
}
