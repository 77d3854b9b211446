//! At most one change of a set each second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Region;

/// Keeps changes of IP sets apart: WAF takes one Create, Put or Update a second for each account and Region. One pace is
/// for one account; whoever changes its sets in one process shares it.
/// Source: <https://docs.aws.amazon.com/waf/latest/developerguide/limits.html>.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    last: Mutex<BTreeMap<Region, Arc<Mutex<Option<Instant>>>>>,
}

impl Default for Pace {
    /// One change a second, counted from the end of one to the beginning of the next, with a little to spare.
    fn default() -> Self {
        Self::every(Duration::from_millis(1_050))
    }
}

impl Pace {
    /// Returns a pace with another gap.
    pub fn every(gap: Duration) -> Self {
        Self { gap, last: Mutex::default() }
    }

    /// Waits for the Region's turn, and holds it: who reads a set, works out what is to change and writes it within one
    /// turn meets nobody else of this process.
    pub(crate) fn in_turn<T>(&self, region: &Region, work: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let last = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(last.entry(region.clone()).or_default())
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Turn { gap: self.gap, last: &mut last })
    }

    /// Waits until the next change may be made anywhere. Whoever ends here and is followed by another process, such as an
    /// invocation by the next, keeps the pace for both.
    pub(crate) fn rest(&self) {
        let all: Vec<_> = {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.values().map(Arc::clone).collect()
        };
        for last in all {
            let last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = *last {
                std::thread::sleep(self.gap.saturating_sub(last.elapsed()));
            }
        }
    }
}

/// The turn to change sets.
pub(crate) struct Turn<'a> {
    gap: Duration,
    last: &'a mut Option<Instant>,
}

impl Turn<'_> {
    /// Waits until the next change may be sent. Returns whether that took any time.
    pub(crate) fn wait(&self) -> bool {
        let left = self.last.map_or(Duration::ZERO, |last| self.gap.saturating_sub(last.elapsed()));
        std::thread::sleep(left);
        !left.is_zero()
    }

    /// Notes that a change was sent.
    pub(crate) fn sent(&mut self) {
        *self.last = Some(Instant::now());
    }
}
