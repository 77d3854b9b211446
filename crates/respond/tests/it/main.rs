//! The tests of the response: one binary, one module for each question.

mod attackers;
mod decisions;
mod errors;
mod orders;
mod planning;
mod playbooks;
mod properties;
mod sample;
mod transitions;
