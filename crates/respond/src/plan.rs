//! From an alert and the playbooks to actions.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::{Map, Value};
use vigie_model::{Action, ActionStatus, Alert, Case, Decision, Timestamp, Trigger};

use crate::address::Refusal;
use crate::decision::holds;
use crate::draft::{Draft, target_of};
use crate::parameter::{Argument, is_resource_id};
use crate::template::{Subject, Template};
use crate::{
    ActionEvent, Approval, Attackers, Briefing, NeverTouch, Playbook, PlaybookAction, RateLimits, RateUse, attackers,
    transition,
};

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// The alert to answer.
    pub alert: &'a Alert,
    /// The case that it is part of.
    pub case: Option<&'a Case>,
    /// What may never be blocked.
    pub never_touch: &'a NeverTouch,
    /// The tenant's decisions in force.
    pub in_force: &'a [Decision],
    /// The tenant's actions on record: at least those that answer this alert, and those of the other alerts that have not
    /// ended or were simulated.
    pub known: &'a [Action],
    /// How many actions may be done in an hour.
    pub limits: &'a RateLimits,
    /// How many were, in the last one.
    pub used: &'a RateUse,
    /// Whether every action ends as simulated.
    pub dry_run: bool,
}

/// Returns the actions that the playbooks ask for and that are not on record yet.
///
/// Each is in the state that follows from what can be decided now: refused by a guard rail, simulated, awaiting an
/// analyst, or approved. The same alert and playbooks give the same ids in the same order, so a replay plans nothing
/// new. Playbooks count in the order of their ids, whatever order they are handed in.
pub fn plan(playbooks: &[Playbook], context: &PlanContext<'_>, now: Timestamp) -> Vec<Action> {
    let mut used = context.used.clone();
    let mut actions = Vec::new();
    for draft in drafts(playbooks, context) {
        let Some(id) = fresh_id(&draft, context) else { continue };
        let held = context.in_force.iter().find(|decision| {
            let target = draft.target.as_ref();
            decision.kind == draft.spec.kind && decision.tenant == draft.tenant && decision.target.as_ref() == target
        });
        if draft.refusal.is_none() && is_in_hand(&draft, held, context, now) {
            continue;
        }
        let action = decide(draft, id, held, context, &used, now);
        if action.status != ActionStatus::Refused {
            used.add(&action.kind, 1);
        }
        actions.push(action);
    }
    actions
}

/// Checks a planned action's target again: time has passed since it was planned, and the list may have changed.
///
/// # Errors
/// Why it must not be touched any more.
pub fn recheck(action: &Action, never_touch: &NeverTouch) -> Result<(), Refusal> {
    match &action.target {
        Some(target) if target.kind == vigie_model::ObservableKind::Ip => {
            never_touch.admit_text(&target.value).map(|_| ())
        }
        Some(_) | None => Ok(()),
    }
}

/// One draft for each thing to do, however many playbooks ask for it. The one that needs no approval wins, then the one
/// that lasts longer; the winner is taken whole, so that nothing is done longer than somebody allowed.
fn drafts(playbooks: &[Playbook], context: &PlanContext<'_>) -> impl Iterator<Item = Draft> {
    let alert = context.alert;
    let in_case = context.case.is_some() || alert.case.is_some();
    let attackers = attackers(alert, context.never_touch);
    let mut sorted: Vec<&Playbook> =
        playbooks.iter().filter(|playbook| playbook.trigger.hold(alert, in_case)).collect();
    sorted.sort_by(|left, right| left.id.cmp(&right.id));
    let mut found: IndexMap<Vec<String>, Draft> = IndexMap::new();
    for playbook in sorted {
        for action in playbook.actions.iter().filter(|action| action.when.hold(alert, in_case)) {
            for draft in expand(playbook, action, &attackers, context) {
                match found.entry(draft.identity()) {
                    Entry::Vacant(place) => {
                        place.insert(draft);
                    }
                    Entry::Occupied(mut place) if is_preferred(&draft, place.get()) => {
                        place.insert(draft);
                    }
                    Entry::Occupied(_) => {}
                }
            }
        }
    }
    found.into_values()
}

fn is_preferred(new: &Draft, old: &Draft) -> bool {
    new.approval < old.approval || (new.approval == old.approval && new.expires > old.expires)
}

fn expand(
    playbook: &Playbook,
    action: &PlaybookAction,
    attackers: &Attackers,
    context: &PlanContext<'_>,
) -> Vec<Draft> {
    let names: Vec<String> = attackers.addresses.iter().map(ToString::to_string).collect();
    let about = Subject { alert: context.alert, case: context.case, attackers: &names };
    let mut parameters: Map<String, Value> = Map::new();
    for (name, argument) in &action.arguments {
        parameters.insert((*name).to_owned(), argument.fill(Some(&about)));
    }
    if action.spec.briefed {
        let briefing = serde_json::to_value(Briefing::of(context.alert, context.case));
        parameters.insert("about".to_owned(), briefing.expect("a briefing has text keys and no odd numbers"));
    }
    let base = Draft {
        spec: action.spec,
        tenant: context.alert.tenant.clone(),
        trigger: Trigger {
            alert: Some(context.alert.id),
            case: context.case.map(|case| case.id).or(context.alert.case),
            playbook: Some(playbook.id.clone()),
        },
        target: None,
        refusal: None,
        parameters,
        approval: action.approval,
        expires: action.expires,
        by: format!("playbook:{}", playbook.id),
        why: format!("answers the alert `{}`", crate::template::one_line(&context.alert.title)),
    };
    let Some((parameter, _)) = action.spec.target else { return vec![base] };
    targets(action.arguments.get(parameter), attackers, context)
        .into_iter()
        .map(|(value, refusal)| {
            let mut draft = base.clone();
            draft.parameters.insert(parameter.to_owned(), Value::String(value.clone()));
            draft.target = target_of(action.spec, value);
            draft.refusal = refusal;
            draft
        })
        .collect()
}

/// The attackers that may be blocked, and those that may not, so that the refusal is on record.
fn targets(
    argument: Option<&Argument>,
    attackers: &Attackers,
    context: &PlanContext<'_>,
) -> Vec<(String, Option<Refusal>)> {
    match argument {
        Some(Argument::Attackers) => {
            let admitted = attackers.addresses.iter().map(|target| (target.to_string(), None));
            let spared = attackers.spared.iter().map(|(address, refusal)| (address.to_string(), Some(refusal.clone())));
            admitted.chain(spared).collect()
        }
        Some(Argument::Network(network)) => match context.never_touch.admit(*network) {
            Ok(target) => vec![(target.to_string(), None)],
            Err(refusal) => vec![(network.to_string(), Some(refusal))],
        },
        Some(Argument::Resource(template)) => resources(template, context).into_iter().map(|id| (id, None)).collect(),
        Some(Argument::Text(_) | Argument::MailAddresses(_) | Argument::Name(_)) | None => Vec::new(),
    }
}

/// The ids of the things that an alert names with a part, at most as many as attackers.
fn resources(template: &Template, context: &PlanContext<'_>) -> Vec<String> {
    let about = Subject { alert: context.alert, case: context.case, attackers: &[] };
    let mut ids = template.values(&about);
    // What an attacker wrote into a log must not become an id of something else.
    ids.retain(|id| is_resource_id(id));
    ids.sort();
    ids.dedup();
    ids.truncate(Attackers::ADDRESSES_MAX);
    ids
}

/// Returns the id of the action, or `None` where it is on record. An action that expired is asked for again by what
/// happened after its end: that is a new round, with an id of its own.
fn fresh_id(draft: &Draft, context: &PlanContext<'_>) -> Option<vigie_model::ActionId> {
    let rounds = u32::try_from(context.known.len()).unwrap_or(u32::MAX);
    for round in 0..=rounds {
        let id = draft.id(context.alert.id.as_bytes(), round);
        match context.known.iter().find(|known| known.id == id) {
            None => return Some(id),
            Some(known) if known.status == ActionStatus::Expired && context.alert.last_seen > known.updated => {}
            Some(_) => return None,
        }
    }
    None
}

/// Returns whether another alert's action sees to it: it is on its way, would have been done in this dry run, or holds
/// for nearly as long as this one would.
fn is_in_hand(draft: &Draft, held: Option<&Decision>, context: &PlanContext<'_>, now: Timestamp) -> bool {
    if draft.target.is_none() {
        return false;
    }
    if let Some(decision) = held {
        return !is_worth_extending(draft, decision, now);
    }
    let same =
        |known: &&Action| known.tenant == draft.tenant && known.kind == draft.spec.kind && known.target == draft.target;
    context.known.iter().filter(same).any(|known| match known.status {
        ActionStatus::Planned | ActionStatus::Approved | ActionStatus::Executing => true,
        ActionStatus::AwaitingApproval => draft.approval == Approval::Analyst,
        ActionStatus::Simulated => {
            let lasted = std::time::Duration::from_secs(known.expires_after_s.unwrap_or(0));
            context.dry_run && known.updated.plus(lasted) > now
        }
        ActionStatus::Refused
        | ActionStatus::Rejected
        | ActionStatus::Done
        | ActionStatus::Failed
        | ActionStatus::Undone
        | ActionStatus::Expired => false,
    })
}

/// An attack that raises alert after alert must not make an action of each: what would last less than a tenth longer is
/// left as it is.
fn is_worth_extending(draft: &Draft, decision: &Decision, now: Timestamp) -> bool {
    let (Some(until), Some(span)) = (decision.expires, draft.expires) else { return false };
    now.plus(span).since(until) > span / 10
}

fn decide(
    draft: Draft,
    id: vigie_model::ActionId,
    held: Option<&Decision>,
    context: &PlanContext<'_>,
    used: &RateUse,
    now: Timestamp,
) -> Action {
    let refusal = draft.refusal.clone().or_else(|| over_limit(&draft, context, used));
    let approval = draft.approval;
    let by = draft.by.clone();
    let mut action = draft.into_action(id, now);
    if let Some(decision) = held.filter(|decision| holds(decision, &action)) {
        let until = decision.expires.map_or_else(|| "it is undone".to_owned(), |until| until.to_string());
        action.summary.insert_str(0, "extend: ");
        if let Some(first) = action.steps.first_mut() {
            first.note.extend(["; in force until ", &until, " already, so it is extended"]);
        }
    }
    let (event, note) = match (refusal, context.dry_run, approval) {
        (Some(refusal), _, _) => (ActionEvent::Refuse, refusal.to_string()),
        (None, true, Approval::None) => (ActionEvent::Simulate, "dry run: would be done now".to_owned()),
        (None, true, Approval::Analyst) => (ActionEvent::Simulate, "dry run: would wait for an analyst".to_owned()),
        (None, false, Approval::None) => (ActionEvent::Approve, "the playbook asks for no approval".to_owned()),
        (None, false, Approval::Analyst) => (ActionEvent::AskApproval, "the playbook asks for an analyst".to_owned()),
    };
    let by = if event == ActionEvent::Approve { by } else { "vigie".to_owned() };
    transition(action, event, &by, &note, now).expect("a planned action takes each of these")
}

fn over_limit(draft: &Draft, context: &PlanContext<'_>, used: &RateUse) -> Option<Refusal> {
    let per_hour = context.limits.of(draft.spec.kind);
    (used.of(draft.spec.kind) >= per_hour).then(|| Refusal::RateLimit { kind: draft.spec.kind.to_owned(), per_hour })
}
