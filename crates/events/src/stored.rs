//! An event as the store gives it back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use vigie_model::{Entity, Envelope, Event, EventId, SourceName, TenantId, Timestamp};

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

/// Returns an event as the index stores it: a CRC-32 of all that follows (little-endian), the id, the length of the head
/// (little-endian, 32 bits), the head, the native bytes. The checksum is read with each event, so that a bad disk never gives
/// out a wrong one.
pub(crate) fn encode(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_AT + 512 + event.native.len());
    bytes.extend_from_slice(&[0; ID_AT]);
    bytes.extend_from_slice(event.id.as_bytes());
    bytes.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut bytes, &HeadRef::of(event)).expect("an envelope has only text keys and finite numbers");
    let head_bytes = (bytes.len() - HEAD_AT) as u32;
    bytes[HEAD_AT - 4..HEAD_AT].copy_from_slice(&head_bytes.to_le_bytes());
    bytes.extend_from_slice(&event.native);
    let crc32 = crc32fast::hash(&bytes[ID_AT..]);
    bytes[..ID_AT].copy_from_slice(&crc32.to_le_bytes());
    bytes
}

const ID_AT: usize = 4;
const HEAD_AT: usize = ID_AT + 16 + 4;

/// Returns the event that was stored, or what is wrong with the bytes.
pub(crate) fn decode(tenant: &TenantId, bytes: &[u8]) -> Result<StoredEvent, String> {
    let (crc32, rest) = bytes.split_first_chunk::<ID_AT>().ok_or("it is too short")?;
    if crc32fast::hash(rest) != u32::from_le_bytes(*crc32) {
        return Err("its checksum does not fit".to_owned());
    }
    let (id, rest) = rest.split_first_chunk::<16>().ok_or("it is too short")?;
    let (head_bytes, rest) = rest.split_first_chunk::<4>().ok_or("it is too short")?;
    let (head, native) = rest.split_at_checked(u32::from_le_bytes(*head_bytes) as usize).ok_or("it is too short")?;
    let head: Head = serde_json::from_slice(head).map_err(|error| error.to_string())?;
    Ok(StoredEvent::build(EventId::from_bytes(*id), tenant.clone(), head, native.to_vec()))
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
    fn a_changed_byte_gives_no_event() {
        let mut event = event();
        event.native = bytes::Bytes::from_static(b"a line");
        let whole = encode(&event);
        assert_eq!(decode(&event.tenant, &whole), Ok(StoredEvent::from(&event)));
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            assert!(decode(&event.tenant, &bent).is_err());
            assert!(decode(&event.tenant, &whole[..at]).is_err());
        }
    }

    #[test]
    fn the_frame_on_disk_of_version_1_is_still_read() {
        let bytes = include_bytes!("stored.v1.bin");
        let stored = decode(&event().tenant, bytes).unwrap();
        assert_eq!(stored, StoredEvent::from(&event()));
        assert_eq!(encode(&event()), bytes);
    }

    fn event() -> Event {
        Event {
            id: EventId::from_bytes([7; 16]),
            tenant: TenantId::new("acme").unwrap(),
            source: SourceName::new("syslog").unwrap(),
            time: Timestamp::from_micros(1),
            arrival: Timestamp::from_micros(2),
            envelope: Envelope { user: Some("root".to_owned()), ..Envelope::default() },
            entities: Vec::new(),
            document: vigie_model::Document::default(),
            native: bytes::Bytes::from_static(b"a\xff\x00b"),
        }
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
