//! The senders: each speaks the wire protocol that a real one does.

mod http;
mod markers;
mod stream;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub(super) use http::{HttpLanes, send_batches};
pub(super) use markers::{Beat, mark_over_http, mark_over_tcp};
pub(super) use stream::{CountedTcp, FileLines, LinesTcp, Sink, Udp, send_stream};

use super::latency::Latencies;
use super::pace::{Leader, Pace, Schedule};
use super::tally::Tally;

/// How long senders may go on trying after the end of the run before what is not acknowledged is given up.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_mins(1);

/// What all senders of a run work on.
pub(super) struct Drive {
    pub(super) pace: Pace,
    pub(super) start: Instant,
    /// The time of day at the start, in microseconds since 1970: events carry when they were due.
    pub(super) start_micros: i64,
    /// How long events become due.
    pub(super) length: Duration,
    pub(super) tally: Tally,
    pub(super) leader: Leader,
    /// From when a batch was complete to its acknowledgement.
    pub(super) acknowledgements: Latencies,
    /// How often a batch was sent again, because the server asked for that or was not there.
    pub(super) retries: AtomicU64,
    /// What makes each event unlike all others.
    serial: AtomicU64,
    stop: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Drive {
    /// Returns a run that begins now.
    pub(super) fn begin(pace: Pace, length: Duration, leader_share: f64) -> Self {
        Self {
            pace,
            start: Instant::now(),
            start_micros: jiff::Timestamp::now().as_microsecond(),
            length,
            tally: Tally::default(),
            leader: Leader { share: leader_share, taken: AtomicU64::new(0) },
            acknowledgements: Latencies::default(),
            retries: AtomicU64::new(0),
            serial: AtomicU64::new(1),
            stop: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// Returns the second since 1970 in which what is due after so long happens.
    pub(super) fn second(&self, due: Duration) -> i64 {
        (self.start_micros + due.as_micros() as i64).div_euclid(1_000_000)
    }

    /// Returns the first of so many serials that nobody else gets.
    pub(super) fn serials(&self, count: u64) -> u64 {
        self.serial.fetch_add(count, Ordering::Relaxed)
    }

    /// Returns whether no more events become due.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.start.elapsed() >= self.length
    }

    /// Returns whether what is on its way is to be given up.
    pub(super) fn gives_up(&self) -> bool {
        self.failed() || self.start.elapsed() >= self.length + GIVE_UP_AFTER
    }

    /// Ends the run early.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Ends the run because of something that waiting does not mend. The first reason stands.
    pub(super) fn fail(&self, reason: String) {
        self.failure.lock().expect("no one panics while holding this lock").get_or_insert(reason);
        self.stop();
    }

    fn failed(&self) -> bool {
        self.failure.lock().expect("no one panics while holding this lock").is_some()
    }

    /// Returns why the run failed, where it did.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().expect("no one panics while holding this lock").clone()
    }

    /// Returns how many events are due and not sent; without a pace nothing is ever due.
    pub(super) fn behind(&self) -> u64 {
        let everything = Schedule { pace: self.pace, share: 1.0 };
        if self.pace == Pace::Flat {
            return 0;
        }
        let elapsed = self.start.elapsed().min(self.length);
        everything.count(elapsed, &self.leader).saturating_sub(self.tally.total().sent)
    }

    /// Sleeps until what is due after so long is due, but not past the end of the run.
    pub(super) fn sleep_until(&self, due: Duration) {
        const NAP_MAX: Duration = Duration::from_millis(100);
        while let Some(left) = due.checked_sub(self.start.elapsed()).filter(|left| !left.is_zero()) {
            if self.is_over() {
                return;
            }
            std::thread::sleep(left.min(NAP_MAX));
        }
    }
}
