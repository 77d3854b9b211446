//! What is planned, and why.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};
use vigie_model::{Action, TenantId, Timestamp, Trigger};

use super::finding::Finding;
use crate::draft::{Draft, target_of};
use crate::{ActionEvent, ActionSpec, Approval, SNS_NOTIFY, transition};

/// What a plan is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CloudSubject {
    /// The finding's id, or the alarm's name.
    pub id: String,
    /// The finding's type, or `CloudWatch Alarm`.
    pub kind: String,
    /// When it last changed, as AWS wrote it: a repeat of the same finding has another time.
    pub updated: String,
    /// One line for people.
    pub title: String,
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// 1 to 10, for a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Which part our resource plays, for a finding that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
}

/// Whether anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Something is.
    Act,
    /// People are told, for this reason, and nothing is done.
    Tell(String),
    /// Nobody is told either, for this reason.
    Leave(String),
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudStep {
    /// What kind of action.
    pub spec: &'static ActionSpec,
    /// What it is done to; `None` for a message.
    pub target: Option<String>,
    /// What else it is given.
    pub parameters: Map<String, Value>,
    /// How long it lasts; `None` where it is over when done, or lasts until it is undone.
    pub expires: Option<Duration>,
    /// Why, for people.
    pub why: String,
}

/// An address that looks like the attacker's and is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spared {
    /// The address.
    pub address: String,
    /// Why.
    pub reason: String,
}

/// What is done about a finding or an alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudPlan {
    /// What it is about.
    pub subject: CloudSubject,
    /// Whether anything is done.
    pub verdict: Verdict,
    /// What, in the order in which it is done: evidence first, people last.
    pub steps: Vec<CloudStep>,
    /// Addresses that are left alone.
    pub spared: Vec<Spared>,
    /// What else people should know.
    pub notes: Vec<String>,
}

impl CloudPlan {
    /// Returns an empty plan about a finding.
    pub(super) fn of_finding(finding: &Finding) -> Self {
        Self::about(CloudSubject {
            id: finding.id.clone(),
            kind: finding.kind.clone(),
            updated: finding.updated.clone(),
            title: finding.title.clone(),
            account: finding.account.clone(),
            region: finding.region.clone(),
            severity: Some(format!("{:.1}", finding.severity)),
            role: finding.role.map(super::ResourceRole::as_str),
        })
    }

    /// Returns an empty plan.
    pub(super) fn about(subject: CloudSubject) -> Self {
        Self { subject, verdict: Verdict::Act, steps: Vec::new(), spared: Vec::new(), notes: Vec::new() }
    }

    /// Adds a step, unless the same is done to the same target already.
    pub(super) fn add(&mut self, spec: &'static ActionSpec, target: &str, expires: Option<Duration>, why: String) {
        let same = |step: &CloudStep| step.spec.kind == spec.kind && step.target.as_deref() == Some(target);
        if self.steps.iter().any(same) {
            return;
        }
        let mut parameters = Map::new();
        if let Some((name, _)) = spec.target {
            parameters.insert(name.to_owned(), Value::String(target.to_owned()));
        }
        // Instances and buckets are acted on where they are; IP sets and network ACLs are where the responder is.
        if spec.parameter("region").is_some() && !spec.kind.ends_with(".block_ip") {
            parameters.insert("region".to_owned(), Value::String(self.subject.region.clone()));
        }
        self.steps.push(CloudStep { spec, target: Some(target.to_owned()), parameters, expires, why });
    }

    /// Gives the last step one more parameter.
    pub(super) fn with(&mut self, name: &str, value: &str) {
        if let Some(step) = self.steps.last_mut() {
            step.parameters.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }

    /// Closes the plan: puts the message to people last, and says so where that is all.
    pub(super) fn close(mut self, nothing: &str) -> Self {
        if matches!(self.verdict, Verdict::Leave(_)) {
            self.steps.clear();
            return self;
        }
        if self.steps.is_empty() && self.verdict == Verdict::Act {
            let reason = self.notes.first().cloned().unwrap_or_else(|| nothing.to_owned());
            self.verdict = Verdict::Tell(reason);
        }
        self.steps.push(CloudStep {
            spec: &SNS_NOTIFY,
            target: None,
            parameters: Map::new(),
            expires: None,
            why: "people are told of everything that is done, and of what is not".to_owned(),
        });
        self
    }

    /// Returns whether an address is blocked or left alone: only then it matters which addresses are ours.
    pub fn blocks_addresses(&self) -> bool {
        !self.spared.is_empty() || self.steps.iter().any(|step| step.spec.kind.ends_with(".block_ip"))
    }

    /// Returns why nothing is done, where nothing is.
    pub fn reason(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Act => None,
            Verdict::Tell(reason) | Verdict::Leave(reason) => Some(reason),
        }
    }

    /// Returns what the plan is known by: a repeat of the finding has another key, the same event delivered twice has not.
    pub fn key(&self) -> String {
        format!("{}@{}", self.subject.id, self.subject.updated)
    }

    /// Returns the plan as actions, in order. The same finding gives the same ids, so that what is on record is not done
    /// again. The message's id hangs on what it tells of: a finding that grew is told of again.
    pub fn actions(&self, tenant: &TenantId, dry_run: bool, now: Timestamp) -> Vec<Action> {
        let told: String = self.steps.iter().filter_map(|step| step.target.as_deref()).collect::<Vec<_>>().join(" ");
        let actions = self.steps.iter().map(|step| {
            let draft = Draft {
                spec: step.spec,
                tenant: tenant.clone(),
                trigger: Trigger { alert: None, case: None, playbook: None },
                target: step.target.clone().and_then(|target| target_of(step.spec, target)),
                refusal: None,
                parameters: step.parameters.clone(),
                approval: Approval::None,
                expires: step.expires,
                by: "vigie".to_owned(),
                why: step.why.clone(),
            };
            let seed =
                if step.target.is_some() { self.subject.id.clone() } else { format!("{} {told}", self.subject.id) };
            let id = draft.id(seed.as_bytes(), 0);
            let (event, note) = if dry_run {
                (ActionEvent::Simulate, "dry run: would be done now")
            } else {
                (ActionEvent::Approve, "the decision table asks for no approval")
            };
            transition(draft.into_action(id, now), event, "vigie", note, now)
                .expect("a planned action takes both of these")
        });
        actions.collect()
    }

    /// Returns the plan for people and programs; `calls` adds what each step would ask of AWS.
    pub fn to_json(&self, calls: impl Fn(usize) -> Value) -> Value {
        let verdict = match &self.verdict {
            Verdict::Act => "act",
            Verdict::Tell(_) => "tell",
            Verdict::Leave(_) => "leave",
        };
        let steps = self.steps.iter().enumerate().map(|(index, step)| {
            json!({
                "action": step.spec.kind,
                "target": step.target,
                "parameters": step.parameters,
                "expires_after_s": step.expires.map(|span| span.as_secs()),
                "why": step.why,
                "blast_radius": step.spec.blast_radius,
                "undo": step.spec.undo.as_str(),
                "calls": calls(index),
            })
        });
        json!({
            "about": self.subject,
            "verdict": verdict,
            "reason": self.reason(),
            "actions": steps.collect::<Vec<_>>(),
            "spared": self.spared,
            "notes": self.notes,
        })
    }
}
