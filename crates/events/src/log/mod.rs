//! The write-ahead log.

mod decode;
mod disk;
mod encode;
mod entry;
mod error;
mod frame;
mod open;
mod pack;
mod position;
mod reader;
mod segment;
mod varint;
mod writer;

pub use entry::{LogEntry, LogItem};
pub use error::{LogDamage, LogError, LogFault};
pub use position::LogPosition;
pub use reader::LogReader;
pub use writer::{Log, LogCounters, LogSettings};
