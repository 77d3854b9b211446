//! Correlations compiled, after the rules that they rest on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rsigma_parser::{
    ConditionExpr, ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, LogSource, WindowMode,
};
use sha2::{Digest as _, Sha256};

use super::{Pending, Place, References, alert_key_of, summary};
use crate::failure::{FailureCode, Refusal};
use crate::matcher::Field;
use crate::pipeline::Pipeline;
use crate::rules::{Comparison, Core, Correlation, CorrelationKind, Feed, Fired, NamedFields, Rule, WindowCondition};
use crate::window::THRESHOLD_MAX;

/// The longest window: a year.
const WINDOW_MAX: Duration = Duration::from_hours(366 * 24);
/// How many rules one correlation may rest on.
const RULES_MAX: usize = 1_000;
/// The largest number that a sum may be compared with: floats are exact up to it.
const SUM_MAX: u64 = 1 << 53;
/// How many fields one correlation may group by or count.
const FIELDS_MAX: usize = 32;

/// A correlation as its author wrote it.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) rule: Box<CorrelationRule>,
    pub(super) has_condition: bool,
}

/// The rules that correlations may rest on.
pub(super) struct Base<'a> {
    pub(super) rules: &'a mut Vec<Rule>,
    pub(super) references: &'a References,
    pub(super) logsources: &'a [LogSource],
}

/// A rule or correlation that a correlation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Rule(usize),
    Correlation(usize),
}

/// Compiles correlations in an order in which each comes after those that it rests on.
pub(super) fn compile(
    written: Vec<Pending<Written>>,
    base: Base<'_>,
    pipeline: &Pipeline,
) -> (Vec<Correlation>, Vec<(Place, Refusal)>) {
    let mut failed = Vec::new();
    let names: HashMap<&str, usize> = written
        .iter()
        .enumerate()
        .flat_map(|(index, pending)| {
            [Some(pending.id.as_str()), pending.rule.rule.name.as_deref()]
                .into_iter()
                .flatten()
                .map(move |name| (name, index))
        })
        .collect();
    let mut places: Vec<Option<usize>> = vec![None; written.len()];
    let mut waiting: Vec<usize> = (0..written.len()).collect();
    let mut correlations: Vec<Correlation> = Vec::new();
    loop {
        // Each round compiles those whose correlations are all compiled. What waits on itself never is.
        let mut still = Vec::new();
        let before = waiting.len();
        let in_waiting = waiting.clone();
        for index in waiting {
            let pending = &written[index];
            match resolve(pending, &base, &names, &places, &in_waiting) {
                Ok(Some(targets)) => match build(pending, &targets, &base, &correlations, pipeline) {
                    Ok(correlation) => {
                        connect(&targets, correlations.len(), base.rules, &mut correlations);
                        places[index] = Some(correlations.len());
                        correlations.push(correlation);
                    }
                    Err(refusal) => failed.push((pending.place.clone(), refusal)),
                },
                Ok(None) => still.push(index),
                Err(refusal) => failed.push((pending.place.clone(), refusal)),
            }
        }
        if still.is_empty() {
            break;
        }
        if still.len() == before {
            failed.extend(still.iter().map(|index| (written[*index].place.clone(), ring())));
            break;
        }
        waiting = still;
    }
    settle(base.rules.iter_mut().map(|rule| &mut rule.core), &written, &places);
    settle(correlations.iter_mut().map(|correlation| &mut correlation.core), &written, &places);
    (correlations, failed)
}

fn ring() -> Refusal {
    let reason = "the correlation rests on itself, straight or by way of others";
    Refusal::new(FailureCode::CorrelationCycle, reason).at("rules:")
}

/// Marks as silent what a correlation rests on and no correlation asks to be generated.
fn settle<'a>(cores: impl Iterator<Item = &'a mut Core>, written: &[Pending<Written>], places: &[Option<usize>]) {
    let generating: Vec<usize> = written
        .iter()
        .zip(places)
        .filter(|(pending, _)| pending.rule.rule.generate)
        .filter_map(|(_, place)| *place)
        .collect();
    for core in cores {
        core.silent = !core.feeds.is_empty() && !core.feeds.iter().any(|feed| generating.contains(&feed.correlation));
    }
}

/// Returns what the correlation rests on, `None` while some of it waits to be compiled.
fn resolve(
    pending: &Pending<Written>,
    base: &Base<'_>,
    names: &HashMap<&str, usize>,
    places: &[Option<usize>],
    waiting: &[usize],
) -> Result<Option<Vec<Target>>, Refusal> {
    let rules = &pending.rule.rule.rules;
    if rules.is_empty() || rules.len() > RULES_MAX {
        let reason = format!("`correlation.rules` must be a list of 1 to {RULES_MAX} ids or names of rules");
        return Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at("correlation:"));
    }
    let mut targets = Vec::with_capacity(rules.len());
    for name in rules {
        let target = match (base.references.get(name), names.get(name.as_str())) {
            (Some(index), _) => Target::Rule(*index),
            (None, Some(index)) => match places[*index] {
                Some(place) => Target::Correlation(place),
                None if waiting.contains(index) => return Ok(None),
                None => return Err(unknown(name)),
            },
            (None, None) => return Err(unknown(name)),
        };
        if targets.contains(&target) {
            let reason = format!("`correlation.rules` names `{name}` twice");
            return Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at(name));
        }
        targets.push(target);
    }
    Ok(Some(targets))
}

fn unknown(name: &str) -> Refusal {
    let reason = format!("`correlation.rules` names `{name}`, which is not loaded");
    Refusal::new(FailureCode::UnknownRule, reason).at(name)
}

fn connect(targets: &[Target], correlation: usize, rules: &mut [Rule], correlations: &mut [Correlation]) {
    for (position, target) in (0..).zip(targets) {
        let core = match target {
            Target::Rule(index) => &mut rules[*index].core,
            Target::Correlation(index) => &mut correlations[*index].core,
        };
        core.feeds.push(Feed { correlation, position });
    }
}

fn build(
    pending: &Pending<Written>,
    targets: &[Target],
    base: &Base<'_>,
    correlations: &[Correlation],
    pipeline: &Pipeline,
) -> Result<Correlation, Refusal> {
    let rule = &pending.rule.rule;
    if rule.window != WindowMode::Sliding || rule.gap.is_some() {
        let reason = format!("windows slide here; `{}` is not understood", rule.window.as_str());
        return Err(Refusal::new(FailureCode::UnsupportedWindow, reason).at("window"));
    }
    let window = Duration::from_secs(rule.timespan.seconds);
    if window.is_zero() || window > WINDOW_MAX {
        let reason = format!("`correlation.timespan` is `{}`; expected 1s to 366d", rule.timespan.original);
        return Err(Refusal::new(FailureCode::InvalidTimespan, reason).at("timespan"));
    }
    let (kind, fields, condition) = condition(rule, pending.rule.has_condition)?;
    let naming = Naming { rule, targets, base, correlations, pipeline };
    naming.check_aliases()?;
    let core_of = |target: &Target| match target {
        Target::Rule(index) => &base.rules[*index].core,
        Target::Correlation(index) => &correlations[*index].core,
    };
    let mut hash = Sha256::new();
    hash.update(pending.place.text.trim());
    for target in targets {
        hash.update(core_of(target).fingerprint);
    }
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&hash.finalize()[..16]);
    let levels = targets.iter().map(|target| core_of(target).summary.level);
    Ok(Correlation {
        core: Core {
            summary: Arc::new(summary::of_correlation(pending.id.clone(), rule, levels)),
            path: Arc::clone(&pending.place.path),
            alert_key: alert_key_of(rule)?,
            silent: false,
            feeds: Vec::new(),
            fingerprint,
        },
        kind,
        group_by: naming.fields("group-by", &rule.group_by)?,
        fields: naming.fields("condition.field", &fields)?,
        window,
        condition,
        rules: u16::try_from(targets.len()).expect("at most RULES_MAX"),
    })
}

struct Naming<'a> {
    rule: &'a CorrelationRule,
    targets: &'a [Target],
    base: &'a Base<'a>,
    correlations: &'a [Correlation],
    pipeline: &'a Pipeline,
}

impl Naming<'_> {
    /// Returns each name with the field to read for each rule.
    fn fields(&self, what: &str, names: &[String]) -> Result<Vec<NamedFields>, Refusal> {
        if names.len() > FIELDS_MAX || names.iter().any(String::is_empty) {
            let reason = format!("`correlation.{what}` must name at most {FIELDS_MAX} fields");
            return Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at(what));
        }
        let field = |name: &String, (position, target): (usize, &Target)| {
            let written = self.rule.rules[position].as_str();
            let alias = self.rule.aliases.iter().find(|alias| alias.alias == *name);
            let field =
                alias.and_then(|alias| {
                    let id = match target {
                        Target::Rule(index) => self.base.rules[*index].core.summary.id.as_str(),
                        Target::Correlation(index) => self.correlations[*index].core.summary.id.as_str(),
                    };
                    alias.mapping.get(written).or_else(|| alias.mapping.get(id)).or_else(|| {
                        alias.mapping.iter().find(|(rule, _)| self.is(rule, target)).map(|(_, field)| field)
                    })
                });
            let field = field.unwrap_or(name);
            let mapped = match target {
                Target::Rule(index) => self.pipeline.fields(field, &self.base.logsources[*index]).into_iter().next(),
                Target::Correlation(_) => None,
            };
            Field::new(mapped.as_deref().unwrap_or(field))
        };
        let per_rule = |name: &String| self.targets.iter().enumerate().map(|target| field(name, target)).collect();
        Ok(names.iter().map(|name| (name.clone(), per_rule(name))).collect())
    }

    fn is(&self, name: &str, target: &Target) -> bool {
        matches!(target, Target::Rule(index) if self.base.references.get(name) == Some(index))
    }

    fn check_aliases(&self) -> Result<(), Refusal> {
        for alias in &self.rule.aliases {
            let known = |name: &&String| {
                self.rule.rules.contains(name)
                    || self.targets.iter().any(|target| match target {
                        Target::Rule(_) => self.is(name, target),
                        Target::Correlation(index) => {
                            self.correlations[*index].core.summary.id.as_str() == name.as_str()
                        }
                    })
            };
            if let Some(name) = alias.mapping.keys().find(|name| !known(name)) {
                let reason =
                    format!("alias `{}` names `{name}`, which is not among the correlation's rules", alias.alias);
                return Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at(name));
            }
        }
        Ok(())
    }
}

type Meaning = (CorrelationKind, Vec<String>, WindowCondition);

/// Returns what is looked at, the fields that it needs, and what must hold.
fn condition(rule: &CorrelationRule, has_condition: bool) -> Result<Meaning, Refusal> {
    let refuse = |reason: String| Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at("correlation:"));
    let name = rule.correlation_type.as_str();
    let temporal = matches!(rule.correlation_type, CorrelationType::Temporal | CorrelationType::TemporalOrdered);
    let (comparisons, field, percentile) = match &rule.condition {
        CorrelationCondition::Extended(expression) if rule.correlation_type == CorrelationType::Temporal => {
            let fired = fired(expression, rule)?;
            if fired.holds(&|_| false) {
                return Err(needs_window_end());
            }
            return Ok((CorrelationKind::Temporal, Vec::new(), WindowCondition::Fired(fired)));
        }
        CorrelationCondition::Extended(_) => return refuse(format!("`condition` of `{name}` must be a mapping")),
        CorrelationCondition::Threshold { predicates, field, percentile } => (predicates, field, *percentile),
    };
    let fields = field.clone().unwrap_or_default();
    let kind = kind(rule.correlation_type, percentile)?;
    match (kind, fields.len()) {
        (CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered, 0)
        | (CorrelationKind::ValueCount, 1..)
        | (CorrelationKind::ValueSum | CorrelationKind::ValueAverage | CorrelationKind::ValuePercentile(_), 1) => {}
        (CorrelationKind::ValueCount, 0) => return refuse(format!("`{name}` needs `condition.field`")),
        (CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered, _) => {
            return refuse(format!("`{name}` takes no `condition.field`"));
        }
        _ => return refuse(format!("`{name}` needs one `condition.field`")),
    }
    if temporal && !has_condition {
        let all = vec![(Comparison::GreaterOrEqual, rule.rules.len() as f64)];
        return Ok((kind, fields, WindowCondition::Compare(all)));
    }
    let counts = !matches!(
        kind,
        CorrelationKind::ValueSum | CorrelationKind::ValueAverage | CorrelationKind::ValuePercentile(_)
    );
    let limit = if counts { THRESHOLD_MAX } else { SUM_MAX };
    if let Some((_, number)) = comparisons.iter().find(|(_, number)| *number > limit) {
        let reason = format!("`condition` compares with {number}; expected 0 to {limit}");
        return Err(Refusal::new(FailureCode::InvalidCorrelation, reason).at("condition"));
    }
    let comparisons: Vec<_> =
        comparisons.iter().map(|(operator, number)| (comparison(*operator), *number as f64)).collect();
    let condition = WindowCondition::Compare(comparisons);
    if counts && condition.fits(0.0) {
        return Err(needs_window_end());
    }
    Ok((kind, fields, condition))
}

fn needs_window_end() -> Refusal {
    let reason = "`condition` holds before anything was seen, so only the end of a window could tell; \
                  windows are judged at each event: ask for at least something (gt, gte, or eq above 0)";
    Refusal::new(FailureCode::ConditionNeedsWindowEnd, reason).at("condition")
}

fn kind(kind: CorrelationType, percentile: Option<u64>) -> Result<CorrelationKind, Refusal> {
    Ok(match kind {
        CorrelationType::EventCount => CorrelationKind::EventCount,
        CorrelationType::ValueCount => CorrelationKind::ValueCount,
        CorrelationType::Temporal => CorrelationKind::Temporal,
        CorrelationType::TemporalOrdered => CorrelationKind::TemporalOrdered,
        CorrelationType::ValueSum => CorrelationKind::ValueSum,
        CorrelationType::ValueAvg => CorrelationKind::ValueAverage,
        CorrelationType::ValueMedian => CorrelationKind::ValuePercentile(50),
        CorrelationType::ValuePercentile => {
            let rank = percentile.unwrap_or(50);
            let rank = u8::try_from(rank).ok().filter(|rank| *rank <= 100);
            CorrelationKind::ValuePercentile(rank.ok_or_else(|| {
                Refusal::new(FailureCode::InvalidCorrelation, "`condition.percentile` must be 0 to 100")
                    .at("percentile")
            })?)
        }
    })
}

fn comparison(operator: ConditionOperator) -> Comparison {
    match operator {
        ConditionOperator::Lt => Comparison::Less,
        ConditionOperator::Lte => Comparison::LessOrEqual,
        ConditionOperator::Gt => Comparison::Greater,
        ConditionOperator::Gte => Comparison::GreaterOrEqual,
        ConditionOperator::Eq => Comparison::Equal,
        ConditionOperator::Neq => Comparison::NotEqual,
    }
}

fn fired(expression: &ConditionExpr, rule: &CorrelationRule) -> Result<Fired, Refusal> {
    let parts = |parts: &[ConditionExpr]| parts.iter().map(|part| fired(part, rule)).collect::<Result<Vec<_>, _>>();
    Ok(match expression {
        ConditionExpr::And(all) => Fired::All(parts(all)?),
        ConditionExpr::Or(any) => Fired::Any(parts(any)?),
        ConditionExpr::Not(part) => Fired::Not(Box::new(fired(part, rule)?)),
        ConditionExpr::Identifier(name) => {
            let position = rule.rules.iter().position(|known| known == name).ok_or_else(|| {
                let reason = format!("`condition` names `{name}`, which is not among the correlation's rules");
                Refusal::new(FailureCode::UnknownIdentifier, reason).at("condition")
            })?;
            Fired::Rule(u16::try_from(position).expect("at most RULES_MAX"))
        }
        ConditionExpr::Selector { .. } => {
            let reason = "`condition` of a correlation takes names of rules, `and`, `or` and `not`";
            return Err(Refusal::new(FailureCode::ConditionSyntax, reason).at("condition"));
        }
    })
}
