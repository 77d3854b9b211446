//! What the log is made of, as its users see it.

use vigie_model::{DeadLetter, Record, Timestamp};

use super::{LogDamage, LogPosition};

/// One frame of the log: records and dead letters that were written, and are read, together.
///
/// The events of an entry are numbered: the `i`-th that normalising its records gives has the sequence
/// `position.get() + i`. An entry has more bytes than events, so that these numbers are unique and grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it begins.
    pub position: LogPosition,
    /// Where the next one begins.
    pub end: LogPosition,
    /// When it was written; a replay takes it as its clock.
    pub now: Timestamp,
    /// The records.
    pub records: Vec<Record>,
    /// What could not be read even before it got here.
    pub dead: Vec<DeadLetter>,
}

/// What a reader of the log comes upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogItem {
    /// An entry, whole.
    Entry(LogEntry),
    /// A part of the log that cannot be read; what follows can.
    Damage(LogDamage),
}
