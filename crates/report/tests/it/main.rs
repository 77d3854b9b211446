//! The weekly report from the outside: its numbers, its page, and what hostile values do to it.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod fixture;
mod golden;
mod hostile;
mod numbers;
