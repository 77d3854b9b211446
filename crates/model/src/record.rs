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
    /// A place in an object of a store such as S3.
    Object {
        /// The bucket.
        bucket: String,
        /// The object's key, not URL-encoded.
        key: String,
        /// The object's version, or its entity tag where the bucket keeps no versions: another content is another place.
        version: String,
        /// Records before this one in the object.
        index: u64,
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
            Self::Object { bucket, key, version, index } => {
                let (bucket, key, version) = (Part(bucket, "/@#%"), Part(key, "@#%"), Part(version, "/@#%"));
                write!(f, "object:{bucket}/{key}@{version}#{index}")
            }
        }
    }
}

/// A part of a position's text in which the marks that end the parts are percent-encoded, so that no two positions have
/// the same text. Unlike file identities and receivers, keys are chosen by whoever may write to the bucket.
struct Part<'a>(&'a str, &'static str);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, marks) = *self;
        for piece in text.split_inclusive(|char| marks.contains(char)) {
            match piece.char_indices().next_back().filter(|(_, last)| marks.contains(*last)) {
                Some((at, mark)) => write!(f, "{}%{:02X}", &piece[..at], u32::from(mark))?,
                None => f.write_str(piece)?,
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bucket: &str, key: &str, version: &str, index: u64) -> Position {
        Position::Object { bucket: bucket.to_owned(), key: key.to_owned(), version: version.to_owned(), index }
    }

    #[test]
    fn positions_as_text() {
        let check = |position: Position, text: &str| assert_eq!(position.to_string(), text);
        check(Position::File { identity: "8-1".to_owned(), offset: 7 }, "file:8-1@7");
        check(Position::Batch { id: "b".to_owned(), index: 7 }, "batch:b#7");
        check(Position::Received { receiver: "r".to_owned(), sequence: 7 }, "received:r#7");
        check(object("logs", "AWSLogs/1/a.json.gz", "3HL4kqtJ", 7), "object:logs/AWSLogs/1/a.json.gz@3HL4kqtJ#7");
        check(object("logs", "a@b#1%", "", 0), "object:logs/a%40b%231%25@#0");
    }

    #[test]
    fn no_two_objects_have_the_same_text() {
        let parts = ["", "a", "a/a", "/", "@", "#", "%40", "a@a#0", "%", "é"];
        let mut texts = std::collections::BTreeSet::new();
        for bucket in parts {
            for key in parts {
                for version in parts {
                    assert!(texts.insert(object(bucket, key, version, 0).to_string()), "{bucket} {key} {version}");
                }
            }
        }
    }
}
