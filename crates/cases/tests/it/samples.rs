//! Findings and alerts to try things with.

use std::sync::Arc;

use vigie_cases::{Fold, fold, is_external};
use vigie_model::{
    Alert, Entity, EntityRole, EventId, EventRef, Finding, FindingKind, ObservableKind, RuleId, RuleSummary, Severity,
    SourceName, TenantId, Timestamp, attack_tags,
};

/// 2026-03-01T12:00:00Z and so many seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_772_366_400 + seconds)
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

/// Entities as `kind:value` with a sign for the part: `<` source, `@` actor, `>` target, none for related.
pub(crate) fn entities(text: &str) -> Vec<Entity> {
    let mut entities: Vec<Entity> = text
        .split_whitespace()
        .map(|word| {
            let (role, word) = match word.split_at(1) {
                ("<", rest) => (EntityRole::Source, rest),
                ("@", rest) => (EntityRole::Actor, rest),
                (">", rest) => (EntityRole::Target, rest),
                _ => (EntityRole::Related, word),
            };
            let (kind, value) = word.split_once(':').unwrap();
            Entity::new(kind.parse::<ObservableKind>().unwrap(), value, role)
        })
        .collect();
    entities.sort();
    entities
}

pub(crate) fn rule(name: &str, level: Severity, tags: &[&str]) -> Arc<RuleSummary> {
    Arc::new(RuleSummary {
        id: RuleId::new(name).unwrap(),
        title: name.replace('_', " "),
        description: String::new(),
        author: None,
        level,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        attack: attack_tags(tags.iter().copied()),
        references: Vec::new(),
        false_positives: Vec::new(),
    })
}

/// A finding of acme's rule about these entities, which are its key, that happened so many seconds in.
pub(crate) fn finding(rule: &Arc<RuleSummary>, about: &str, number: u64, seconds: i64) -> Finding {
    let event = EventId::derive([rule.id.as_str(), &number.to_string()]);
    let acme = tenant("acme");
    Finding {
        id: Finding::id_of(&acme, &rule.id, [&event]),
        tenant: acme,
        kind: FindingKind::Rule,
        rule: rule.clone(),
        time: at(seconds),
        first_time: at(seconds),
        events: vec![EventRef {
            id: event,
            time: at(seconds),
            source: SourceName::new("linux_auth").unwrap(),
            message: format!("event {number}"),
        }],
        event_count: 1,
        key: Finding::default_key(&entities(about)),
        entities: entities(about),
        matches: Vec::new(),
    }
}

/// An alert of one finding that happened and arrived so many seconds in.
pub(crate) fn alert(name: &str, level: Severity, about: &str, seconds: i64) -> Alert {
    alert_of(&rule(name, level, &[]), about, seconds)
}

pub(crate) fn alert_of(rule: &Arc<RuleSummary>, about: &str, seconds: i64) -> Alert {
    match fold(&finding(rule, about, 0, seconds), None, at(seconds)) {
        Fold::Opened(alert) => alert,
        Fold::Joined(_) => unreachable!("there was none to join"),
    }
}

/// A small warning list: what is not external, a resolver, and a domain that everybody asks for.
pub(crate) fn warnings(kind: ObservableKind, value: &str) -> Option<String> {
    match kind {
        ObservableKind::Ip if !value.parse().is_ok_and(is_external) => Some("private".into()),
        ObservableKind::Ip if value == "9.9.9.9" => Some("resolver".into()),
        ObservableKind::Domain if value == "well-known.example" => Some("well known".into()),
        _ => None,
    }
}
