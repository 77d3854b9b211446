//! What a finding tells of its rule.

use std::collections::HashMap;

use rsigma_parser::{CorrelationRule, Level, SigmaRule};
use vigie_model::{RuleId, RuleSummary, Severity, attack_tags};
use yaml_serde::Value;

use crate::failure::{FailureCode, Refusal};
use crate::matcher::Field;

/// How bad a match is where neither the rule nor those it rests on say.
const LEVEL_DEFAULT: Severity = Severity::Medium;

pub(super) fn of_rule(id: RuleId, rule: &SigmaRule) -> RuleSummary {
    RuleSummary {
        id,
        title: rule.title.clone(),
        description: rule.description.clone().unwrap_or_default(),
        author: rule.author.clone(),
        level: rule.level.map_or(LEVEL_DEFAULT, severity),
        tags: rule.tags.clone(),
        attack: attack_tags(rule.tags.iter().map(String::as_str)),
        references: rule.references.clone(),
        false_positives: rule.falsepositives.clone(),
    }
}

/// Returns the summary of a correlation; `levels` are those of the rules that it rests on.
pub(super) fn of_correlation(
    id: RuleId,
    rule: &CorrelationRule,
    levels: impl Iterator<Item = Severity>,
) -> RuleSummary {
    RuleSummary {
        id,
        title: rule.title.clone(),
        description: rule.description.clone().unwrap_or_default(),
        author: rule.author.clone(),
        level: rule.level.map(severity).or_else(|| levels.max()).unwrap_or(LEVEL_DEFAULT),
        tags: rule.tags.clone(),
        attack: attack_tags(rule.tags.iter().map(String::as_str)),
        references: rule.references.clone(),
        false_positives: rule.falsepositives.clone(),
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Informational => Severity::Informational,
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
        Level::Critical => Severity::Critical,
    }
}

/// Returns `vigie.group_by`: by what the rule's findings become one alert.
pub(super) fn alert_key(attributes: &HashMap<String, Value>) -> Result<Vec<Field>, Refusal> {
    let refuse = |reason: &str| Err(Refusal::new(FailureCode::InvalidGroupBy, reason).at("vigie:"));
    let Some(ours) = attributes.get("vigie") else { return Ok(Vec::new()) };
    let Value::Mapping(ours) = ours else { return refuse("`vigie` must be a mapping") };
    if ours.keys().any(|key| key.as_str() != Some("group_by")) {
        return refuse("`vigie` knows only `group_by`");
    }
    match ours.get("group_by") {
        Some(Value::Sequence(names)) if !names.is_empty() => {
            let names: Option<Vec<Field>> = names.iter().map(|name| name.as_str().map(Field::new)).collect();
            names.map_or_else(|| refuse("`vigie.group_by` must be a list of texts"), Ok)
        }
        _ => refuse("`vigie.group_by` must be a list of field names or entity kinds, with at least one"),
    }
}
