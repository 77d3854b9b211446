//! What changes the world in AWS, one file an action.

use vigie_model::{Action, Timestamp};
use vigie_respond::{ActionSpec, ExecuteError, Outcome};

use crate::{Call, Client, Settings};

/// What an action is done with.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The way to AWS, in the Region and account of what is acted on.
    pub client: &'a Client,
    /// What the account has to work with.
    pub settings: &'a Settings,
    /// The time.
    pub now: Timestamp,
}

/// A kind of action on AWS.
///
/// Doing one twice is as doing it once: an answer may be lost, and then it is done again.
pub trait AwsAction: Send + Sync {
    /// Returns its kind, parameters, blast radius and undo.
    fn spec(&self) -> &'static ActionSpec;

    /// Returns the calls that it would make, as far as they are known without asking AWS. What only AWS knows stands as
    /// `<in words>`.
    ///
    /// # Errors
    /// A parameter is missing or makes no sense.
    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError>;

    /// Does it.
    ///
    /// # Errors
    /// Nothing was done, or a part that a repeat completes; [`ExecuteError::is_retryable`] tells whether to try again.
    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError>;

    /// Takes it back, from what [`Outcome::undo`] kept. What is taken back already is a success.
    ///
    /// # Errors
    /// As for [`AwsAction::execute`].
    fn undo(&self, undo: &serde_json::Value, context: &Context<'_>) -> Result<Outcome, ExecuteError>;
}
