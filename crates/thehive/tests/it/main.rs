//! The door as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alerts;
mod cases;
mod check;
mod client;
mod feeders;
mod house;
mod import;
mod logs;
mod matrix;
mod merging;
mod misp;
mod observables;
mod opened;
mod people;
mod query;
mod status;
mod tasks;
mod templates;
mod uploads;
mod ways;
