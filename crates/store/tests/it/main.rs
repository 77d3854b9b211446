//! The store against a real database file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod actions;
mod alerts;
mod audit;
mod cases;
mod crash;
mod erase;
mod files;
mod filters;
mod group;
mod intake;
mod isolation;
mod migration;
mod paging;
mod people;
mod reach;
mod samples;
mod schema;
mod statistics;
mod suppressions;
