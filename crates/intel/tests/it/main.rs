//! Lists in, findings out; places by databases that the tests write themselves.

#![expect(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod lists;
mod matching;
mod misp;
mod mmdb;
mod places;
