//! What a person is told of an alert.

use serde::{Deserialize, Serialize};
use vigie_model::{Alert, AlertId, Case, CaseId, Entity, EventRef, RuleId, Severity, TenantId, Timestamp};

use crate::template::one_line;

/// What a message says of an alert. It is written when the action is planned and travels with it, so that a message that
/// waits in the outbox tells what was known when it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Briefing {
    /// Whose alert it is.
    pub tenant: TenantId,
    /// The alert.
    pub alert: AlertId,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The rule's id.
    pub rule: RuleId,
    /// The rule's title.
    pub rule_title: String,
    /// What the rule looks for.
    pub description: String,
    /// How many findings the alert holds.
    pub count: u64,
    /// When it began.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// ATT&CK tactics and techniques.
    pub attack: Vec<String>,
    /// Who and what it is about, at most [`Briefing::ENTITIES_MAX`].
    pub entities: Vec<Entity>,
    /// How many more there are.
    pub entities_more: usize,
    /// Sample events, at most [`Briefing::SAMPLES_MAX`].
    pub samples: Vec<EventRef>,
    /// The case that it is part of.
    pub case: Option<CaseBrief>,
}

/// What a message says of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseBrief {
    /// The case.
    pub id: CaseId,
    /// What people call it by.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Briefing {
    /// How many entities a briefing names.
    pub const ENTITIES_MAX: usize = 20;
    /// How many sample events a briefing shows.
    pub const SAMPLES_MAX: usize = 5;

    /// Returns what is to be told of an alert and its case. Every text is one line of at most 300 characters.
    pub fn of(alert: &Alert, case: Option<&Case>) -> Self {
        let clean = |entity: &Entity| Entity { value: one_line(&entity.value), ..entity.clone() };
        let sample = |event: &EventRef| EventRef { message: one_line(&event.message), ..event.clone() };
        Self {
            tenant: alert.tenant.clone(),
            alert: alert.id,
            title: one_line(&alert.title),
            severity: alert.severity,
            rule: alert.rule.id.clone(),
            rule_title: one_line(&alert.rule.title),
            description: one_line(&alert.rule.description),
            count: alert.count,
            first_seen: alert.first_seen,
            last_seen: alert.last_seen,
            attack: alert.rule.attack.iter().map(ToString::to_string).collect(),
            entities: alert.entities.iter().take(Self::ENTITIES_MAX).map(clean).collect(),
            entities_more: alert.entities.len().saturating_sub(Self::ENTITIES_MAX),
            samples: alert.samples.iter().take(Self::SAMPLES_MAX).map(sample).collect(),
            case: case.map(|case| CaseBrief {
                id: case.id,
                number: case.number,
                title: one_line(&case.title),
                severity: case.severity,
            }),
        }
    }
}
