//! An event as the store gives it back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::Value as _;
use vigie_model::{Entity, Envelope, Event, EventId, SourceName, TenantId, Timestamp};

use crate::PartitionError;
use crate::columns::Columns;

/// An event as the store gives it back: all of [`Event`] but the document, which the source can read again from the
/// native text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which source read it.
    pub source: SourceName,
    /// When it happened, by its own account.
    pub time: Timestamp,
    /// When it reached us.
    pub arrival: Timestamp,
    /// What every event has.
    pub envelope: Envelope,
    /// Who and what it is about.
    pub entities: Vec<Entity>,
    /// The native document where it is UTF-8; with replacement characters where it is not.
    pub native: String,
    /// The native document's bytes in base64 (RFC 4648, padded), only where they are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_base64: Option<String>,
}

impl StoredEvent {
    /// Returns the native document, byte for byte.
    pub fn native_bytes(&self) -> Vec<u8> {
        self.native_base64
            .as_ref()
            .and_then(|text| STANDARD.decode(text).ok())
            .unwrap_or_else(|| self.native.clone().into_bytes())
    }

    /// Returns the event that a row of the index holds.
    pub(crate) fn from_row(
        columns: &Columns,
        tenant: &TenantId,
        row: &TantivyDocument,
    ) -> Result<Self, PartitionError> {
        let id = row.get_first(columns.id).and_then(|value| value.as_bytes());
        let id = id.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(EventId::from_bytes);
        let id = id.ok_or_else(|| PartitionError::Damaged("it has no id".to_owned()))?;
        let head = row.get_first(columns.head).and_then(|value| value.as_str()).unwrap_or_default();
        let damaged = |error| PartitionError::Damaged(format!("event {id}: {error}"));
        let head: Head = serde_json::from_str(head).map_err(damaged)?;
        let native = row.get_first(columns.native).and_then(|value| value.as_bytes()).unwrap_or_default().to_vec();
        Ok(Self::build(id, tenant.clone(), head, native))
    }

    pub(crate) fn build(id: EventId, tenant: TenantId, head: Head, native: Vec<u8>) -> Self {
        let (native, native_base64) = match String::from_utf8(native) {
            Ok(text) => (text, None),
            Err(error) => {
                let bytes = error.into_bytes();
                (String::from_utf8_lossy(&bytes).into_owned(), Some(STANDARD.encode(&bytes)))
            }
        };
        Self {
            id,
            tenant,
            source: head.source,
            time: Timestamp::from_micros(head.time),
            arrival: Timestamp::from_micros(head.arrival),
            envelope: head.envelope,
            entities: head.entities,
            native,
            native_base64,
        }
    }
}

impl From<&Event> for StoredEvent {
    fn from(event: &Event) -> Self {
        let head = Head {
            source: event.source.clone(),
            time: event.time.as_micros(),
            arrival: event.arrival.as_micros(),
            envelope: event.envelope.clone(),
            entities: event.entities.clone(),
        };
        Self::build(event.id, event.tenant.clone(), head, event.native.to_vec())
    }
}

/// What the index stores of an event beside its id and native bytes, as compact JSON. Its form is on disk: fields may be
/// added with a default, never renamed.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    #[serde(rename = "s")]
    pub(crate) source: SourceName,
    /// Microseconds since 1970.
    #[serde(rename = "t")]
    pub(crate) time: i64,
    /// Microseconds since 1970.
    #[serde(rename = "a")]
    pub(crate) arrival: i64,
    #[serde(rename = "e")]
    pub(crate) envelope: Envelope,
    #[serde(rename = "n", default)]
    pub(crate) entities: Vec<Entity>,
}

/// [`Head`] borrowed, for writing.
#[derive(Debug, Serialize)]
pub(crate) struct HeadRef<'a> {
    #[serde(rename = "s")]
    source: &'a SourceName,
    #[serde(rename = "t")]
    time: i64,
    #[serde(rename = "a")]
    arrival: i64,
    #[serde(rename = "e")]
    envelope: &'a Envelope,
    #[serde(rename = "n", skip_serializing_if = "<[Entity]>::is_empty")]
    entities: &'a [Entity],
}

impl<'a> HeadRef<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        Self {
            source: &event.source,
            time: event.time.as_micros(),
            arrival: event.arrival.as_micros(),
            envelope: &event.envelope,
            entities: &event.entities,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_on_disk_of_version_1_is_still_read() {
        let head = r#"{"s":"linux_auth","t":1764000000000001,"a":1764000001000000,"e":{"class":"authentication","activity":"Failed password","outcome":"failure","severity":"low","logsource":{"product":"linux","category":null,"service":"sshd"},"user":"root","src":{"ip":"203.0.113.9","port":4711},"dst":{},"device":"web-1","process":{"name":"sshd","pid":7},"file":{},"cloud":{},"message":"Failed password for root"},"n":[{"kind":"ip","value":"203.0.113.9","role":"source"}]}"#;
        let head: Head = serde_json::from_str(head).unwrap();
        assert_eq!(head.envelope.user.as_deref(), Some("root"));
        assert_eq!(head.entities.len(), 1);
        let head = HeadRef {
            source: &head.source,
            time: head.time,
            arrival: head.arrival,
            envelope: &head.envelope,
            entities: &head.entities,
        };
        assert!(serde_json::to_string(&head).unwrap().starts_with(r#"{"s":"linux_auth","t":1764000000000001,"#));
    }

    #[test]
    fn bytes_that_are_not_utf8_come_back_exactly() {
        let head = serde_json::from_str(r#"{"s":"syslog","t":1,"a":2,"e":{}}"#).unwrap();
        let tenant = TenantId::new("acme").unwrap();
        let event = StoredEvent::build(EventId::from_bytes([1; 16]), tenant, head, b"a\xff\x00b".to_vec());
        assert_eq!(event.native_bytes(), b"a\xff\x00b");
        assert_eq!(event.native, "a\u{fffd}\0b");
    }
}
