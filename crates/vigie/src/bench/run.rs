//! One run, from the first event to the figures.

#![expect(clippy::print_stderr, reason = "progress goes to the terminal beside the result")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, scope};
use std::time::{Duration, Instant};

use super::MEGABYTE;
use super::books::{self, ServerFigures, StreamFigures};
use super::content::Content;
use super::doors::{
    Beat, CountedTcp, Drive, FileLines, HttpLanes, LinesTcp, Sink, Udp, mark_over_http, mark_over_tcp, send_batches,
    send_stream,
};
use super::marker::{self, Markers};
use super::mix::{Door, Kind, Stream};
use super::outcome::{Outcome, Plan, ServerCost};
use super::pace::Pace;
use super::probe::{Seen, probe};
use super::process::{CpuTime, memory};
use super::stage::Stage;
use crate::cli::{BenchServerArguments, Table};
use crate::commands::Failure;

/// How long the server may take to make everything searchable after the last event was sent.
const DRAIN_MAX: Duration = Duration::from_mins(3);
/// How long the last alerts may take once everything is searchable.
const LAST_ALERTS_MAX: Duration = Duration::from_secs(10);
/// How often the server is asked whether it has everything.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Returns what would be sent, with a record of each kind.
pub(crate) fn preview(arguments: &BenchServerArguments) -> String {
    let now = jiff::Timestamp::now().as_second();
    let mut table = Table::new(&["kind", "events/s", "through", "a record"]);
    for (kind, share) in arguments.mix.shares() {
        let mut record = Vec::new();
        Content::new(kind, arguments.seed).write(now, 0, &mut record);
        let record = String::from_utf8_lossy(&record).into_owned();
        let rate = if arguments.rate > 0.0 { tenths(arguments.rate * share).to_string() } else { "–".to_owned() };
        let door = if arguments.url.is_some() { Door::Http } else { kind.door() };
        table.row([kind.to_string(), rate, door.to_string(), record]);
    }
    table.to_string()
}

/// Returns what is asked for.
fn plan(arguments: &BenchServerArguments) -> Plan {
    Plan {
        rate: arguments.rate,
        seconds: arguments.seconds,
        burst_s: arguments.burst,
        mix: arguments.mix.to_string(),
        seed: arguments.seed,
        connections: arguments.connections,
        markers_per_s: arguments.markers,
    }
}

/// Carries out a run.
pub(crate) fn run(arguments: &BenchServerArguments) -> Result<Outcome, Failure> {
    let pace = match (arguments.rate, arguments.burst) {
        (rate, None) if rate > 0.0 => Pace::Steady { rate },
        (rate, Some(every_s)) if rate > 0.0 => Pace::Bursts { rate, every_s },
        (_, None) => Pace::Flat,
        (_, Some(_)) => return Err("--burst needs a --rate above 0".into()),
    };
    let mut stage = Stage::set(arguments)?;
    let with_markers = arguments.markers > 0.0 && marker::is_known(&stage.client)?;
    let lanes = lanes(arguments, &stage);
    let leader = leader_share(&lanes);
    if pace == Pace::Flat && leader <= 0.0 {
        return Err("--rate 0 needs a kind that the server can slow down: auth, or one that goes over HTTP".into());
    }
    let before = before(&stage, &lanes)?;
    let figures_before = books::server_figures(&stage.client);
    let dead_before = books::dead_letters(&stage.client)?;
    let alerts_before = if with_markers { marker::count_alerts(&stage.client)? } else { 0 };
    let mut cpu_before = CpuTime::default();
    if let Some(process) = stage.process() {
        cpu_before.look(&process.to_string());
    }

    let name = format!("{:x}", jiff::Timestamp::now().as_microsecond());
    let markers = Arc::new(Markers::new(&name));
    let drive = Arc::new(Drive::begin(pace, Duration::from_secs_f64(arguments.seconds), leader));
    stop_on_interrupt(&drive);
    let over = AtomicBool::new(false);
    let (seen, sent) = scope(|scope| {
        if with_markers {
            watch(&markers, &stage);
        }
        let probing = scope.spawn(|| probe(&drive, &stage.client, stage.process(), &before, &over));
        send(&drive, &stage, arguments, &lanes, with_markers.then_some(&markers), &name);
        let sent = drain(&drive, &stage, &before);
        if with_markers && sent.is_ok() {
            wait_for_alerts(&markers);
        }
        markers.end();
        over.store(true, Ordering::Relaxed);
        (probing.join(), sent)
    });
    stage.check_alive()?;
    if let Some(reason) = drive.failure() {
        return Err(reason.into());
    }
    let seen = seen.map_err(|_| "looking at the server's process failed: this is a defect of Vigie")?;
    let sent = sent?;
    let alerts_missing = if with_markers {
        (markers.sent() as u64).saturating_sub(marker::count_alerts(&stage.client)? - alerts_before)
    } else {
        0
    };
    let streams = check(&drive, &stage, &before)?;
    let figures = books::server_figures(&stage.client).since(&figures_before);
    let dead = books::dead_letters(&stage.client)?.saturating_sub(dead_before);
    let server = cost(&stage, &seen, &cpu_before, &figures, &streams);
    if let Some(folder) = stage.kept() {
        eprintln!("the server's data is kept in {}", folder.display());
    }
    let run = Run { drive: &drive, markers: &markers, streams, figures, dead, alerts_missing, server, sent };
    Ok(run.outcome(plan(arguments), &stage))
}

/// Listens to the live stream in a thread that nobody waits for: a quiet stream may not say for a while that it lives.
fn watch(markers: &Arc<Markers>, stage: &Stage) {
    let (markers, connection) = (Arc::clone(markers), stage.connection.clone());
    std::thread::spawn(move || markers.watch(&connection));
}

/// One kind, and the part of all events that it sends.
struct LaneOf {
    kind: Kind,
    stream: Stream,
    door: Door,
    share: f64,
}

fn lanes(arguments: &BenchServerArguments, stage: &Stage) -> Vec<LaneOf> {
    let lane = |(kind, share)| LaneOf { kind, stream: stage.stream(kind), door: stage.door(kind), share };
    arguments.mix.shares().into_iter().map(lane).collect()
}

/// Returns the part of all events whose senders tell the others how fast the server is.
fn leader_share(lanes: &[LaneOf]) -> f64 {
    let share = |door| lanes.iter().filter(|lane| lane.door == door).map(|lane| lane.share).sum::<f64>();
    if share(Door::Http) > 0.0 { share(Door::Http) } else { share(Door::SyslogTcp) }
}

/// Returns how many events of each stream the server has already.
fn before(stage: &Stage, lanes: &[LaneOf]) -> Result<Vec<(Stream, u64)>, Failure> {
    let mut streams: Vec<Stream> = lanes.iter().map(|lane| lane.stream.clone()).collect();
    // Markers come as syslog, whatever the mix is.
    streams.push(stage.stream(Kind::Auth));
    streams.sort();
    streams.dedup();
    let count = |stream: Stream| {
        let stored = books::stored(&stage.client, &stream)?;
        Ok((stream, stored))
    };
    streams.into_iter().map(count).collect()
}

/// A second Ctrl-C ends the generator at once.
fn stop_on_interrupt(drive: &Arc<Drive>) {
    let drive = Arc::clone(drive);
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        for round in 0..2 {
            if runtime.block_on(tokio::signal::ctrl_c()).is_err() {
                return;
            }
            if round == 0 {
                eprintln!("stopping: what was sent is counted; again to stop at once");
                drive.stop();
            } else {
                drive.fail("interrupted".to_owned());
            }
        }
    });
}

/// Sends everything; returns when all senders have ended.
fn send(
    drive: &Drive,
    stage: &Stage,
    arguments: &BenchServerArguments,
    lanes: &[LaneOf],
    markers: Option<&Markers>,
    name: &str,
) {
    let over_http = lanes.iter().filter(|lane| lane.door == Door::Http);
    let over_http = over_http.map(|lane| (lane.kind, lane.stream.clone(), lane.share)).collect::<Vec<_>>();
    let connections = if over_http.is_empty() { 0 } else { arguments.connections };
    let http = HttpLanes::new(over_http, drive.pace, arguments.seed, name);
    let marked = stage.stream(Kind::Auth);
    scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| send_batches(drive, &http, &stage.connection));
        }
        for lane in lanes {
            start_streams(scope, drive, stage, lane, arguments.seed);
        }
        let Some(markers) = markers else { return };
        let doors = stage.doors();
        let every = Duration::from_secs_f64(1.0 / arguments.markers);
        let step = 1 + u64::from(doors.is_some());
        let (marked, connection) = (&marked, &stage.connection);
        scope.spawn(move || {
            let beat = Beat { first: 0, step, every };
            note(drive, "markers over HTTP", mark_over_http(drive, markers, marked, (connection, name), beat));
        });
        if let Some(doors) = doors {
            scope.spawn(move || {
                let beat = Beat { first: 1, step, every };
                note(drive, "markers over TCP", mark_over_tcp(drive, markers, marked, doors.syslog_tcp, beat));
            });
        }
    });
}

fn start_streams<'scope>(
    scope: &'scope Scope<'scope, '_>,
    drive: &'scope Drive,
    stage: &'scope Stage,
    lane: &'scope LaneOf,
    seed: u64,
) {
    let Some(doors) = stage.doors() else { return };
    let sinks: Vec<std::io::Result<Box<dyn Sink>>> = match lane.door {
        Door::Http => Vec::new(),
        Door::SyslogUdp => vec![Udp::connect(doors.syslog_udp).map(|sink| Box::new(sink) as Box<dyn Sink>)],
        Door::File => vec![FileLines::open(&doors.file).map(|sink| Box::new(sink) as Box<dyn Sink>)],
        Door::SyslogTcp => vec![
            LinesTcp::connect(doors.syslog_tcp).map(|sink| Box::new(sink) as Box<dyn Sink>),
            CountedTcp::connect(doors.syslog_tcp).map(|sink| Box::new(sink) as Box<dyn Sink>),
        ],
    };
    let share = lane.share / sinks.len().max(1) as f64;
    for (number, sink) in sinks.into_iter().enumerate() {
        let content = Content::new(lane.kind, seed.wrapping_add(number as u64));
        scope.spawn(move || {
            let sent = sink.and_then(|mut sink| send_stream(drive, &lane.stream, share, content, sink.as_mut()));
            note(drive, lane.kind.name(), sent);
        });
    }
}

/// A sender that cannot send ends the run: the figures would mean nothing.
fn note(drive: &Drive, who: &str, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        drive.fail(format!("send {who}: {error}"));
    }
}

/// What the clock said around the end of sending.
struct Sent {
    behind: u64,
    took: Duration,
    drained: Duration,
}

/// Waits until the server has all that was acknowledged or delivered, and a little longer, for what should not come.
fn drain(drive: &Drive, stage: &Stage, before: &[(Stream, u64)]) -> Result<Sent, Failure> {
    let (behind, took, start) = (drive.behind(), drive.start.elapsed(), Instant::now());
    let streams = drive.tally.streams();
    let mut drained = None;
    for (stream, before) in before {
        let safe = streams.get(stream).map_or(0, |seconds| super::tally::sum(seconds.values()).safe);
        while books::stored(&stage.client, stream)?.saturating_sub(*before) < safe {
            if start.elapsed() > DRAIN_MAX || drive.failure().is_some() {
                // What is missing is counted as lost.
                drained = Some(start.elapsed());
                break;
            }
            std::thread::sleep(ASK_EVERY);
        }
    }
    let drained = drained.unwrap_or_else(|| start.elapsed());
    std::thread::sleep(Duration::from_secs(2));
    Ok(Sent { behind, took, drained })
}

fn wait_for_alerts(markers: &Markers) {
    let start = Instant::now();
    while markers.arrived_count() < markers.sent() && start.elapsed() < LAST_ALERTS_MAX {
        std::thread::sleep(ASK_EVERY);
    }
}

fn check(drive: &Drive, stage: &Stage, before: &[(Stream, u64)]) -> Result<Vec<StreamFigures>, Failure> {
    let sent = drive.tally.streams();
    let nothing = BTreeMap::new();
    let check = |(stream, before): &(Stream, u64)| {
        books::check(&stage.client, stream, sent.get(stream).unwrap_or(&nothing), *before)
    };
    before.iter().map(check).collect()
}

fn cost(
    stage: &Stage,
    seen: &Seen,
    before: &CpuTime,
    figures: &ServerFigures,
    streams: &[StreamFigures],
) -> Option<ServerCost> {
    let process = stage.process()?.to_string();
    let mut cpu = seen.cpu.clone();
    cpu.look(&process);
    let stored: u64 = streams.iter().map(|stream| stream.stored).sum();
    let cpu_s = cpu.total_s - before.total_s;
    let mut second_half = seen.memory[seen.memory.len() / 2..].to_vec();
    second_half.sort_unstable();
    let steady = second_half.get(second_half.len() / 2).copied().or_else(|| memory(&process, "VmRSS"));
    let earlier = before.by_thread();
    let threads = cpu.by_thread().into_iter().map(|(name, seconds)| {
        let before = earlier.get(&name).copied().unwrap_or(0.0);
        (name, tenths(seconds - before))
    });
    Some(ServerCost {
        memory_peak_mb: tenths(memory(&process, "VmHWM").unwrap_or(0) as f64 / MEGABYTE),
        memory_steady_mb: tenths(steady.unwrap_or(0) as f64 / MEGABYTE),
        cpu_s: tenths(cpu_s),
        events_per_cpu_s: (stored as f64 / cpu_s.max(0.01)).round(),
        bytes_per_event: (stage.data_bytes().unwrap_or(0) as f64 / stored.max(1) as f64).round(),
        stages_s: figures.stages.iter().map(|(stage, seconds)| (stage.clone(), tenths(*seconds))).collect(),
        threads_s: threads.collect(),
    })
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// All that a run left behind.
struct Run<'a> {
    drive: &'a Drive,
    markers: &'a Markers,
    streams: Vec<StreamFigures>,
    figures: ServerFigures,
    dead: u64,
    alerts_missing: u64,
    server: Option<ServerCost>,
    sent: Sent,
}

impl Run<'_> {
    fn outcome(self, plan: Plan, stage: &Stage) -> Outcome {
        let total = |part: fn(&StreamFigures) -> u64| self.streams.iter().map(part).sum::<u64>();
        let udp = stage.stream(Kind::AuthUdp).to_string();
        let over_udp = self.streams.iter().filter(|stream| stage.doors().is_some() && stream.stream == udp);
        let mut generator = CpuTime::default();
        generator.look("self");
        let alert = self.markers.latencies().figures();
        Outcome {
            sent: total(|stream| stream.sent),
            stored: total(|stream| stream.stored),
            lost: total(|stream| stream.lost),
            alert_p99_ms: alert.p99_ms,
            doubled: total(|stream| stream.doubled),
            dead: self.dead,
            alerts_missing: self.alerts_missing,
            udp_lost: over_udp.map(|stream| stream.sent.saturating_sub(stream.stored)).sum(),
            udp_dropped: self.figures.dropped.max(0.0) as u64,
            events_per_s: (total(|stream| stream.sent) as f64 / self.sent.took.as_secs_f64()).round(),
            behind: self.sent.behind,
            drain_s: tenths(self.sent.drained.as_secs_f64()),
            alert,
            acknowledgement: self.drive.acknowledgements.figures(),
            retries: self.drive.retries.load(Ordering::Relaxed),
            alerts: self.figures.alerts as u64,
            findings: self.figures.findings as u64,
            server: self.server,
            generator_cpu_s: tenths(generator.total_s),
            plan,
            streams: self.streams,
        }
    }
}
