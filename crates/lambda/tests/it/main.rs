//! The responder against moto: one binary, one module for each question.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod crowd;
mod dependencies;
mod emulator;
mod invocations;
mod world;
