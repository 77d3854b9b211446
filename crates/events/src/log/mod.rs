//! The write-ahead log.

mod position;

pub use position::LogPosition;
