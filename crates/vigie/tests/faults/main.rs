//! What becomes of a server, and of what it was given, when things go wrong: kills, full and read-only disks, damaged
//! files, clients that misbehave, more than it can take. All against the built binary in a process of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic is the report of a test, and the seed goes with it"
)]

mod clients;
mod damage;
mod disk;
mod input;
mod kills;
mod merges;
mod overload;
mod server;
