//! Latencies, and the figures drawn from them.

use std::sync::Mutex;
use std::time::Duration;

use serde::Serialize;

/// Latencies as they were measured.
#[derive(Debug, Default)]
pub(super) struct Latencies(Mutex<Vec<Duration>>);

/// What is said of latencies, in milliseconds. All are `None` where nothing was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct LatencyFigures {
    pub(super) count: usize,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    pub(super) max_ms: Option<f64>,
}

impl Latencies {
    /// Keeps one.
    pub(super) fn add(&self, latency: Duration) {
        self.0.lock().expect("no one panics while holding this lock").push(latency);
    }

    /// Returns the figures so far.
    pub(super) fn figures(&self) -> LatencyFigures {
        let mut all = self.0.lock().expect("no one panics while holding this lock").clone();
        all.sort_unstable();
        let at = |part: f64| nearest_rank(&all, part).map(milliseconds);
        LatencyFigures { count: all.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

/// Returns the smallest value that is at least as large as this part of all: the nearest-rank percentile.
fn nearest_rank(sorted: &[Duration], part: f64) -> Option<Duration> {
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// Returns milliseconds to a tenth.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(milliseconds: impl IntoIterator<Item = u64>, expected: [Option<f64>; 3]) {
        let latencies = Latencies::default();
        milliseconds.into_iter().for_each(|value| latencies.add(Duration::from_millis(value)));
        let figures = latencies.figures();
        assert_eq!([figures.p50_ms, figures.p99_ms, figures.max_ms], expected);
    }

    #[test]
    fn percentiles_are_values_that_were_seen() {
        check([], [None; 3]);
        check([7], [Some(7.0); 3]);
        check([9, 1], [Some(1.0), Some(9.0), Some(9.0)]);
        check((1..=1_000).rev(), [Some(500.0), Some(990.0), Some(1_000.0)]);
    }
}
