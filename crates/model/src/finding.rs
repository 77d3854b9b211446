//! A rule, correlation, indicator or detector matched.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{AttackTag, Entity, EventId, FindingId, RuleId, Severity, SourceName, TenantId, Timestamp};

/// What made a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A rule matched one event.
    Rule,
    /// A correlation matched several.
    Correlation,
    /// A known indicator was seen.
    Indicator,
}

/// What a finding and its alert tell of the rule that made them. DRL 1.1 wants the author named in what is made from a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleSummary {
    /// The rule's id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// What it looks for, in words.
    #[serde(default)]
    pub description: String,
    /// Who wrote it.
    #[serde(default)]
    pub author: Option<String>,
    /// How bad a match is.
    pub level: Severity,
    /// Its tags as written: `attack.t1110`, `cve.2021.44228`, …
    #[serde(default)]
    pub tags: Vec<String>,
    /// ATT&CK tactics and techniques, read from the tags.
    #[serde(default)]
    pub attack: Vec<AttackTag>,
    /// Where to read more.
    #[serde(default)]
    pub references: Vec<String>,
    /// When it is wrong.
    #[serde(default)]
    pub false_positives: Vec<String>,
}

/// Which event a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventRef {
    /// The event.
    pub id: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// Which source told of it.
    pub source: SourceName,
    /// Its one line for a person.
    pub message: String,
}

/// A field of an event that made a rule match, for the explanation of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldMatch {
    /// The field's path; empty for keywords, which look at the whole event.
    pub field: String,
    /// The value that matched, the first 1,024 characters.
    pub value: String,
}

/// A rule, correlation or indicator matched one or more events of one tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Derived from tenant, rule and event ids.
    pub id: FindingId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What made it.
    pub kind: FindingKind,
    /// The rule.
    #[cfg_attr(feature = "openapi", schema(value_type = RuleSummary))]
    pub rule: Arc<RuleSummary>,
    /// When the last of its events happened.
    pub time: Timestamp,
    /// When the first of its events happened.
    pub first_time: Timestamp,
    /// The events that it rests on, oldest first, at most [`Finding::EVENTS_MAX`].
    pub events: Vec<EventRef>,
    /// How many events it rests on, also those past the limit.
    pub event_count: u64,
    /// What findings of this rule are grouped by into alerts, sorted: a rule's own choice, a correlation's group, or
    /// the default of [`Finding::default_key`].
    pub key: Vec<Entity>,
    /// Everything that it is about, sorted.
    pub entities: Vec<Entity>,
    /// The fields that matched.
    pub matches: Vec<FieldMatch>,
}

impl Finding {
    /// How many events a finding names.
    pub const EVENTS_MAX: usize = 100;

    /// Returns the id of the finding that this rule makes of these events.
    pub fn id_of<'a>(tenant: &TenantId, rule: &RuleId, events: impl IntoIterator<Item = &'a EventId>) -> FindingId {
        let names = [tenant.as_str().as_bytes(), rule.as_str().as_bytes()];
        FindingId::derive(names.into_iter().chain(events.into_iter().map(|id| id.as_bytes().as_slice())))
    }

    /// Returns what findings are grouped by where the rule does not say: who acted, from where, on what; that is every
    /// entity with a part other than [`crate::EntityRole::Related`] and of a kind that lasts longer than one event.
    pub fn default_key(entities: &[Entity]) -> Vec<Entity> {
        use crate::{EntityRole, ObservableKind as Kind};
        let lasting = |kind| {
            matches!(kind, Kind::Ip | Kind::Host | Kind::User | Kind::AwsKey | Kind::AwsInstance | Kind::AwsAccount)
        };
        let mut key: Vec<Entity> = entities
            .iter()
            .filter(|entity| entity.role != EntityRole::Related && lasting(entity.kind))
            .cloned()
            .collect();
        key.sort();
        key.dedup();
        key
    }
}
