//! Bytes as a source delivered them, and what becomes of those that cannot be read.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{EventId, Logsource, SourceName, TenantId, Timestamp};

/// Bytes as a source delivered them: a line, a datagram, a JSON document or a container of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which source reads it.
    pub source: SourceName,
    /// Where it stood at its source.
    pub position: Position,
    /// When it reached us.
    pub arrival: Timestamp,
    /// The bytes, exactly.
    pub bytes: Bytes,
    /// What the sender said of the whole batch that this record came in.
    pub context: Option<Arc<BatchContext>>,
}

/// What the sender of a batch said of all its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchContext {
    /// The logsource, for the source `json`.
    pub logsource: Option<Logsource>,
    /// The header line that names the columns, for sources such as `vpc_flow`.
    pub header: Option<Bytes>,
}

/// Where a record stood at its source. With the tenant it identifies the events in it, so that a replay doubles nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Position {
    /// A byte offset in a file.
    File {
        /// What stays the same when the file is renamed: device and inode, and a hash of its beginning.
        identity: String,
        /// Bytes before the record.
        offset: u64,
    },
    /// A place in a batch that the sender named, or that we named for it.
    Batch {
        /// The batch.
        id: String,
        /// Records before this one.
        index: u64,
    },
    /// A place in what a listener received since it started.
    Received {
        /// Which listener, and which run of it.
        receiver: String,
        /// Records before this one.
        sequence: u64,
    },
}

impl Position {
    /// Returns the id of the `index`-th event in the record that stood here. Most records hold one event, number 0.
    pub fn event_id(&self, tenant: &TenantId, source: &SourceName, index: u32) -> EventId {
        EventId::derive([tenant.as_str(), source.as_str(), &self.to_string(), &index.to_string()])
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { identity, offset } => write!(f, "file:{identity}@{offset}"),
            Self::Batch { id, index } => write!(f, "batch:{id}#{index}"),
            Self::Received { receiver, sequence } => write!(f, "received:{receiver}#{sequence}"),
        }
    }
}

/// A record that could not be read, kept with the reason so that nothing is lost in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetter {
    /// Derived like an event's id.
    pub id: EventId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which source could not read it.
    pub source: SourceName,
    /// Where it stood, as text.
    pub position: String,
    /// When it reached us.
    pub arrival: Timestamp,
    /// A stable word for the kind of fault, such as `json_syntax` or `too_long`.
    pub code: String,
    /// What was wrong, for a person: names the field, line or limit.
    pub reason: String,
    /// The record's bytes, the first [`DeadLetter::BYTES_MAX`] of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<u8>))]
    #[serde(with = "lossless")]
    pub bytes: Bytes,
}

impl DeadLetter {
    /// How much of a bad record is kept: 64 KiB.
    pub const BYTES_MAX: usize = 64 * 1024;

    /// Returns the dead letter of a record.
    pub fn of(record: &Record, code: &str, reason: impl Into<String>) -> Self {
        Self {
            id: record.position.event_id(&record.tenant, &record.source, u32::MAX),
            tenant: record.tenant.clone(),
            source: record.source.clone(),
            position: record.position.to_string(),
            arrival: record.arrival,
            code: code.to_owned(),
            reason: reason.into(),
            bytes: record.bytes.slice(..record.bytes.len().min(Self::BYTES_MAX)),
        }
    }
}

/// Writes bytes as text where they are UTF-8, and as an array of numbers where not.
mod lossless {
    use bytes::Bytes;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => bytes.as_ref().serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        Ok(match Either::deserialize(deserializer)? {
            Either::Text(text) => text.into(),
            Either::Bytes(bytes) => bytes.into(),
        })
    }
}
