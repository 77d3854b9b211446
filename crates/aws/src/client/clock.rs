//! What time AWS believes it is. A signature is good for some minutes only, and a host's clock may be wrong.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// How far off a clock must be before it is corrected: AWS itself takes five minutes.
const SKEW_MIN: i64 = 4 * 60;

/// This host's clock, corrected by what AWS said.
#[derive(Debug, Default)]
pub(super) struct Clock {
    ahead_s: AtomicI64,
}

impl Clock {
    /// Returns the time to sign with.
    pub(super) fn now(&self) -> SystemTime {
        moved(SystemTime::now(), self.ahead_s.load(Ordering::Relaxed))
    }

    /// Corrects it by the `Date` of an answer. Returns whether that changed anything, so that the call is worth repeating.
    pub(super) fn correct(&self, theirs: SystemTime, ours: SystemTime) -> bool {
        let ahead = seconds_between(theirs, ours);
        let before = self.ahead_s.load(Ordering::Relaxed);
        if (ahead - before).abs() < SKEW_MIN {
            return false;
        }
        self.ahead_s.store(ahead, Ordering::Relaxed);
        true
    }
}

fn moved(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let there = if seconds < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    there.unwrap_or(time)
}

fn seconds_between(later: SystemTime, earlier: SystemTime) -> i64 {
    match later.duration_since(earlier) {
        Ok(ahead) => i64::try_from(ahead.as_secs()).unwrap_or(i64::MAX),
        Err(behind) => i64::try_from(behind.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_is_corrected_once() {
        let (clock, ours) = (Clock::default(), SystemTime::now());
        assert!(!clock.correct(ours + Duration::from_secs(239), ours), "that is near enough");
        let theirs = ours - Duration::from_hours(1);
        assert!(clock.correct(theirs, ours));
        assert!(!clock.correct(theirs, ours), "it is corrected already: the clock was not the reason");
        let off = seconds_between(SystemTime::now(), clock.now());
        assert!((3599..=3601).contains(&off), "{off}");
        assert!(clock.correct(ours, ours), "and back");
    }
}
