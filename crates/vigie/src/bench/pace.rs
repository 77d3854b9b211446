//! When each event is due.
//!
//! Latencies count from when an event was due, not from when it was sent at last: a server that stalls must not make the
//! generator wait with it and measure less (the *coordinated omission* of Gil Tene's "How NOT to Measure Latency").

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How far a source that nothing slows down may run ahead of those that the server slows down, in events.
const AHEAD_MAX: f64 = 1_000.0;

/// The plan for all events of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// So many events a second, evenly.
    Steady { rate: f64 },
    /// The same number on average, but those of each interval all at once at its beginning.
    Bursts { rate: f64, every_s: f64 },
    /// As fast as the server takes them.
    Flat,
}

/// The plan for one sender, which has a part of the events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Schedule {
    pub(super) pace: Pace,
    pub(super) share: f64,
}

impl Schedule {
    /// Returns when the event of this number (from 0) is due, counted from the start; zero where nothing is ever due.
    pub(super) fn due(&self, number: u64) -> Duration {
        match self.pace {
            Pace::Steady { rate } => Duration::from_secs_f64(number as f64 / (rate * self.share)),
            Pace::Bursts { rate, every_s } => {
                let burst = rate * self.share * every_s;
                // So many events are due with each burst; the fractions that are left over gather.
                Duration::from_secs_f64((number as f64 / burst).floor() * every_s)
            }
            Pace::Flat => Duration::ZERO,
        }
    }

    /// Returns how many events are due after so long. Without a pace, as many as keep up with the `leader`.
    pub(super) fn count(&self, elapsed: Duration, leader: &Leader) -> u64 {
        let elapsed = elapsed.as_secs_f64();
        let due = match self.pace {
            Pace::Steady { rate } => (elapsed * rate * self.share).floor() + 1.0,
            Pace::Bursts { rate, every_s } => {
                (((elapsed / every_s).floor() + 1.0) * rate * self.share * every_s).ceil()
            }
            Pace::Flat if leader.share <= 0.0 => f64::INFINITY,
            Pace::Flat => (leader.taken.load(Ordering::Relaxed) as f64 / leader.share + AHEAD_MAX) * self.share,
        };
        due as u64
    }
}

/// The senders that the server slows down: where there is no pace, the others keep to what these got rid of, so that the mix
/// stays what it is. A file takes lines as fast as the disk does.
#[derive(Debug, Default)]
pub(super) struct Leader {
    /// Their part of all events; 0 where there are none.
    pub(super) share: f64,
    /// How many of their events the server took.
    pub(super) taken: AtomicU64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The n-th event is due exactly when one more is counted.
    #[track_caller]
    fn check(pace: Pace, share: f64) {
        let schedule = Schedule { pace, share };
        let leader = Leader::default();
        for number in [0, 1, 2, 9, 10, 11, 99, 1_000, 123_456] {
            let due = schedule.due(number);
            assert!(schedule.count(due + Duration::from_micros(1), &leader) > number, "{pace:?} {share} {number}");
            if let Some(before) = due.checked_sub(Duration::from_micros(1)) {
                assert!(schedule.count(before, &leader) <= number, "{pace:?} {share} {number}");
            }
        }
    }

    #[test]
    fn times_and_counts_agree() {
        for share in [1.0, 0.5, 0.125] {
            check(Pace::Steady { rate: 1_000.0 }, share);
            check(Pace::Steady { rate: 8.0 }, share);
            check(Pace::Bursts { rate: 1_000.0, every_s: 4.0 }, share);
        }
    }

    #[test]
    fn without_a_pace_who_is_not_slowed_keeps_up_with_who_is() {
        let schedule = Schedule { pace: Pace::Flat, share: 0.25 };
        let leader = Leader { share: 0.5, taken: AtomicU64::new(10_000) };
        assert_eq!(schedule.count(Duration::ZERO, &leader), 5_250);
        assert_eq!(schedule.count(Duration::ZERO, &Leader::default()), u64::MAX);
    }
}
