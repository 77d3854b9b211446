//! What changes the world, and what is in force because of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ActionId, AlertId, CaseId, DecisionId, Entity, PlaybookId, TenantId, Timestamp};

/// What an action answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trigger {
    /// The alert that it answers.
    pub alert: Option<AlertId>,
    /// The case that it is part of.
    pub case: Option<CaseId>,
    /// The playbook that asked for it, or `None` where a person did.
    pub playbook: Option<PlaybookId>,
}

/// Where an action is in its life.
///
/// ```text
/// Planned ──► AwaitingApproval ──► Approved ──► Executing ──► Done ──► Undone | Expired
///    │               └──► Rejected      ▲           └──► Failed (retried by hand or by the outbox)
///    └──────────────────────────────────┘ (approval: none)
/// Refused: the guard rails said no.   Simulated: a dry run, nothing was done.
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActionStatus {
    /// Made from a playbook; nothing decided.
    Planned,
    /// A guard rail forbids it; the last step says which.
    Refused,
    /// An analyst must say yes.
    AwaitingApproval,
    /// An analyst said no.
    Rejected,
    /// May be done.
    Approved,
    /// A dry run: everything was checked, nothing was done.
    Simulated,
    /// Being done; found in this state at start, its outcome is unknown.
    Executing,
    /// Done.
    Done,
    /// Tried and failed; the last step says why.
    Failed,
    /// Done and taken back.
    Undone,
    /// Done and over by itself.
    Expired,
}

impl ActionStatus {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Simulated => "simulated",
            Self::Executing => "executing",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
            Self::Expired => "expired",
        }
    }
}

/// One step in an action's life, recorded before what it tells of is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActionStep {
    /// When.
    pub at: Timestamp,
    /// The state entered.
    pub status: ActionStatus,
    /// Who or what: a user name, `playbook:NAME` or `vigie`.
    pub by: String,
    /// Why, or what came back.
    pub note: String,
}

/// Something that changes the world, or would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Action {
    /// Derived from tenant, trigger, kind and target: a repeat is the same action.
    pub id: ActionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it answers.
    pub trigger: Trigger,
    /// What is done: `host.block_ip`, `notify.email`, `notify.webhook`.
    pub kind: String,
    /// What it is done to, or `None` for a message.
    pub target: Option<Entity>,
    /// How, as the executor of its kind reads it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parameters: Map<String, Value>,
    /// One line for a person: "block 203.0.113.7 on this host for 24 h".
    pub summary: String,
    /// Who and what it can touch, in words.
    pub blast_radius: String,
    /// How it is taken back, in words, or why it cannot be.
    pub undo: String,
    /// How long it stays in force, in seconds; `None` for what is over when done.
    pub expires_after_s: Option<u64>,
    /// Where it is in its life.
    pub status: ActionStatus,
    /// Its life so far, oldest first.
    pub steps: Vec<ActionStep>,
    /// When it was planned.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// Whether a decision holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecisionState {
    /// It holds.
    InForce,
    /// It ended by itself.
    Expired,
    /// It was taken back.
    Undone,
}

impl DecisionState {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Expired => "expired",
            Self::Undone => "undone",
        }
    }
}

/// An action in force, with its expiry and how to undo it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// Derived from the action and when it took effect.
    pub id: DecisionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The action.
    pub action: ActionId,
    /// What was done.
    pub kind: String,
    /// What it was done to.
    pub target: Option<Entity>,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until it is undone. A repeat extends it.
    pub expires: Option<Timestamp>,
    /// Whether it holds.
    pub state: DecisionState,
    /// What the executor needs to take it back.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub undo: Value,
}
