//! The tests of the response: one binary, one module for each question.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attackers;
mod cloud;
mod decisions;
mod errors;
mod orders;
mod planning;
mod playbooks;
mod properties;
mod sample;
mod transitions;
