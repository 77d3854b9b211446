//! Reports from the outside: their numbers, pages and sheets, and what hostile values do to them.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod fixture;
mod golden;
mod hostile;
mod numbers;
mod pdf;
mod rhythm;
