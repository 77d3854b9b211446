//! The door to the code that touches the world.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use vigie_model::{Action, Decision, Entity};

use crate::{ActionSpec, Catalogue, Refusal};

/// A future that some runtime will poll; this crate knows none.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What came of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// For the action's steps: "203.0.113.7 is in the set block_v4 for 86400 s".
    pub note: String,
    /// What the executor needs to take it back; `Null` where it cannot be.
    pub undo: Value,
}

/// What an executor found to be in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// What it is done to.
    pub target: Entity,
    /// When it ends by itself; `None` where it does not.
    pub expires_in: Option<Duration>,
}

/// Why an action was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// A guard rail said no at the last step.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// A parameter is missing or makes no sense.
    #[error("parameter `{name}`: {reason}")]
    Parameter {
        /// Which one.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// This host or configuration cannot do it; somebody must change something first.
    #[error("{what}: {reason}")]
    Unable {
        /// What we were doing.
        what: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The other side said no, and will say so again.
    #[error("{what}: {reason}")]
    Rejected {
        /// What we were doing.
        what: String,
        /// What the other side said.
        reason: String,
    },
    /// It may work later.
    #[error("{what}: {reason}")]
    Unavailable {
        /// What we were doing.
        what: String,
        /// What went wrong.
        reason: String,
    },
}

impl ExecuteError {
    /// Returns whether trying again, unchanged, may work.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Refused(_) | Self::Parameter { .. } | Self::Unable { .. } | Self::Rejected { .. } => false,
        }
    }
}

/// Code that does one kind of action.
///
/// The caller records the action as [`vigie_model::ActionStatus::Executing`] before it calls [`Executor::execute`], and
/// calls it again where it died in between: doing it twice must be as doing it once.
pub trait Executor: Send + Sync {
    /// Returns the kind of action that it does.
    fn spec(&self) -> &'static ActionSpec;

    /// Does the action, for [`Action::expires_after_s`] from now. A repeat refreshes it.
    ///
    /// # Errors
    /// Nothing was done, or it is unknown whether it was; [`ExecuteError::is_retryable`] tells whether to try again.
    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>>;

    /// Takes back what a decision holds. What is not in force any more is taken back already.
    ///
    /// # Errors
    /// As for [`Executor::execute`]; [`ExecuteError::Unable`] where the kind cannot be taken back.
    fn undo<'a>(&'a self, decision: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>>;

    /// Returns whether what it put in force may be gone after a restart of its host, so that it is put back where
    /// [`Executor::in_force`] does not find it. AWS forgets nothing.
    fn forgets(&self) -> bool {
        false
    }

    /// Returns what is really in force, for [`crate::reconcile`]. A kind that leaves nothing behind returns nothing.
    ///
    /// # Errors
    /// As for [`Executor::execute`].
    fn in_force(&self) -> BoxFuture<'_, Result<Vec<InForce>, ExecuteError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// The executors of a server, by kind of action.
#[derive(Clone, Default)]
pub struct Executors {
    by_kind: BTreeMap<&'static str, Arc<dyn Executor>>,
}

impl Executors {
    /// Adds an executor, in place of the one of its kind.
    pub fn insert(&mut self, executor: Arc<dyn Executor>) {
        self.by_kind.insert(executor.spec().kind, executor);
    }

    /// Returns the executor of a kind of action.
    pub fn get(&self, kind: &str) -> Option<&Arc<dyn Executor>> {
        self.by_kind.get(kind)
    }

    /// Returns every executor, by kind.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Executor>> {
        self.by_kind.values()
    }

    /// Returns the catalogue of the kinds that can be done here.
    pub fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.by_kind.values().map(|executor| executor.spec()))
    }
}

impl std::fmt::Debug for Executors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.by_kind.keys()).finish()
    }
}
