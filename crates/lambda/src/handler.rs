//! From an invocation to its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_aws::{AnswerReport, Responder, StepStatus};
use vigie_model::Timestamp;
use vigie_respond::{CloudEvent, CloudMode};

use crate::invocation::{EdgeRecord, Invocation, InvocationError, batch_failures};
use crate::log::{Level, Line};
use crate::metrics::Metrics;

/// What the function does for a living.
pub struct Handler {
    responder: Responder,
    function: String,
    /// Where lines go: standard output, or a test's list.
    out: Arc<dyn Fn(String) + Send + Sync>,
}

/// Why an invocation failed: Lambda repeats it, and puts it aside in the end.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The invocation is nothing that the function answers. A repeat will not help, and the dead-letter queue keeps it.
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    /// AWS could not be asked what must be known before anything is decided.
    #[error("plan an answer")]
    Plan(#[source] vigie_aws::AwsError),
    /// Some steps failed and may work when repeated. What was done is on record.
    #[error("{failed} of {all} steps failed and are tried again: {first}")]
    Steps {
        /// How many failed.
        failed: usize,
        /// How many there were.
        all: usize,
        /// What the first of them says.
        first: String,
    },
    /// Taking back what is over failed for some.
    #[error("{0} decisions that are over could not be taken back; they are tried again in a minute")]
    Expiry(usize),
}

impl From<HandlerError> for lambda_runtime::Diagnostic {
    fn from(error: HandlerError) -> Self {
        let kind = match &error {
            HandlerError::Invocation(_) => "UnreadableInvocation",
            HandlerError::Plan(_) => "NothingPlanned",
            HandlerError::Steps { .. } => "StepsFailed",
            HandlerError::Expiry(_) => "ExpiryFailed",
        };
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            message = format!("{message}: {inner}");
            cause = inner.source();
        }
        Self { error_type: kind.to_owned(), error_message: message }
    }
}

impl Handler {
    /// Returns a handler that prints its lines to `out`.
    pub fn new(responder: Responder, function: &str, out: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self { responder, function: function.to_owned(), out: Arc::new(out) }
    }

    /// Returns the same handler for one invocation that is cut off at a time: it gives up two seconds before, so that it
    /// can still say what failed.
    #[must_use]
    pub fn until(&self, cut_off: Instant) -> Self {
        let end = cut_off.checked_sub(Duration::from_secs(2)).unwrap_or(cut_off);
        Self { responder: self.responder.until(end), function: self.function.clone(), out: Arc::clone(&self.out) }
    }

    /// Answers an invocation. `request` is Lambda's id for it.
    ///
    /// # Errors
    /// It failed as a whole or in part; a repeat does what is missing and nothing twice.
    pub fn handle(&self, payload: &Value, request: &str, now: Timestamp) -> Result<Value, HandlerError> {
        let mut metrics = Metrics::default();
        let result = match Invocation::read(payload) {
            Ok(Invocation::Events(events)) => self.events(&events, request, now, &mut metrics),
            Ok(Invocation::Edge(records)) => Ok(self.edge(&records, request, now, &mut metrics)),
            Ok(Invocation::Expire) => self.expire(request, now, &mut metrics),
            Err(error) => {
                metrics.count("Unreadable", 1);
                self.say(Line::new(Level::Error, format!("unreadable invocation: {error}"), request, now));
                Err(error.into())
            }
        };
        if let Some(line) = metrics.line(&self.function, now) {
            (self.out)(line.to_string());
        }
        result
    }

    fn events(
        &self,
        events: &[CloudEvent],
        request: &str,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<Value, HandlerError> {
        let mut answers = Vec::new();
        let mut first_error = None;
        for event in events {
            metrics.count(if matches!(event, CloudEvent::Finding(_)) { "Findings" } else { "Alarms" }, 1);
            let start = Instant::now();
            let plan = match self.responder.plan(event) {
                Ok(plan) => plan,
                Err(error) => {
                    self.say(Line::new(Level::Error, format!("nothing is planned: {error}"), request, now));
                    metrics.count("Failed", 1);
                    first_error.get_or_insert(HandlerError::Plan(error));
                    continue;
                }
            };
            metrics.measure("PlanTime", start.elapsed().as_secs_f64() * 1_000.0, "Milliseconds");
            let report = self.responder.carry_out(plan, now);
            metrics.measure("AnswerTime", start.elapsed().as_secs_f64() * 1_000.0, "Milliseconds");
            self.tell_of(&report, request, now, metrics);
            if let Some(step) = report.retryable().next() {
                let failed = report.retryable().count();
                let error = HandlerError::Steps { failed, all: report.steps.len(), first: step.note.clone() };
                first_error.get_or_insert(error);
            }
            answers
                .push(json!({"about": report.plan.subject.id, "reason": report.plan.reason(), "steps": report.steps}));
        }
        first_error.map_or_else(|| Ok(json!({"answers": answers})), Err)
    }

    fn tell_of(&self, report: &AnswerReport, request: &str, now: Timestamp, metrics: &mut Metrics) {
        let subject = &report.plan.subject;
        let dry = self.responder.policy().mode == CloudMode::DryRun;
        let about = |level, message: String| {
            Line::new(level, message, request, now)
                .with("finding", subject.id.as_str())
                .with("type", subject.kind.as_str())
                .with("account", subject.account.as_str())
                .with("region", subject.region.as_str())
                .with("dry_run", dry)
        };
        if let Some(reason) = report.plan.reason() {
            metrics.count("Untouched", 1);
            self.say(about(Level::Info, format!("nothing is done about {}: {reason}", subject.kind)));
        }
        for spared in &report.plan.spared {
            metrics.count("Spared", 1);
            self.say(about(Level::Warn, format!("{} is left alone: {}", spared.address, spared.reason)));
        }
        for step in &report.steps {
            let (level, name) = match step.status {
                StepStatus::Done | StepStatus::Queued => (Level::Info, "Done"),
                StepStatus::AlreadyDone | StepStatus::Extended => (Level::Info, "Repeated"),
                StepStatus::Simulated => (Level::Info, "Simulated"),
                StepStatus::Failed { .. } => (Level::Error, "Failed"),
            };
            metrics.count(name, 1);
            let line = about(level, format!("{}: {}", step.summary, step.note))
                .with("action", step.action)
                .with("target", step.target.clone())
                .with("decision", step.record.clone())
                .with("status", json!(step.status));
            self.say(line);
        }
    }

    fn edge(&self, records: &[EdgeRecord], request: &str, now: Timestamp, metrics: &mut Metrics) -> Value {
        let messages: Vec<(String, String)> =
            records.iter().map(|record| (record.message.clone(), record.body.clone())).collect();
        let outcome = self.responder.change_edge(&messages, now);
        metrics.count("EdgeBlocked", outcome.blocked.len());
        metrics.count("EdgeUnblocked", outcome.unblocked.len());
        metrics.count("EdgeFailed", outcome.failed.len());
        metrics.count("EdgeWrites", outcome.writes);
        if let Some(percent) = outcome.fill_percent {
            metrics.measure("SetFillPercent", percent, "Percent");
        }
        for (what, list) in [("blocked", &outcome.blocked), ("unblocked", &outcome.unblocked)] {
            if !list.is_empty() {
                let targets: Vec<String> = list.iter().map(ToString::to_string).collect();
                self.say(Line::new(Level::Info, format!("{what} at the edge: {}", targets.join(", ")), request, now));
            }
        }
        for note in &outcome.notes {
            self.say(Line::new(Level::Warn, note.clone(), request, now));
        }
        batch_failures(&outcome.failed)
    }

    fn expire(&self, request: &str, now: Timestamp, metrics: &mut Metrics) -> Result<Value, HandlerError> {
        let outcome = self.responder.expire(now).map_err(HandlerError::Plan)?;
        metrics.count("Expired", outcome.ended.len());
        for id in &outcome.ended {
            self.say(
                Line::new(Level::Info, format!("decision {id} is over"), request, now).with("decision", id.as_str()),
            );
        }
        for (id, reason) in &outcome.failed {
            let line = Line::new(
                Level::Error,
                format!("decision {id} is over and cannot be taken back: {reason}"),
                request,
                now,
            );
            self.say(line.with("decision", id.as_str()));
        }
        if !outcome.failed.is_empty() {
            metrics.count("Failed", outcome.failed.len());
            return Err(HandlerError::Expiry(outcome.failed.len()));
        }
        Ok(json!({"expired": outcome.ended}))
    }

    fn say(&self, line: Line) {
        (self.out)(line.to_string());
    }
}
