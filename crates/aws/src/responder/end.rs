//! Taking decisions back: those that are over, and those that somebody takes back.

use std::collections::BTreeMap;

use serde_json::Value;
use vigie_model::Timestamp;
use vigie_respond::ExecuteError;

use super::Responder;
use super::edge::{EdgeRequest, is_edge};
use crate::AwsError;
use crate::actions::{find, forget};
use crate::decisions::{Decisions, End, Record, State};

/// How many decisions one round takes back: the rest follows a minute later.
const DUE_MAX: usize = 500;

/// What came of taking back what is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The decisions that ended, or whose end is on its way to the edge.
    pub ended: Vec<String>,
    /// Those that could not be taken back, with the reason. They are tried again.
    pub failed: Vec<(String, String)>,
}

/// How a decision was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// It is; this is what the action says of it.
    Done(String),
    /// It is on its way to the one writer at the edge.
    Queued,
}

/// Why a decision was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is no table.
    #[error("the settings name no table of decisions (setting `table`)")]
    NoTable,
    /// There is no such decision.
    #[error("no decision `{0}`: `vigie aws list` shows those in force")]
    NotFound(String),
    /// It ended before.
    #[error("decision `{id}` is {state} already")]
    Over {
        /// Which one.
        id: String,
        /// What became of it.
        state: String,
    },
    /// The table could not be read or written.
    #[error("the table of decisions")]
    Table(#[from] AwsError),
    /// The action could not be taken back.
    #[error("take back {0}")]
    Undo(String, #[source] ExecuteError),
}

impl Responder {
    /// Takes back what is over.
    ///
    /// # Errors
    /// The table could not be read. What fails later stands in the answer.
    pub fn expire(&self, now: Timestamp) -> Result<Ended, AwsError> {
        let mut ended = Ended::default();
        let Some(decisions) = self.decisions() else { return Ok(ended) };
        for record in decisions.due(now, DUE_MAX)? {
            let outcome = self.end(&record, EdgeRequest::Expire, &decisions, now);
            match outcome {
                Ok(_) => ended.ended.push(record.id),
                Err(error) => ended.failed.push((record.id, chain(&error))),
            }
        }
        Ok(ended)
    }

    /// Takes a decision back.
    ///
    /// # Errors
    /// There is none, it ended before, or it could not be taken back.
    pub fn undo(&self, id: &str, now: Timestamp) -> Result<Undone, EndError> {
        let decisions = self.decisions().ok_or(EndError::NoTable)?;
        let record = decisions.get(id)?.ok_or_else(|| EndError::NotFound(id.to_owned()))?;
        // What failed half-way left something behind, and that can be taken back too.
        let half_done = record.state == State::Failed && !record.undo.is_null();
        if record.state.is_over() && !half_done {
            return Err(EndError::Over { id: id.to_owned(), state: record.state.as_str().to_owned() });
        }
        self.end(&record, EdgeRequest::Undo, &decisions, now)
    }

    fn end(
        &self,
        record: &Record,
        request: EdgeRequest,
        decisions: &Decisions,
        now: Timestamp,
    ) -> Result<Undone, EndError> {
        let what = || format!("{} of {}", record.kind, record.target);
        let is_edge = is_edge(&record.kind);
        if is_edge && self.settings.edge_queue.is_some() {
            self.send_to_edge(request, &record.id, now).map_err(|error| EndError::Undo(what(), error))?;
            return Ok(Undone::Queued);
        }
        let kind = find(&record.kind).ok_or_else(|| EndError::NotFound(record.id.clone()))?;
        let client = if is_edge { self.client.clone() } else { self.client_in(&record.region) };
        let in_force = BTreeMap::new();
        let undo = |kept: &Value| {
            let outcome = kind.undo(kept, &self.context(&client, &in_force, &forget, now));
            outcome.map_err(|error| EndError::Undo(what(), error))
        };
        if client.is_dry_run() {
            return undo(&record.undo).map(|outcome| Undone::Done(outcome.note));
        }
        let how = if request == EdgeRequest::Expire { End::Expired } else { End::Undone };
        // Two who end the same decision must not both put back what was there before.
        let Some(held) = decisions.begin_end(&record.id, how, now)? else {
            return Err(EndError::Over { id: record.id.clone(), state: "over, or held by somebody else,".to_owned() });
        };
        let outcome = undo(&held.undo).inspect_err(|error| {
            let _ = decisions.hold_on(&record.id, &chain(error));
        })?;
        decisions.end(&record.id, how, now)?;
        Ok(Undone::Done(outcome.note))
    }
}

/// An error with its causes, in one line.
fn chain(error: &EndError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
