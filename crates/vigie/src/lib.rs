//! The one binary for people: its command line, the demo, the load generator, and the checks of rule folders.

pub mod bench;
pub mod cli;
pub mod client;
pub mod demo;
pub mod rules;

mod commands;

pub use commands::{Failure, Verdict, run};
