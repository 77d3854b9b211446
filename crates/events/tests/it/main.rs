//! Tests of the event store through its public door.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod aggregates;
mod durability;
mod export;
mod fixture;
mod language;
mod log;
mod oracle;
mod paging;
mod resume;
mod search;
