//! Carrying a plan out, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Map, Value};
use vigie_model::{Action, ActionId, Timestamp};
use vigie_respond::{CloudPlan, CloudStep, ExecuteError, Expiry, NACL_BLOCK_IP, SNS_NOTIFY};

use super::edge::{EdgeMessage, EdgeRequest, is_edge, known_ends};
use super::{AnswerReport, Responder, StepReport, StepStatus, message, tenant_of};
use crate::actions::{find, forget};
use crate::decisions::{Claim, Decisions, State};
use crate::{AwsError, Client};

/// How many characters of a note are kept.
const NOTE_CHARS_MAX: usize = 1_000;

impl Responder {
    /// Carries a plan out. A step that fails does not keep the next from being done; people are told last.
    pub fn carry_out(&self, plan: CloudPlan, now: Timestamp) -> AnswerReport {
        let actions = plan.actions(&tenant_of(&plan.subject.account), !self.enforces(), now);
        let mut steps = Vec::new();
        for (step, action) in plan.steps.iter().zip(&actions) {
            let report = if step.spec.kind == SNS_NOTIFY.kind {
                let Some(report) = self.tell(&plan, action, &steps, now) else { continue };
                report
            } else {
                self.take(&plan, step, action, now)
            };
            steps.push(report);
        }
        AnswerReport { plan, steps }
    }

    fn take(&self, plan: &CloudPlan, step: &CloudStep, action: &Action, now: Timestamp) -> StepReport {
        let mut report = report(step, action);
        if self.enforces() {
            // IP sets and network ACLs are where we are; an instance is where the finding is.
            let client = if is_edge(&action.kind) { self.client.clone() } else { self.client_in(&plan.subject.region) };
            self.try_step(plan, action, &client, now, &mut report);
        }
        report
    }

    fn try_step(&self, plan: &CloudPlan, action: &Action, client: &Client, now: Timestamp, report: &mut StepReport) {
        let outcome = match (self.decisions(), client.is_dry_run()) {
            (Some(decisions), false) => {
                let decisions = decisions.of_account(&plan.subject.account);
                self.on_record(plan, action, &decisions, client, now, report)
            }
            // A dry run of the client writes nothing down and sends nothing that changes anything.
            (None, _) | (Some(_), true) => {
                self.do_now(action, client, &forget, now).map(|(note, _)| (StepStatus::Done, note))
            }
        };
        match outcome {
            Ok((status, note)) => (report.status, report.note) = (status, shorten(&note)),
            Err(error) => {
                report.status = StepStatus::Failed { retryable: error.is_retryable() };
                report.note = shorten(&error.to_string());
            }
        }
    }

    /// Writes the decision down first, then acts, then writes down what came of it.
    fn on_record(
        &self,
        plan: &CloudPlan,
        action: &Action,
        decisions: &Decisions,
        client: &Client,
        now: Timestamp,
        report: &mut StepReport,
    ) -> Result<(StepStatus, String), ExecuteError> {
        let told = |error: AwsError| error.into_execute_error("write into the table of decisions");
        let id = decisions.id(action);
        report.record = Some(id.clone());
        match decisions.claim(action, &plan.key(), now).map_err(told)? {
            Claim::New(_) | Claim::Again(_) => {}
            Claim::InForce { extended: true, .. } => return Ok((StepStatus::Extended, String::new())),
            Claim::InForce { extended: false, .. } => return Ok((StepStatus::AlreadyDone, String::new())),
            // Another finding asked for the same; its message is in the queue, and the writer reads the table.
            Claim::Busy(record) if is_edge(&action.kind) && record.state == State::Claimed => {
                return Ok((StepStatus::Queued, String::new()));
            }
            Claim::Busy(_) => {
                let reason = "the answer to another finding is at it, or it is being taken back".to_owned();
                return Err(ExecuteError::Unavailable { what: action.summary.clone(), reason });
            }
        }
        if is_edge(&action.kind) && self.settings.edge_queue.is_some() {
            self.send_to_edge(EdgeRequest::Block, &id, now)?;
            return Ok((StepStatus::Queued, String::new()));
        }
        let remember = |undo: &Value| decisions.remember(&id, undo).map_err(told);
        match self.do_now(action, client, &remember, now) {
            Ok((note, undo)) => {
                let until = expires(action, now);
                if until.is_none() && undo.is_null() {
                    decisions.done(&id, now).map_err(told)?;
                } else {
                    decisions.settle(&id, &undo, until, now).map_err(told)?;
                }
                Ok((StepStatus::Done, note))
            }
            Err(error) => {
                // The first error is the one to tell of, whatever comes of writing it down.
                let _ = decisions.fail(&id, &error.to_string(), now);
                Err(error)
            }
        }
    }

    fn do_now(
        &self,
        action: &Action,
        client: &Client,
        remember: &dyn Fn(&Value) -> Result<(), ExecuteError>,
        now: Timestamp,
    ) -> Result<(String, Value), ExecuteError> {
        let kind = find(&action.kind).ok_or_else(|| ExecuteError::Unable {
            what: format!("do {}", action.kind),
            reason: "there is no such kind of action".to_owned(),
        })?;
        let in_force = self.block_ends(action);
        let outcome = kind.execute(action, &self.context(client, &in_force, remember, now))?;
        Ok((outcome.note, outcome.undo))
    }

    /// When each block of an action's kind ends, so that the one that ends first gives room. Without a table nothing is
    /// known of them.
    fn block_ends(&self, action: &Action) -> BTreeMap<IpNet, Timestamp> {
        let Some(decisions) = self.decisions().filter(|_| action.kind == NACL_BLOCK_IP.kind) else {
            return BTreeMap::new();
        };
        known_ends(&decisions, &action.kind, &[]).unwrap_or_default()
    }

    /// Sends a request to the one writer at the edge.
    pub(super) fn send_to_edge(&self, request: EdgeRequest, id: &str, now: Timestamp) -> Result<(), ExecuteError> {
        let queue = self.settings.edge_queue.as_deref().unwrap_or_default();
        let message = EdgeMessage { vigie_edge: request, decision: id.to_owned() };
        message.send(&self.client, queue, now).map_err(|error| error.into_execute_error("send to the edge queue"))
    }

    /// Tells people what was done, once for each outcome. `None` where there is no topic, or no news: what was done before
    /// has been told of.
    fn tell(&self, plan: &CloudPlan, action: &Action, steps: &[StepReport], now: Timestamp) -> Option<StepReport> {
        self.settings.topic.as_ref()?;
        let is_old = |step: &StepReport| matches!(step.status, StepStatus::AlreadyDone | StepStatus::Extended);
        if !steps.is_empty() && steps.iter().all(is_old) {
            return None;
        }
        // What is done anew, such as after a block was over, is news with each telling of the finding; what would be done,
        // or fails, once.
        let is_done = steps.iter().any(|step| matches!(step.status, StepStatus::Done | StepStatus::Queued));
        let telling = if is_done { plan.key() } else { String::new() };
        let mut action = action.clone();
        let mode = self.policy.mode;
        let text = message::text(plan, mode, steps);
        action.id = ActionId::derive([action.id.to_string(), outcomes(steps), telling]);
        let mut parameters = Map::new();
        parameters.insert("subject".to_owned(), message::subject(plan, mode, steps).into());
        parameters.insert("text".to_owned(), text.into());
        action.parameters = parameters;
        let mut report = report_of(SNS_NOTIFY.kind, &action);
        // People are told in a dry run too: that is what it is for.
        self.try_step(plan, &action, &self.client, now, &mut report);
        Some(report)
    }
}

/// What tells one outcome from another: everything but whether it was done just now or before.
fn outcomes(steps: &[StepReport]) -> String {
    let words = steps.iter().map(|step| {
        let word = match step.status {
            StepStatus::Done | StepStatus::Queued | StepStatus::AlreadyDone | StepStatus::Extended => "done",
            StepStatus::Simulated => "simulated",
            StepStatus::Failed { .. } => "failed",
        };
        format!("{} {} {word}", step.action, step.target.as_deref().unwrap_or_default())
    });
    words.collect::<Vec<_>>().join("\n")
}

fn expires(action: &Action, now: Timestamp) -> Option<Timestamp> {
    action.expires_after_s.map(|seconds| now.plus(Duration::from_secs(seconds)))
}

fn report(step: &CloudStep, action: &Action) -> StepReport {
    let mut report = report_of(step.spec.kind, action);
    report.lasts = step.spec.expiry != Expiry::AtOnce;
    report.expires = step.expires;
    report
}

fn report_of(kind: &'static str, action: &Action) -> StepReport {
    StepReport {
        action: kind,
        target: action.target.as_ref().map(|target| target.value.clone()),
        summary: action.summary.split(" for ").next().unwrap_or_default().to_owned(),
        status: StepStatus::Simulated,
        note: String::new(),
        record: None,
        expires: None,
        lasts: false,
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(NOTE_CHARS_MAX).collect()
}
