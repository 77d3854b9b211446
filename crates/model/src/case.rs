//! An investigation.

use serde::{Deserialize, Serialize};

use crate::{CaseId, CommentId, Desk, Pap, Parent, Severity, Stamp, TaskId, TenantId, TimelineId, Timestamp, Tlp};

/// Where a case is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Opened, not yet taken up.
    #[default]
    Open,
    /// Somebody works on it.
    InProgress,
    /// Done; has a resolution.
    Closed,
}

impl CaseStatus {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }
}

/// What an alert or case turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// An attack, and it is dealt with.
    TruePositive,
    /// The rule was wrong.
    FalsePositive,
    /// The rule was right, the behaviour allowed.
    Benign,
    /// Part of another alert or case.
    Duplicate,
    /// Could not be decided.
    Indeterminate,
}

/// How an alert or case was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolution {
    /// What it turned out to be.
    pub verdict: Verdict,
    /// What happened and what was done, in words; never empty on a case.
    pub summary: String,
}

/// An investigation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Case {
    /// Random.
    pub id: CaseId,
    /// Whose it is.
    pub tenant: TenantId,
    /// 1, 2, 3… within the tenant: what people call it by.
    pub number: u64,
    /// One line.
    pub title: String,
    /// What is known, in words.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is in its life.
    pub status: CaseStatus,
    /// Who works on it, by user name.
    pub assignee: Option<String>,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with what is on it.
    pub pap: Pap,
    /// Free words, and the tags of its alerts' rules.
    pub tags: Vec<String>,
    /// When the first event of its alerts happened.
    pub first_seen: Timestamp,
    /// When the last one happened.
    pub last_seen: Timestamp,
    /// When it was opened.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When somebody first took it up.
    pub acknowledged: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// How it was closed.
    pub resolution: Option<Resolution>,
    /// What people keep on it.
    #[serde(default)]
    pub desk: Desk,
    /// Raised by one at every change; a change names the version that it saw.
    pub version: u64,
}

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Not begun.
    #[default]
    Waiting,
    /// Begun.
    InProgress,
    /// Done.
    Completed,
    /// Not needed.
    Cancelled,
}

/// Something to do on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Random.
    pub id: TaskId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The case that it is on.
    pub case: CaseId,
    /// One line.
    pub title: String,
    /// What to do, in words.
    pub description: String,
    /// Where it is in its life.
    pub status: TaskStatus,
    /// Who does it, by user name.
    pub assignee: Option<String>,
    /// The group that it is shown in.
    #[serde(default = "Task::usual_group")]
    pub group: String,
    /// Its place among the case's tasks.
    pub position: u32,
    /// Whether the case cannot be closed before it is completed.
    #[serde(default)]
    pub mandatory: bool,
    /// Marked by somebody.
    #[serde(default)]
    pub flag: bool,
    /// When it should be done.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// When it was begun.
    #[serde(default)]
    pub started: Option<Timestamp>,
    /// When it was completed or cancelled.
    pub ended: Option<Timestamp>,
    /// The tenants that are asked to do something about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_of: Vec<TenantId>,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

impl Task {
    /// Returns the group of a task that was put into none.
    pub fn usual_group() -> String {
        "default".to_owned()
    }
}

/// What somebody wrote on an alert or case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// Random.
    pub id: CommentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The alert or case that it is on.
    #[serde(flatten)]
    pub on: Parent,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub text: String,
    /// When it was written.
    pub created: Timestamp,
    /// When it was written anew, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// Who wrote it anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<String>,
}

/// What a timeline entry tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// Something the attacker did: the first event of an alert.
    Attack,
    /// An alert was raised or merged in.
    Alert,
    /// An action was planned, done, undone or expired.
    Action,
    /// The case was opened, taken up, changed or closed.
    Case,
    /// Written by an analyst.
    Note,
}

/// Something that happened, on a case's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// Derived from what it tells of, or random for a note.
    pub id: TimelineId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The case that it is on.
    pub case: CaseId,
    /// When it happened.
    pub time: Timestamp,
    /// What it tells of.
    pub kind: TimelineKind,
    /// One line.
    pub text: String,
    /// When it ended, where it lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// More words, of an entry that somebody wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who wrote it, and when; `None` for what follows from something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}
