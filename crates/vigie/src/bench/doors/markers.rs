//! Sends markers, half of them over syslog and half over HTTP where both are there.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Drive;
use super::http::{Posted, Poster};
use super::stream::{LinesTcp, Sink as _};
use crate::bench::marker::Markers;
use crate::bench::mix::Stream;
use crate::bench::tally::Seconds;
use crate::cli::Connection;

/// Which markers a sender sends: every so many, from the first on.
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) struct Beat {
    pub(in crate::bench) first: u64,
    pub(in crate::bench) step: u64,
    /// From one marker to the next, whoever sends it.
    pub(in crate::bench) every: Duration,
}

impl Beat {
    /// Waits for each marker's time and sends it, until the run is over or `send` returns false.
    fn play(
        self,
        drive: &Drive,
        markers: &Markers,
        stream: &Stream,
        mut send: impl FnMut(u64, &[u8]) -> io::Result<bool>,
    ) -> io::Result<()> {
        for number in (self.first..).step_by(self.step as usize) {
            let due = self.every.mul_f64(number as f64);
            drive.sleep_until(due);
            if drive.is_over() {
                break;
            }
            let second = drive.second(due);
            let line = markers.line(number, drive.start + due, second) + "\n";
            let mut seconds = Seconds::default();
            seconds.add(second);
            drive.tally.sent(stream, &seconds);
            if !send(number, line.as_bytes())? {
                break;
            }
            drive.tally.safe(stream, &seconds);
        }
        Ok(())
    }
}

/// Sends markers over a syslog connection of their own.
pub(in crate::bench) fn mark_over_tcp(
    drive: &Drive,
    markers: &Markers,
    stream: &Stream,
    to: SocketAddr,
    beat: Beat,
) -> io::Result<()> {
    let mut sink = LinesTcp::connect(to)?;
    beat.play(drive, markers, stream, |_, line| sink.write(drive, line))?;
    sink.finish(drive)
}

/// Sends markers as batches of one.
pub(in crate::bench) fn mark_over_http(
    drive: &Drive,
    markers: &Markers,
    stream: &Stream,
    (connection, run): (&Connection, &str),
    beat: Beat,
) -> io::Result<()> {
    let poster = Poster::new(connection);
    beat.play(drive, markers, stream, |number, line| {
        let id = format!("bench-{run}-marker-{number}");
        Ok(poster.post(drive, stream, &id, line) == Posted::Acknowledged)
    })
}
