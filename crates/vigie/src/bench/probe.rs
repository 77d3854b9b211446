//! Looks at the server once a second while it works: memory, CPU, how much of what was sent can be found.

#![expect(clippy::print_stderr, reason = "progress goes to the terminal beside the result")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::doors::Drive;
use super::mix::Stream;
use super::process::{CpuTime, memory};
use super::{MEGABYTE, books};
use crate::client::Client;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it tells.
const TELL_EVERY: u32 = 3;

/// What was seen of the server's process.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Memory held, at each look, in bytes.
    pub(super) memory: Vec<u64>,
    pub(super) cpu: CpuTime,
}

/// Looks until `over`, and tells on standard error.
pub(super) fn probe(
    drive: &Drive,
    client: &Client,
    process: Option<u32>,
    before: &[(Stream, u64)],
    over: &AtomicBool,
) -> Seen {
    let mut seen = Seen::default();
    for look in 1_u32.. {
        let next = drive.start + LOOK_EVERY * look;
        while let Some(left) = next.checked_duration_since(Instant::now()) {
            if over.load(Ordering::Relaxed) {
                return seen;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
        let mut held = String::new();
        if let Some(process) = process.map(|id| id.to_string()) {
            seen.cpu.look(&process);
            if let Some(bytes) = memory(&process, "VmRSS") {
                seen.memory.push(bytes);
                held = format!(", {:.0} MB", bytes as f64 / MEGABYTE);
            }
        }
        if look.is_multiple_of(TELL_EVERY) {
            let sent = drive.tally.total().sent;
            // A server that does not answer now is asked again soon.
            let stored: u64 = before
                .iter()
                .filter_map(|(stream, before)| Some(books::stored(client, stream).ok()?.saturating_sub(*before)))
                .sum();
            let behind = drive.behind();
            eprintln!(
                "{:>5.0} s  {sent} sent, {stored} stored, {behind} due{held}",
                drive.start.elapsed().as_secs_f64()
            );
        }
    }
    seen
}
