//! A place in the log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in the log: how many bytes of frames were written before it since the log began. Never reused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPosition(u64);

impl LogPosition {
    /// Returns the place before which so many bytes were written.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Returns how many bytes were written before.
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(super) const fn plus(self, bytes: u64) -> Self {
        Self(self.0.saturating_add(bytes))
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
