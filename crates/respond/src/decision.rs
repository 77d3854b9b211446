//! What is in force, and how it ends.

use std::time::Duration;

use vigie_model::{Action, ActionStatus, Decision, DecisionId, DecisionState, Timestamp};

use crate::{InForce, Outcome};

/// A decision that has ended already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("decision {id} is {} already", state.as_str())]
pub struct DecisionError {
    /// The decision.
    pub id: DecisionId,
    /// How it ended.
    pub state: DecisionState,
}

/// Returns the decision that an action which was just done puts in force, or `None` where the action is over when done: it
/// has no expiry and nothing to take back.
///
/// `in_force` are the tenant's decisions: one of the same kind on the same target is made to last longer and keeps its
/// id, so a target is never held twice. An earlier end is never brought nearer.
pub fn take_effect(action: &Action, outcome: &Outcome, in_force: &[Decision], now: Timestamp) -> Option<Decision> {
    if action.expires_after_s.is_none() && outcome.undo.is_null() {
        return None;
    }
    let expires = action.expires_after_s.map(|seconds| now.plus(Duration::from_secs(seconds)));
    if let Some(held) = in_force.iter().find(|held| holds(held, action)) {
        let mut longer = held.clone();
        longer.expires = held.expires.and_then(|until| expires.map(|later| until.max(later)));
        longer.undo = outcome.undo.clone();
        return Some(longer);
    }
    Some(Decision {
        id: DecisionId::derive([action.id.as_bytes().as_slice(), &now.as_micros().to_le_bytes()]),
        tenant: action.tenant.clone(),
        action: action.id,
        kind: action.kind.clone(),
        target: action.target.clone(),
        since: now,
        expires,
        state: DecisionState::InForce,
        undo: outcome.undo.clone(),
    })
}

/// Returns whether a decision is in force for just what this action does.
pub(crate) fn holds(decision: &Decision, action: &Action) -> bool {
    decision.state == DecisionState::InForce
        && decision.tenant == action.tenant
        && decision.kind == action.kind
        && decision.target == action.target
}

/// Returns whether an action that is done ends with this decision: the one that put it in force, and each that made it
/// last longer.
pub fn ends_with(action: &Action, decision: &Decision) -> bool {
    action.status == ActionStatus::Done
        && action.tenant == decision.tenant
        && action.kind == decision.kind
        && action.target == decision.target
}

/// Returns the decisions in force whose time is over, the longest overdue first.
pub fn due<'a>(decisions: impl IntoIterator<Item = &'a Decision>, now: Timestamp) -> Vec<&'a Decision> {
    let mut over: Vec<&Decision> = decisions.into_iter().filter(|decision| is_over(decision, now)).collect();
    over.sort_by_key(|decision| (decision.expires, decision.id));
    over
}

fn is_over(decision: &Decision, now: Timestamp) -> bool {
    decision.state == DecisionState::InForce && decision.expires.is_some_and(|until| until <= now)
}

/// Returns the decision as ended by itself.
///
/// # Errors
/// It had ended before.
pub fn expire(decision: Decision) -> Result<Decision, DecisionError> {
    end(decision, DecisionState::Expired)
}

/// Returns the decision as taken back.
///
/// # Errors
/// It had ended before.
pub fn undo(decision: Decision) -> Result<Decision, DecisionError> {
    end(decision, DecisionState::Undone)
}

fn end(mut decision: Decision, state: DecisionState) -> Result<Decision, DecisionError> {
    match decision.state {
        DecisionState::InForce => {
            decision.state = state;
            Ok(decision)
        }
        DecisionState::Expired | DecisionState::Undone => Err(DecisionError { id: decision.id, state: decision.state }),
    }
}

/// Returns another decision that holds the same target, perhaps of another tenant on the same host. Then the executor
/// must not be asked to take it back yet: only the record ends.
pub fn held_by_another<'a>(
    decision: &Decision,
    decisions: impl IntoIterator<Item = &'a Decision>,
    now: Timestamp,
) -> Option<&'a Decision> {
    let same = |other: &&Decision| {
        other.id != decision.id
            && other.state == DecisionState::InForce
            && !is_over(other, now)
            && other.kind == decision.kind
            && same_target(other, decision)
    };
    decisions.into_iter().find(same)
}

/// The part that the target plays is a matter of the alert, not of the firewall.
fn same_target(left: &Decision, right: &Decision) -> bool {
    match (&left.target, &right.target) {
        (Some(left), Some(right)) => left.kind == right.kind && left.value == right.value,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// How the record and the world differ.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reconciliation<'a> {
    /// In force by the record, but not in the world: after a reboot, or because somebody took it out by hand.
    pub missing: Vec<&'a Decision>,
    /// In the world, but by no record.
    pub unknown: Vec<&'a InForce>,
}

/// Compares the decisions of one kind, of all tenants, with what its executor found.
pub fn reconcile<'a>(decisions: &'a [Decision], found: &'a [InForce], now: Timestamp) -> Reconciliation<'a> {
    let live = |decision: &&Decision| decision.state == DecisionState::InForce && !is_over(decision, now);
    let same = |decision: &Decision, held: &InForce| {
        let target = decision.target.as_ref();
        target.is_some_and(|target| target.kind == held.target.kind && target.value == held.target.value)
    };
    Reconciliation {
        missing: decisions
            .iter()
            .filter(live)
            .filter(|decision| !found.iter().any(|held| same(decision, held)))
            .collect(),
        unknown: found
            .iter()
            .filter(|held| !decisions.iter().filter(live).any(|decision| same(decision, held)))
            .collect(),
    }
}

/// Returns the action as it is to be done again for the rest of a decision's time, or `None` where the time is over.
pub fn still_to_run(action: &Action, decision: &Decision, now: Timestamp) -> Option<Action> {
    if decision.state != DecisionState::InForce || is_over(decision, now) {
        return None;
    }
    let mut rest = action.clone();
    // Rounded up: a block of half a second more is better than one of zero seconds.
    rest.expires_after_s = decision.expires.map(|until| until.since(now).as_secs() + 1);
    Some(rest)
}
