//! Syslog datagrams: RFC 5426.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Batch, BatchSender, ReceiverCounters, SyslogSettings, add};
use crate::Fault;

/// The largest datagram that IPv4 and IPv6 carry without jumbograms.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// The receive buffer asked of the kernel, which holds a burst while the pipeline is busy.
const RECEIVE_BUFFER_BYTES: usize = 8 * 1024 * 1024;
/// How many datagrams one wake-up takes from the socket at most, so that handing on is never starved.
const BURST_MAX: usize = 256;

/// Returns a socket bound to an address, with a large receive buffer where the kernel allows one.
///
/// # Errors
/// Fails where the address is taken or not ours.
pub fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::DGRAM,
        Some(socket2::Protocol::UDP),
    )?;
    if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES) {
        warn!(%error, "the kernel keeps its own UDP receive buffer: bursts may be lost");
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// Receives syslog datagrams until `stop`, and hands them on in batches. A sender cannot be slowed down over UDP: while the
/// pipeline is full, so many datagrams as the settings say wait, and further ones are counted as dropped.
pub async fn receive_syslog_udp(
    socket: UdpSocket,
    settings: SyslogSettings,
    sink: BatchSender,
    counters: Arc<ReceiverCounters>,
    stop: CancellationToken,
) {
    let mut datagrams = Datagrams { settings, counters, pending: Batch::default(), sequence: 0 };
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            permit = sink.reserve(), if datagrams.waiting() > 0 => {
                let Ok(permit) = permit else { return };
                permit.send(datagrams.batch());
            }
            received = socket.recv_from(&mut buffer) => match received {
                Ok((length, _)) => {
                    datagrams.take(&buffer[..length]);
                    datagrams.take_waiting(&socket, &mut buffer);
                }
                // Linux hands ICMP errors of earlier answers to the socket; they say nothing of what comes next.
                Err(error) => warn!(%error, "receiving a syslog datagram failed"),
            },
        }
    }
    while datagrams.waiting() > 0 {
        if sink.send(datagrams.batch()).await.is_err() {
            return;
        }
    }
    info!(receiver = datagrams.settings.receiver, "the UDP syslog receiver stopped");
}

struct Datagrams {
    settings: SyslogSettings,
    counters: Arc<ReceiverCounters>,
    pending: Batch,
    sequence: u64,
}

impl Datagrams {
    fn waiting(&self) -> usize {
        self.pending.records.len() + self.pending.dead.len()
    }

    fn take_waiting(&mut self, socket: &UdpSocket, buffer: &mut [u8]) {
        for _ in 0..BURST_MAX {
            let Ok((length, _)) = socket.try_recv_from(buffer) else { return };
            self.take(&buffer[..length]);
        }
    }

    fn take(&mut self, datagram: &[u8]) {
        add(&self.counters.bytes, datagram.len() as u64);
        let end = datagram.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n' | 0)).map_or(0, |last| last + 1);
        let message = &datagram[..end];
        if message.trim_ascii().is_empty() {
            return;
        }
        if self.waiting() >= self.settings.pending_max {
            add(&self.counters.dropped, 1);
            return;
        }
        let bytes = Bytes::copy_from_slice(message);
        if bytes.len() > self.settings.message_bytes_max {
            let fault = Fault::TooLong { bytes: bytes.len() as u64 };
            self.pending.dead.push(self.settings.letter(self.sequence, bytes, &fault));
        } else {
            self.pending.records.push(self.settings.record(self.sequence, bytes));
        }
        self.sequence += 1;
    }

    fn batch(&mut self) -> Batch {
        let take = self.pending.records.len().min(self.settings.batch_records_max.max(1));
        let records = self.pending.records.drain(..take).collect();
        let batch = Batch { records, dead: mem::take(&mut self.pending.dead), done: None };
        self.counters.count(&batch);
        batch
    }
}
