//! What listens, and what it hands on.

mod framing;
mod syslog_tcp;
mod syslog_udp;
mod tail;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use vigie_model::{DeadLetter, Position, Record, SourceName, TenantId, Timestamp};

use crate::{Fault, RECORD_BYTES_MAX};

pub use framing::{Deframer, Frame};
pub use syslog_tcp::{bind_tcp, receive_syslog_tcp};
pub use syslog_udp::{bind_udp, receive_syslog_udp};
pub use tail::{TailSettings, TailStart, tail};

/// Records on their way into the pipeline.
#[derive(Debug, Default)]
pub struct Batch {
    /// The records.
    pub records: Vec<Record>,
    /// What was unreadable before it became a record: frames too long or cut off.
    pub dead: Vec<DeadLetter>,
    /// To be sent once the records are safe on disk; dropped where they are not, so that the receiver offers them again.
    pub done: Option<oneshot::Sender<Settled>>,
}

/// What became of a batch that is safe on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// How many events its records gave.
    pub events: u64,
    /// How many dead letters were kept of it.
    pub dead: u64,
}

/// Where receivers put their batches. Bounded: a full pipeline slows its receivers down.
pub type BatchSender = mpsc::Sender<Batch>;

/// What a syslog listener needs to know.
#[derive(Debug, Clone)]
pub struct SyslogSettings {
    /// Whose records they are.
    pub tenant: TenantId,
    /// Which source reads them: `syslog`, or one that reads syslog lines, such as `linux_auth`.
    pub source: SourceName,
    /// Which listener, and which run of it: positions and so event ids are made from it, so two runs never share one.
    pub receiver: String,
    /// How many bytes a message may have; at most [`RECORD_BYTES_MAX`].
    pub message_bytes_max: usize,
    /// How many TCP connections may be open at once.
    pub connections_max: usize,
    /// How long a TCP connection may be silent.
    pub idle_timeout: Duration,
    /// How many records one batch holds at most.
    pub batch_records_max: usize,
    /// How many datagrams wait for a full pipeline before further ones are counted as dropped.
    pub pending_max: usize,
}

impl SyslogSettings {
    /// Returns settings with the usual limits: 1 MiB messages, 1,024 connections, 15 minutes of silence, 1,000 records a
    /// batch, 20,000 datagrams in waiting.
    pub fn new(tenant: TenantId, source: SourceName, receiver: impl Into<String>) -> Self {
        Self {
            tenant,
            source,
            receiver: receiver.into(),
            message_bytes_max: RECORD_BYTES_MAX,
            connections_max: 1_024,
            idle_timeout: Duration::from_mins(15),
            batch_records_max: 1_000,
            pending_max: 20_000,
        }
    }

    /// Returns the record of one message.
    fn record(&self, sequence: u64, bytes: Bytes) -> Record {
        Record {
            tenant: self.tenant.clone(),
            source: self.source.clone(),
            position: Position::Received { receiver: self.receiver.clone(), sequence },
            arrival: arrival(),
            bytes,
            context: None,
        }
    }

    /// Returns the dead letter of a message that never became a record.
    fn letter(&self, sequence: u64, bytes: Bytes, fault: &Fault) -> DeadLetter {
        fault.letter(&self.record(sequence, bytes))
    }
}

/// What a receiver has done since it started. Read at any time.
#[derive(Debug, Default)]
pub struct ReceiverCounters {
    /// Records handed on.
    pub received: AtomicU64,
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Dead letters handed on.
    pub dead: AtomicU64,
    /// Datagrams thrown away because the pipeline was full.
    pub dropped: AtomicU64,
    /// Connections, or files, open now.
    pub open: AtomicU64,
    /// Connections, or files, opened since the start.
    pub opened: AtomicU64,
    /// Connections refused because too many were open.
    pub refused: AtomicU64,
    /// Connections closed because they were silent too long.
    pub idled: AtomicU64,
}

impl ReceiverCounters {
    fn count(&self, batch: &Batch) {
        self.received.fetch_add(batch.records.len() as u64, Ordering::Relaxed);
        self.dead.fetch_add(batch.dead.len() as u64, Ordering::Relaxed);
    }
}

/// Adds to one counter.
fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

/// Returns the present time: receivers are where records get their arrival.
fn arrival() -> Timestamp {
    Timestamp::from(jiff::Timestamp::now())
}
