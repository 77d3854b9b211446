//! What a question may cost: until when, until whom it interests, how much it brings back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Says to a question that is being answered that nobody waits for the answer any more. Clones say it together.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Ends the question at its next look, some thousands of rows from now.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether nobody waits any more.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a question may cost. Both ends are looked at at least every [`SearchBudget::ROWS_BETWEEN_LOOKS`] rows.
#[derive(Debug, Clone)]
pub struct SearchBudget {
    started: Instant,
    /// How long the answer may take; `None` as long as it takes.
    time: Option<Duration>,
    cancellation: Cancellation,
    page_bytes_max: usize,
    values_max: usize,
}

/// Why a question is not answered to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Cancelled,
    /// It took as long as this.
    Late(Duration),
}

impl SearchBudget {
    /// After how many rows at most the clock and the cancellation are looked at again.
    pub const ROWS_BETWEEN_LOOKS: usize = 4_096;
    /// How many bytes of stored events a page holds at most, unless one event alone is bigger.
    pub const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
    /// How many different values one request for counts may meet, those of each group counted separately. They are counted
    /// exactly and so held in memory, some 100 bytes each.
    pub const VALUES_MAX: usize = 1_000_000;

    /// Returns a budget of so much time from now on.
    pub fn within(time: Duration) -> Self {
        Self { time: Some(time), ..Self::unlimited() }
    }

    /// Returns a budget without an end, for tools and tests.
    pub fn unlimited() -> Self {
        Self {
            started: Instant::now(),
            time: None,
            cancellation: Cancellation::default(),
            page_bytes_max: Self::PAGE_BYTES_MAX,
            values_max: Self::VALUES_MAX,
        }
    }

    /// Returns the same budget for pages of at most so many bytes.
    pub fn with_page_bytes_max(self, bytes: usize) -> Self {
        Self { page_bytes_max: bytes, ..self }
    }

    /// Returns the same budget for counts of at most so many different values.
    pub fn with_values_max(self, values: usize) -> Self {
        Self { values_max: values, ..self }
    }

    /// Returns what ends the question before its time.
    pub fn cancellation(&self) -> Cancellation {
        self.cancellation.clone()
    }

    pub(crate) fn page_bytes_max(&self) -> usize {
        self.page_bytes_max
    }

    pub(crate) fn values_max(&self) -> usize {
        self.values_max
    }

    /// Returns why to stop, where there is a reason.
    pub(crate) fn look(&self) -> Result<(), Stop> {
        if self.cancellation.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        match self.time {
            Some(time) if self.started.elapsed() >= time => Err(Stop::Late(time)),
            _ => Ok(()),
        }
    }
}
