//! What came of an answer.

use std::time::Duration;

use serde::Serialize;
use vigie_respond::CloudPlan;

/// How a step came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It is done.
    Done,
    /// It is on its way to the one writer at the edge.
    Queued,
    /// It was done before, by the same event or another.
    AlreadyDone,
    /// It was done before, and lasts longer now.
    Extended,
    /// A dry run: it would be done.
    Simulated,
    /// It failed.
    Failed {
        /// Whether the same, tried again, may work.
        retryable: bool,
    },
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The kind of action.
    pub action: &'static str,
    /// What it was done to.
    pub target: Option<String>,
    /// One line for people.
    pub summary: String,
    /// How it came out.
    pub status: StepStatus,
    /// What the action says of it, or what went wrong.
    pub note: String,
    /// The decision's id in the table, for `vigie aws undo`.
    pub record: Option<String>,
    /// How long it lasts, where it ends by itself.
    #[serde(skip)]
    pub expires: Option<Duration>,
    /// Whether it lasts and can be taken back.
    #[serde(skip)]
    pub lasts: bool,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerReport {
    /// What was planned, and why.
    pub plan: CloudPlan,
    /// What came of each step, the message to people last.
    pub steps: Vec<StepReport>,
}

impl AnswerReport {
    /// Returns the steps that failed and may work when tried again.
    pub fn retryable(&self) -> impl Iterator<Item = &StepReport> {
        self.steps.iter().filter(|step| step.status == StepStatus::Failed { retryable: true })
    }

    /// Returns how many steps came out in one way.
    pub fn count(&self, fits: impl Fn(&StepStatus) -> bool) -> usize {
        self.steps.iter().filter(|step| fits(&step.status)).count()
    }
}
