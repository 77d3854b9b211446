//! `vigie bench server`: how much a server takes, how soon it tells, and whether it keeps all of it.
//!
//! A server in a process of its own is sent made-up events over the real wire protocols, at a steady rate, in bursts or as
//! fast as it takes them. Events carry the time at which they were due, and latencies count from there. At the end the
//! server is asked, second by second, what it has: what it acknowledged must be there, once.
//!
//! [`mix`] says who sends, [`content`] what, [`pace`] when and [`doors`] how; [`tally`] is the book, [`books`] holds the
//! server's answers against it.

mod books;
mod content;
mod doors;
mod latency;
mod marker;
mod mix;
mod outcome;
mod pace;
mod probe;
mod process;
mod run;
mod stage;
mod tally;

pub use mix::{MIX_DEFAULT, Mix};
pub(crate) use outcome::Outcome;
pub(crate) use run::{preview, run};

/// Bytes in a megabyte, as memory is told.
const MEGABYTE: f64 = 1_000_000.0;
