//! Batches over HTTP, each with an id, so that it may be sent again.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ureq::Agent;

use super::Drive;
use crate::bench::content::Content;
use crate::bench::mix::{Kind, Stream};
use crate::bench::pace::{Pace, Schedule};
use crate::bench::tally::Seconds;
use crate::cli::Connection;

/// Events in a batch, at most.
const BATCH_EVENTS_MAX: f64 = 500.0;
/// How long a batch gathers events at a steady rate, in seconds: what shippers do before they send.
const GATHER_S: f64 = 0.25;
/// How long to wait for a server that is away, or that does not say how long.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a server may take to answer before the batch is sent again.
const ANSWER_MAX: Duration = Duration::from_secs(90);

/// One kind of source, cut into batches.
struct Lane {
    kind: Kind,
    stream: Stream,
    schedule: Schedule,
    batch: u64,
    /// The number of the next event.
    next: Mutex<u64>,
    content: Mutex<Content>,
}

impl Lane {
    /// Returns how urgent a batch that begins with this event is: the least comes first.
    fn urgency(&self, next: u64) -> f64 {
        match self.schedule.pace {
            Pace::Flat => next as f64 / self.schedule.share,
            _ => self.schedule.due(next + self.batch - 1).as_secs_f64(),
        }
    }
}

/// All that goes over HTTP: the connections take the batch that is due next, whosever it is.
pub(in crate::bench) struct HttpLanes {
    lanes: Vec<Lane>,
    taking: Mutex<()>,
    run: String,
}

impl HttpLanes {
    /// Returns the lanes of these kinds, with their shares of all events.
    pub(in crate::bench) fn new(kinds: Vec<(Kind, Stream, f64)>, pace: Pace, seed: u64, run: &str) -> Self {
        let lane = |(kind, stream, share)| {
            let schedule = Schedule { pace, share };
            let batch = batch_events(pace, share);
            let content = Mutex::new(Content::new(kind, seed));
            Lane { kind, stream, schedule, batch, next: Mutex::new(0), content }
        };
        Self { lanes: kinds.into_iter().map(lane).collect(), taking: Mutex::new(()), run: run.to_owned() }
    }

    /// Takes the batch that is due next: its lane and its first event.
    fn take(&self) -> Option<(&Lane, u64)> {
        let _one_at_a_time = self.taking.lock().expect("no one panics while holding this lock");
        let next = |lane: &Lane| *lane.next.lock().expect("no one panics while holding this lock");
        let urgency = |lane: &&Lane| lane.urgency(next(lane));
        let lane = self.lanes.iter().min_by(|left, right| urgency(left).total_cmp(&urgency(right)))?;
        let mut next = lane.next.lock().expect("no one panics while holding this lock");
        let first = *next;
        *next += lane.batch;
        Some((lane, first))
    }
}

/// Returns how many events a batch has: what comes together in a shipper's time, or an even part of a burst.
fn batch_events(pace: Pace, share: f64) -> u64 {
    let events = match pace {
        Pace::Steady { rate } => (rate * share * GATHER_S).min(BATCH_EVENTS_MAX),
        Pace::Bursts { rate, every_s } => {
            let burst = rate * share * every_s;
            burst / (burst / BATCH_EVENTS_MAX).ceil()
        }
        Pace::Flat => BATCH_EVENTS_MAX,
    };
    events.max(1.0) as u64
}

/// Sends batches over one connection until the run is over.
pub(in crate::bench) fn send_batches(drive: &Drive, lanes: &HttpLanes, connection: &Connection) {
    let poster = Poster::new(connection);
    let mut body = Vec::new();
    while let Some((lane, first)) = lanes.take() {
        let due = lane.schedule.due(first + lane.batch - 1);
        drive.sleep_until(due);
        if drive.is_over() {
            return;
        }
        let due = if drive.pace == Pace::Flat { drive.start.elapsed() } else { due };
        let seconds = write_batch(drive, lane, first, due, &mut body);
        let id = format!("bench-{}-{}-{first}", lanes.run, lane.kind);
        drive.tally.sent(&lane.stream, &seconds);
        match poster.post(drive, &lane.stream, &id, &body) {
            Posted::Acknowledged => {
                drive.acknowledgements.add(drive.start.elapsed().saturating_sub(due));
                drive.tally.safe(&lane.stream, &seconds);
                drive.leader.taken.fetch_add(lane.batch, Ordering::Relaxed);
            }
            Posted::GivenUp => return,
        }
    }
}

/// Writes a batch and returns how many of its events happen in which second.
fn write_batch(drive: &Drive, lane: &Lane, first: u64, due: Duration, body: &mut Vec<u8>) -> Seconds {
    body.clear();
    let serial = drive.serials(lane.batch);
    let mut seconds = Seconds::default();
    let mut content = lane.content.lock().expect("no one panics while holding this lock");
    for number in 0..lane.batch {
        let at = if drive.pace == Pace::Flat { due } else { lane.schedule.due(first + number) };
        let second = drive.second(at);
        seconds.add(second);
        content.write(second, serial + number, body);
        body.push(b'\n');
    }
    seconds
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bench) enum Posted {
    /// The server has it.
    Acknowledged,
    /// The run ended before the server said so: it may have it or not.
    GivenUp,
}

/// Sends batches, again and again until they are acknowledged.
pub(in crate::bench) struct Poster {
    agent: Agent,
    server: String,
    authorization: String,
}

impl Poster {
    /// Returns a sender with a connection of its own, which is opened with the first batch.
    pub(in crate::bench) fn new(connection: &Connection) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER_MAX));
        Self {
            agent: config.build().new_agent(),
            server: connection.server.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {}", connection.key.as_deref().unwrap_or_default()),
        }
    }

    /// Sends a batch until it is acknowledged, with the same id each time, waiting as long as the server asks for.
    pub(in crate::bench) fn post(&self, drive: &Drive, stream: &Stream, id: &str, body: &[u8]) -> Posted {
        let url = format!("{}/api/v1/ingest/{}", self.server, stream.source);
        while !drive.gives_up() {
            let request = self
                .agent
                .post(&url)
                .header("Authorization", &self.authorization)
                .header("Content-Type", "application/x-ndjson")
                .header("X-Vigie-Tenant", stream.tenant.as_str())
                .header("X-Vigie-Batch-Id", id);
            let wait = match request.send(body) {
                Ok(mut answer) => {
                    let status = answer.status().as_u16();
                    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
                    let wait = retry_after.and_then(|value| value.parse().ok()).map_or(AGAIN, Duration::from_secs);
                    let text = answer.body_mut().read_to_string().unwrap_or_default();
                    match status {
                        200 => return Posted::Acknowledged,
                        429 | 503 => wait,
                        _ => {
                            drive.fail(format!("the server refused a batch of {stream} ({status}): {text}"));
                            return Posted::GivenUp;
                        }
                    }
                }
                Err(_) => AGAIN,
            };
            drive.retries.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(wait);
        }
        Posted::GivenUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_large_as_what_comes_together() {
        let steady = |rate| batch_events(Pace::Steady { rate }, 0.5);
        assert_eq!([steady(0.1), steady(80.0), steady(1_000_000.0)], [1, 10, 500]);
        let bursts = |rate| batch_events(Pace::Bursts { rate, every_s: 2.0 }, 0.5);
        assert_eq!([bursts(0.1), bursts(80.0), bursts(500.0), bursts(501.0), bursts(1_400.0)], [1, 80, 500, 250, 466]);
        assert_eq!(batch_events(Pace::Flat, 0.1), 500);
    }
}
