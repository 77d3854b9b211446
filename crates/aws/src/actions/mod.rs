//! What changes the world in AWS, one file an action.
//!
//! Each is done with few calls, is as done twice as done once, and keeps what it found for [`AwsAction::undo`] before it
//! changes anything. Where something is already as it should be, there is nothing to take back: who repeats an action
//! keeps what the first time returned.

mod ec2_snapshot;
mod edge;
mod iam_disable_access_key;
mod iam_quarantine_user;
mod iam_revoke_role_sessions;
mod isolate;
mod nacl_block_ip;
mod parameter;
mod s3_block_public_access;
mod sns_notify;
mod waf_block_ip;

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde_json::Value;
use vigie_model::{Action, Timestamp};
use vigie_respond::{ActionSpec, ExecuteError, Outcome};

use crate::permissions::Statement;
use crate::{Call, Client, Pace, Settings};

pub use edge::{EdgeChange, EdgeReport, Fill};
pub use nacl_block_ip::change as change_network_acls;
pub(crate) use waf_block_ip::in_scope;
pub use waf_block_ip::{ADDRESSES_MAX, change as change_ip_sets};

/// What an action is done with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The way to AWS, in the Region and account of what is acted on.
    pub client: &'a Client,
    /// What the account has to work with.
    pub settings: &'a Settings,
    /// Keeps changes of IP sets apart; shared by all of a process.
    pub pace: &'a Pace,
    /// When each block in force ends, as far as the caller knows: [`EdgeChange::in_force`].
    pub in_force: &'a BTreeMap<IpNet, Timestamp>,
    /// Is told what [`AwsAction::undo`] will need, before anything is changed: whoever takes over from somebody who died in
    /// between finds the world changed already. Where it fails, nothing is done. [`forget`] where nobody keeps it.
    pub remember: &'a dyn Fn(&Value) -> Result<(), ExecuteError>,
    /// The time.
    pub now: Timestamp,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("client", self.client).field("now", &self.now).finish_non_exhaustive()
    }
}

/// Keeps nothing: for [`Context::remember`].
///
/// # Errors
/// None.
pub fn forget(_undo: &Value) -> Result<(), ExecuteError> {
    Ok(())
}

/// A kind of action on AWS.
///
/// Doing one twice is as doing it once: an answer may be lost, and then it is done again.
pub trait AwsAction: Send + Sync {
    /// Returns its kind, parameters, blast radius and undo.
    fn spec(&self) -> &'static ActionSpec;

    /// Returns what IAM must allow for it and its undo.
    fn statements(&self) -> &'static [Statement];

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
    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError>;
}

static ALL: [&dyn AwsAction; 9] = [
    &waf_block_ip::WafBlockIp,
    &nacl_block_ip::NaclBlockIp,
    &isolate::IsolateInstance,
    &ec2_snapshot::Snapshot,
    &iam_disable_access_key::DisableAccessKey,
    &iam_revoke_role_sessions::RevokeRoleSessions,
    &iam_quarantine_user::QuarantineUser,
    &s3_block_public_access::BlockPublicAccess,
    &sns_notify::Notify,
];

/// Returns every kind of action, in the order of the catalogue.
pub fn all() -> [&'static dyn AwsAction; 9] {
    ALL
}

/// Returns the kind of action with a name: `ec2.isolate_instance`.
pub fn find(kind: &str) -> Option<&'static dyn AwsAction> {
    ALL.into_iter().find(|action| action.spec().kind == kind)
}

/// Returns why an action was planned, for whoever finds its traces later.
fn why(action: &Action) -> &str {
    action.steps.first().map_or(action.summary.as_str(), |planned| planned.note.as_str())
}

/// Returns the error of an undo that is not possible.
fn cannot_be_undone(spec: &ActionSpec) -> ExecuteError {
    let reason = match spec.undo {
        vigie_respond::Undo::Impossible(reason) | vigie_respond::Undo::Possible(reason) => reason,
    };
    ExecuteError::Unable { what: format!("take back {}", spec.kind), reason: reason.to_owned() }
}
