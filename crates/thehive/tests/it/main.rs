//! The door as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod client;
mod house;
mod people;
mod query;
mod status;
