//! Actions that a person asks for.

use std::time::Duration;

use serde_json::{Map, Value};
use vigie_model::{Action, Alert, Case, TenantId, Timestamp, Trigger};

use crate::draft::{Draft, target_of};
use crate::parameter::{Argument, Given};
use crate::suggest::nearest;
use crate::{ActionEvent, ActionSpec, Approval, Briefing, Catalogue, Expiry, NeverTouch, spell_duration, transition};

/// An action that a person asks for, through the console, the API or the command line.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// The kind of action.
    pub kind: &'a str,
    /// Its parameters, as a playbook gives them under `with`, but without placeholders.
    pub parameters: &'a Map<String, Value>,
    /// How long it stays in force; `None` for the default of its kind.
    pub expires: Option<Duration>,
    /// The alert that it answers.
    pub alert: Option<&'a Alert>,
    /// The case that it is part of.
    pub case: Option<&'a Case>,
    /// Who asks, by user name.
    pub by: &'a str,
    /// Why, in their words.
    pub reason: &'a str,
    /// What tells this order from others like it: the same key gives the same action.
    pub key: &'a str,
    /// Whether it ends as simulated.
    pub dry_run: bool,
}

/// What is wrong with an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// There is no such kind of action.
    #[error("unknown action `{kind}`{}", did_you_mean(suggestion.as_deref()))]
    Kind {
        /// What was asked for.
        kind: String,
        /// The word that was likely meant.
        suggestion: Option<String>,
    },
    /// A parameter is unknown, missing or makes no sense.
    #[error("parameter `{name}`: {reason}{}", did_you_mean(suggestion.as_deref()))]
    Parameter {
        /// Which one.
        name: String,
        /// What is wrong with it.
        reason: String,
        /// The word that was likely meant.
        suggestion: Option<String>,
    },
    /// It cannot last so long.
    #[error("expiry: {0}")]
    Expiry(String),
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

/// Returns the action that a person asks for. The order is the approval; the never-touch list holds all the same, and an
/// order against it comes back refused, with the reason as its last step. The hourly limit is for playbooks only.
///
/// # Errors
/// The order makes no sense.
pub fn order(
    order: &Order<'_>,
    catalogue: &Catalogue,
    never_touch: &NeverTouch,
    now: Timestamp,
) -> Result<Action, OrderError> {
    let spec = catalogue.get(order.kind).ok_or_else(|| OrderError::Kind {
        kind: order.kind.chars().take(60).collect(),
        suggestion: nearest(order.kind, catalogue.iter().map(|spec| spec.kind)).map(str::to_owned),
    })?;
    let mut draft = Draft {
        spec,
        tenant: order.tenant.clone(),
        trigger: Trigger {
            alert: order.alert.map(|alert| alert.id),
            case: order.case.map(|case| case.id).or_else(|| order.alert.and_then(|alert| alert.case)),
            playbook: None,
        },
        target: None,
        refusal: None,
        parameters: Map::new(),
        approval: Approval::None,
        expires: expiry(spec, order.expires)?,
        by: order.by.to_owned(),
        why: if order.reason.is_empty() { "ordered by hand".to_owned() } else { order.reason.to_owned() },
    };
    for (name, argument) in arguments(spec, order.parameters)? {
        match argument {
            Argument::Network(network) => {
                let admitted = never_touch.admit(network);
                let value = admitted.as_ref().map_or_else(|_| network.to_string(), ToString::to_string);
                draft.refusal = admitted.err();
                draft.target = target_of(spec, value.clone());
                draft.parameters.insert(name.to_owned(), Value::String(value));
            }
            other => {
                let value = other.fill(None);
                if let (Some((target, _)), Value::String(text)) = (spec.target, &value)
                    && target == name
                {
                    draft.target = target_of(spec, text.clone());
                }
                draft.parameters.insert(name.to_owned(), value);
            }
        }
    }
    if let (true, Some(alert)) = (spec.briefed, order.alert) {
        let briefing = serde_json::to_value(Briefing::of(alert, order.case));
        draft.parameters.insert("about".to_owned(), briefing.expect("a briefing has text keys and no odd numbers"));
    }
    Ok(decide(draft, order, now))
}

fn decide(draft: Draft, order: &Order<'_>, now: Timestamp) -> Action {
    let id = draft.id(format!("by hand\0{}", order.key).as_bytes(), 0);
    let refusal = draft.refusal.clone();
    let action = draft.into_action(id, now);
    let (event, by, note) = match refusal {
        Some(refusal) => (ActionEvent::Refuse, "vigie", refusal.to_string()),
        None if order.dry_run => (ActionEvent::Simulate, "vigie", "dry run: would be done now".to_owned()),
        None => (ActionEvent::Approve, order.by, "ordered by hand".to_owned()),
    };
    transition(action, event, by, &note, now).expect("a planned action takes each of these")
}

fn expiry(spec: &ActionSpec, wanted: Option<Duration>) -> Result<Option<Duration>, OrderError> {
    match (spec.expiry, wanted) {
        (Expiry::AtOnce | Expiry::UntilUndone { .. }, None) => Ok(None),
        (Expiry::AtOnce, Some(_)) => Err(OrderError::Expiry(format!("`{}` is over when it is done", spec.kind))),
        (Expiry::After { default, .. }, None) => Ok(Some(default)),
        (Expiry::UntilUndone { longest } | Expiry::After { longest, .. }, Some(span))
            if span > longest || span.as_secs() == 0 =>
        {
            Err(OrderError::Expiry(format!("`{}` lasts 1 s to {}", spec.kind, spell_duration(longest))))
        }
        (Expiry::UntilUndone { .. } | Expiry::After { .. }, Some(span)) => Ok(Some(span)),
    }
}

fn arguments(
    spec: &'static ActionSpec,
    given: &Map<String, Value>,
) -> Result<Vec<(&'static str, Argument)>, OrderError> {
    let mut read = Vec::new();
    for (name, value) in given {
        let parameter = spec.parameter(name).ok_or_else(|| OrderError::Parameter {
            name: name.chars().take(60).collect(),
            reason: format!("`{}` does not take it", spec.kind),
            suggestion: nearest(name, spec.parameters.iter().map(|known| known.name)).map(str::to_owned),
        })?;
        let argument = Argument::literal(parameter, &Given::of_json(value)).map_err(|error| OrderError::Parameter {
            name: parameter.name.to_owned(),
            reason: error.reason,
            suggestion: error.suggestion,
        })?;
        read.push((parameter.name, argument));
    }
    let missing = spec.parameters.iter().find(|parameter| parameter.required && !given.contains_key(parameter.name));
    match missing {
        Some(parameter) => Err(OrderError::Parameter {
            name: parameter.name.to_owned(),
            reason: format!("`{}` needs it", spec.kind),
            suggestion: None,
        }),
        None => Ok(read),
    }
}
