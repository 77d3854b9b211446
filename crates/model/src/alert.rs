//! Findings that belong together, in front of an analyst.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    AlertId, AlertOrigin, CaseId, Desk, Entity, EventRef, FieldMatch, Pap, Resolution, RuleSummary, Severity, TenantId,
    Timestamp, Tlp,
};

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// Nobody has looked.
    #[default]
    New,
    /// Somebody is looking, or its case is open.
    InProgress,
    /// Done; the next finding of its kind begins a new alert.
    Closed,
}

impl AlertStatus {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }
}

/// Findings of one tenant, rule and set of entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// Derived from tenant, rule, key and generation.
    pub id: AlertId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The rule of all its findings.
    #[cfg_attr(feature = "openapi", schema(value_type = RuleSummary))]
    pub rule: Arc<RuleSummary>,
    /// What its findings were grouped by, sorted.
    pub key: Vec<Entity>,
    /// The how-manieth alert of this rule and key: a new one begins after the last was closed or quiet for long.
    pub generation: u32,
    /// One line for a person: the rule's title and what it is about.
    pub title: String,
    /// How bad it is; the rule's level until an analyst says otherwise.
    pub severity: Severity,
    /// Where it is in its life.
    pub status: AlertStatus,
    /// Who works on it, by user name.
    pub assignee: Option<String>,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Pap,
    /// The rule's tags and the analysts'.
    pub tags: Vec<String>,
    /// How many distinct findings it holds.
    pub count: u64,
    /// When the first event of its findings happened.
    pub first_seen: Timestamp,
    /// When the last one happened.
    pub last_seen: Timestamp,
    /// When it was raised.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When the last finding joined it.
    pub last_finding: Timestamp,
    /// When somebody first took it up.
    pub acknowledged: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// What came of it, once closed.
    pub resolution: Option<Resolution>,
    /// The case that it is part of.
    pub case: Option<CaseId>,
    /// Everything that its findings are about, sorted, at most [`Alert::ENTITIES_MAX`].
    pub entities: Vec<Entity>,
    /// Its first and latest events, at most [`Alert::SAMPLES_MAX`].
    pub samples: Vec<EventRef>,
    /// The fields that made the first finding match.
    pub matches: Vec<FieldMatch>,
    /// What is known, in words; empty for what the rule says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where it came from, where it is not made of our findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<AlertOrigin>,
    /// What people keep on it.
    #[serde(default)]
    pub desk: Desk,
    /// Raised by one at every change but a finding that joins; a change names the version that it saw.
    pub version: u64,
}

impl Alert {
    /// How many entities an alert keeps.
    pub const ENTITIES_MAX: usize = 200;
    /// How many sample events an alert keeps.
    pub const SAMPLES_MAX: usize = 10;

    /// Returns the id of an alert of our findings that is made at this time.
    pub fn id_of(
        tenant: &TenantId,
        rule: &crate::RuleId,
        key: &[Entity],
        generation: u32,
        created: Timestamp,
    ) -> AlertId {
        Self::derive_id(tenant, rule, key, generation).at(created)
    }

    /// Returns the name of what all generations of a tenant's rule and key share: 32 hex digits.
    pub fn series(tenant: &TenantId, rule: &crate::RuleId, key: &[Entity]) -> String {
        Self::derive_id(tenant, rule, key, 0).to_string()
    }

    fn derive_id(tenant: &TenantId, rule: &crate::RuleId, key: &[Entity], generation: u32) -> AlertId {
        let mut parts = vec![tenant.to_string(), rule.to_string(), generation.to_string()];
        parts.extend(key.iter().map(|entity| format!("{}\0{}", entity.kind, entity.value)));
        AlertId::derive(parts)
    }
}
