//! What is known of a partition without opening it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vigie_model::Timestamp;

use crate::LogPosition;
use crate::sealed::{self, Durability};

/// What is known of a partition without opening it: `manifest.json`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    version: u32,
    /// How many events are committed; true only where `clean`.
    pub(crate) events: u64,
    /// The event times are within these, in microseconds since 1970. It may be wider than the events are, never narrower:
    /// it is widened before a commit.
    pub(crate) span: Option<Span>,
    /// The partition has no events of the log from here on; where the last commit was not finished it may have fewer.
    pub(crate) until: LogPosition,
    /// Whether the last commit that this file speaks of was finished.
    pub(crate) clean: bool,
}

/// A range of event times, both ends included, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

impl Span {
    pub(crate) fn of(micros: i64) -> Self {
        Self { min: micros, max: micros }
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Returns whether any time from `from` up to, not including, `until` is within.
    pub(crate) fn meets(self, from: Option<Timestamp>, until: Option<Timestamp>) -> bool {
        from.is_none_or(|from| from.as_micros() <= self.max) && until.is_none_or(|until| self.min < until.as_micros())
    }
}

const VERSION: u32 = 1;
const NAME: &str = "manifest.json";

impl Manifest {
    pub(crate) fn new(events: u64, span: Option<Span>, until: LogPosition) -> Self {
        Self { version: VERSION, events, span, until, clean: true }
    }

    /// Reads a partition's manifest; `None` where there is none, or none that can be trusted.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let path = folder.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), "manifest cannot be read and is rebuilt: {error}");
                return None;
            }
        };
        match sealed::unseal::<Self>(&text) {
            Ok(manifest) if manifest.version == VERSION && manifest.is_sane() => manifest.clean.then_some(manifest),
            Ok(_) => {
                tracing::warn!(path = %path.display(), "manifest makes no sense and is rebuilt");
                None
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), "manifest is damaged and is rebuilt: {error}");
                None
            }
        }
    }

    fn is_sane(&self) -> bool {
        self.span.map_or(self.events == 0, |span| span.min <= span.max)
    }

    /// Writes the manifest in one step: a reader finds the old one or the new one, whole. Unless it says `clean` it is on
    /// disk when this returns; a clean one that a crash tears is rebuilt.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let durability = if self.clean { Durability::Lazy } else { Durability::Synced };
        sealed::replace(folder, NAME, &sealed::seal(self)?, durability)
    }
}
