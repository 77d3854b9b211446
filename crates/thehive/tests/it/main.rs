//! The door as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alerts;
mod cases;
mod check;
mod client;
mod feeders;
mod house;
mod import;
mod matrix;
mod merging;
mod misp;
mod observables;
mod people;
mod query;
mod status;
mod uploads;
