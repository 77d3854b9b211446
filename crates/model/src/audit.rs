//! The append-only log of who changed what, each row chained to the last by a hash.
//!
//! The hash of a row covers digests of its actor and its details, not the values: so both can be erased and the chain still
//! holds. See `docs/adr/0007-erasing-from-a-chain.md`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Actor, TenantId, Timestamp};

/// SHA-256 of an audit row and the row before it, as 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct AuditHash(pub String);

impl AuditHash {
    /// Returns what the first row is chained to: 64 zeros.
    pub fn genesis() -> Self {
        Self("0".repeat(64))
    }
}

/// What was done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Verb {
    Create,
    Update,
    Delete,
    Merge,
    Close,
    Reopen,
    Plan,
    Approve,
    Reject,
    Execute,
    Undo,
    Expire,
    SignIn,
    SignInFailed,
    SignOut,
    Import,
    Export,
    Erase,
}

/// What kind of object was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum ObjectKind {
    Alert,
    Case,
    Task,
    Comment,
    Observable,
    Timeline,
    Indicator,
    Action,
    Decision,
    User,
    ApiKey,
    Session,
    Tenant,
    Rule,
    LegalHold,
    Events,
    Attachment,
    Procedure,
    TaskLog,
    Page,
    Link,
    Share,
    CaseTemplate,
    PageTemplate,
    CustomField,
    ObservableType,
    Profile,
    Job,
    NoticeRule,
    Report,
    ReportSchedule,
    ReportStyle,
    Suppression,
}

/// What a row's hash covers in place of its actor and its details: SHA-256 over a salt and the value, each with a salt of its
/// own. Once the salt is gone nobody can try out what the value was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDigests {
    /// That of the actor.
    pub actor: AuditHash,
    /// That of the details.
    pub details: AuditHash,
}

impl AuditDigests {
    /// Returns the digest of a value: SHA-256 over the JSON array of the salt and the value, with its keys sorted.
    pub fn digest(salt: &str, value: &Value) -> AuditHash {
        AuditHash(hex::encode(Sha256::digest(serde_json::json!([salt, sorted(value)]).to_string())))
    }
}

/// One row of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// 1, 2, 3… without a gap.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Whose object; `None` for what belongs to no tenant, such as a user.
    pub tenant: Option<TenantId>,
    /// Who; a pseudonym where the person was erased.
    pub actor: Actor,
    /// Did what.
    pub verb: Verb,
    /// To what kind of object.
    pub object: ObjectKind,
    /// Its id.
    pub object_id: String,
    /// What changed, field by field, as far as it is known; `{"erased": true}` where that was erased.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Value,
    /// The hash of the row before, or [`AuditHash::genesis`].
    pub previous: AuditHash,
    /// The hash of this row.
    pub hash: AuditHash,
    /// Whether its actor or its details were erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    /// What the hash covers in place of actor and details; `None` in a row that Vigie 0.1 wrote, whose hash covers them
    /// themselves.
    #[serde(skip)]
    pub digests: Option<AuditDigests>,
}

impl AuditEntry {
    /// Returns the hash that this row should have: SHA-256 over a JSON array. Of a row with digests that is `"v2"` and then
    /// its fields from `sequence` to `previous`, in the order declared, with the digests in place of `actor` and `details`;
    /// of one without, the fields themselves. `details` is hashed with its keys sorted.
    pub fn expected_hash(&self) -> AuditHash {
        let row = match &self.digests {
            None => serde_json::json!([
                self.sequence,
                self.at,
                self.tenant,
                self.actor,
                self.verb,
                self.object,
                self.object_id,
                sorted(&self.details),
                self.previous,
            ]),
            Some(AuditDigests { actor, details }) => serde_json::json!([
                "v2",
                self.sequence,
                self.at,
                self.tenant,
                actor,
                self.verb,
                self.object,
                self.object_id,
                details,
                self.previous,
            ]),
        };
        AuditHash(hex::encode(Sha256::digest(row.to_string())))
    }
}

/// Some other crate in the build may ask serde_json to keep the order of keys; the hash must not depend on it.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, Value)> = fields.iter().map(|(name, value)| (name, sorted(value))).collect();
            fields.sort_by(|left, right| left.0.cmp(right.0));
            Value::Array(
                fields.into_iter().map(|(name, value)| Value::Array(vec![name.clone().into(), value])).collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            sequence: 1,
            at: Timestamp::EPOCH,
            tenant: None,
            actor: Actor::User("ann".into()),
            verb: Verb::Create,
            object: ObjectKind::User,
            object_id: "1".into(),
            details: serde_json::json!({"b": 1, "a": {"d": [1], "c": null}}),
            previous: AuditHash::genesis(),
            hash: AuditHash::genesis(),
            erased: false,
            digests: None,
        }
    }

    fn digested() -> AuditEntry {
        let entry = entry();
        let actor = AuditDigests::digest("00ff", &serde_json::json!(entry.actor));
        let digests = AuditDigests { actor, details: AuditDigests::digest("ff00", &entry.details) };
        AuditEntry { digests: Some(digests), ..entry }
    }

    #[test]
    fn the_hash_covers_every_field() {
        let base = entry().expected_hash();
        let change = |change: fn(&mut AuditEntry)| {
            let mut entry = entry();
            change(&mut entry);
            entry.expected_hash()
        };
        assert_ne!(base, change(|entry| entry.sequence = 2));
        assert_ne!(base, change(|entry| entry.at = Timestamp::from_micros(1)));
        assert_ne!(base, change(|entry| entry.actor = Actor::Key("ann".into())));
        assert_ne!(base, change(|entry| entry.details = serde_json::json!({"b": 2, "a": {"d": [1], "c": null}})));
        assert_ne!(base, change(|entry| entry.previous = AuditHash("f".repeat(64))));
        assert_eq!(base, change(|entry| entry.hash = AuditHash("f".repeat(64))));
    }

    /// What may be erased is covered by its digest alone.
    #[test]
    fn the_hash_with_digests_covers_the_rest_and_the_digests() {
        let base = digested().expected_hash();
        let change = |change: fn(&mut AuditEntry)| {
            let mut entry = digested();
            change(&mut entry);
            entry.expected_hash()
        };
        let other = || AuditHash("f".repeat(64));
        let digests = |entry: &AuditEntry| entry.digests.clone().unwrap();
        assert_ne!(base, change(|entry| entry.sequence = 2));
        assert_ne!(base, change(|entry| entry.at = Timestamp::from_micros(1)));
        assert_ne!(base, change(|entry| entry.tenant = Some(TenantId::new("acme").unwrap())));
        assert_ne!(base, change(|entry| entry.verb = Verb::Delete));
        assert_ne!(base, change(|entry| entry.object = ObjectKind::Case));
        assert_ne!(base, change(|entry| entry.object_id = "2".into()));
        assert_ne!(base, change(|entry| entry.previous = AuditHash("f".repeat(64))));
        assert_ne!(base, change(|entry| entry.digests = None));
        let actor = AuditDigests { actor: other(), ..digests(&digested()) };
        assert_ne!(base, AuditEntry { digests: Some(actor), ..digested() }.expected_hash());
        let details = AuditDigests { details: other(), ..digests(&digested()) };
        assert_ne!(base, AuditEntry { digests: Some(details), ..digested() }.expected_hash());
        assert_eq!(base, change(|entry| entry.actor = Actor::User("erased-1".into())));
        assert_eq!(base, change(|entry| entry.details = Value::Null));
    }

    /// Frozen: a stored chain must verify with every later version.
    #[test]
    fn the_hash_of_version_0_1_is_frozen() {
        assert_eq!(entry().expected_hash().0, include_str!("audit.golden").trim());
    }

    /// Frozen as well: the hash, and the digests of the actor and the details.
    #[test]
    fn the_hash_of_version_0_2_is_frozen() {
        let entry = digested();
        let hash = entry.expected_hash().0;
        let AuditDigests { actor, details } = entry.digests.unwrap();
        assert_eq!(format!("{hash}\n{}\n{}", actor.0, details.0), include_str!("audit-2.golden").trim());
    }
}
