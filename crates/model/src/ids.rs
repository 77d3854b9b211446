//! Ids as types, so that a case is never looked up by an alert's id.
//!
//! Two families. *Names* ([`TenantId`], [`RuleId`], …) are chosen by people and cheap to clone. *Digests* ([`EventId`],
//! [`AlertId`], …) are 128 bits, written as 32 lower-case hex digits; those that must survive a replay are derived from
//! what they name (truncated SHA-256), the others are made from 16 random bytes that the caller passes in. Of what comes in
//! great numbers the id begins with the time (`at`), so that an index of ids grows at its end: with a million rows, ids without
//! an order cost a page of every index to write.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Timestamp;

/// A text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: expected {expected}")]
pub struct ParseIdError {
    kind: &'static str,
    text: String,
    expected: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the id, or what is wrong with the text.
            pub fn new(text: &str) -> Result<Self, ParseIdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    return Ok(Self(Arc::from(text)));
                }
                let text = text.chars().take(80).collect();
                Err(ParseIdError { kind: $kind, text, expected: $expected })
            }

            /// Returns the text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;
            fn try_from(text: String) -> Result<Self, ParseIdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_')
}

fn is_printable(text: &str) -> bool {
    (1..=200).contains(&text.len()) && !text.chars().any(char::is_control)
}

name!(
    /// A client of the SOC. Every row, file and message belongs to exactly one.
    TenantId, "tenant", "1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit", is_slug
);
name!(
    /// The name of a source of records, such as `linux_auth` or `cloudtrail`.
    SourceName, "source", "1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit", is_slug
);
name!(
    /// The id of a rule: for Sigma its `id` (a UUID), or its `name` or file name where it has none.
    RuleId, "rule id", "1 to 200 printable characters", is_printable
);
name!(
    /// The name of a playbook, which is its file's name without the ending.
    PlaybookId, "playbook name", "1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit", is_slug
);

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Returns the id made of these 16 bytes; pass random ones for an object that nothing identifies.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Returns the id of whatever these parts identify: the same parts give the same id.
            ///
            /// It is the first 128 bits of SHA-256 over the kind of id and each part, each part led by its length so
            /// that `("a", "bc")` and `("ab", "c")` differ.
            pub fn derive<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
                Self(derive($kind, parts))
            }

            /// Returns the id with the time in place of its first 48 bits: milliseconds since 1970, the highest byte first,
            /// as in a UUID of version 7 (RFC 9562, section 5.7). 80 bits stay as they were.
            pub fn at(mut self, time: Timestamp) -> Self {
                let millis = u64::try_from(time.as_micros() / 1_000).unwrap_or_default();
                self.0[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
                self
            }

            /// Returns the 16 bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map(Self).ok_or_else(|| ParseIdError {
                    kind: $kind,
                    text: text.chars().take(80).collect(),
                    expected: "32 hex digits",
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;
            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                hex::encode(id.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex::encode(self.0))
            }
        }
    };
}

fn derive<P: AsRef<[u8]>>(kind: &str, parts: impl IntoIterator<Item = P>) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(kind.as_bytes());
    for part in parts {
        let part = part.as_ref();
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize()[..16]);
    id
}

fn parse_hex(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

digest!(
    /// Derived from the tenant and the event's position at its source, never from its content.
    EventId, "event"
);
digest!(
    /// Derived from tenant, rule and event ids.
    FindingId, "finding"
);
digest!(
    /// Its time, and what is derived from tenant, rule, grouping entities and generation; random for what came from elsewhere.
    AlertId, "alert"
);
digest!(
    /// Its time, and random.
    CaseId, "case"
);
digest!(
    /// Random.
    TaskId, "task"
);
digest!(
    /// Random.
    CommentId, "comment"
);
digest!(
    /// Random.
    TimelineId, "timeline entry"
);
digest!(
    /// Derived from the alert or case that it is on, its type and value.
    ObservableId, "observable"
);
digest!(
    /// Derived from tenant, list, kind and value.
    IndicatorId, "indicator"
);
digest!(
    /// Derived from tenant, playbook, trigger, action kind and target, so that a repeat is the same action.
    ActionId, "action"
);
digest!(
    /// Derived from the action and the time at which it took effect.
    DecisionId, "decision"
);
digest!(
    /// Random.
    UserId, "user"
);
digest!(
    /// Random.
    SessionId, "session"
);
digest!(
    /// Random; the public half of an API key.
    ApiKeyId, "API key"
);
digest!(
    /// Random.
    HoldId, "legal hold"
);
digest!(
    /// Random, or derived from a schedule and its time, so that what is due is made once.
    ReportId, "report"
);
digest!(
    /// Random.
    ReportScheduleId, "report schedule"
);
digest!(
    /// Random.
    SuppressionId, "suppression"
);
digest!(
    /// Random.
    AttachmentId, "attachment"
);
digest!(
    /// Random.
    ProcedureId, "procedure"
);
digest!(
    /// Random.
    TaskLogId, "task log"
);
digest!(
    /// Random.
    PageId, "page"
);
digest!(
    /// Derived from the case, the kind of link and what it leads to.
    LinkId, "case link"
);
digest!(
    /// Derived from the case and the tenant that it is shared with.
    ShareId, "share"
);
digest!(
    /// Random.
    TemplateId, "template"
);
digest!(
    /// Random.
    FieldId, "custom field"
);
digest!(
    /// Derived from its name.
    DataTypeId, "observable type"
);
digest!(
    /// Random; of a built-in one derived from its name.
    ProfileId, "profile"
);
digest!(
    /// Random.
    JobId, "job"
);
digest!(
    /// Random.
    NoticeRuleId, "notification rule"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_depend_on_every_part_and_its_borders() {
        assert_eq!(EventId::derive(["a", "bc"]), EventId::derive(["a", "bc"]));
        assert_ne!(EventId::derive(["a", "bc"]), EventId::derive(["ab", "c"]));
        assert_ne!(EventId::derive(["a"]).to_string(), FindingId::derive(["a"]).to_string());
    }

    #[test]
    fn names_refuse_what_could_escape_a_path_or_a_key() {
        for bad in ["", "UPPER", "a/b", "..", "-a", "a b", &"a".repeat(64)] {
            assert!(TenantId::new(bad).is_err(), "{bad:?} was taken");
        }
        assert_eq!(TenantId::new("acme-1").map(|id| id.to_string()).as_deref(), Ok("acme-1"));
    }

    #[test]
    fn ids_round_trip_as_text() {
        let id = AlertId::derive(["x"]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("zz".parse::<AlertId>().is_err());
    }
}
