//! Procedures, task logs and pages.

use serde::{Deserialize, Serialize};

use super::{Parent, Stamp};
use crate::{CaseId, PageId, ProcedureId, TaskId, TaskLogId, TenantId, Timestamp};

/// An ATT&CK technique that was seen at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Procedure {
    /// Random.
    pub id: ProcedureId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The alert or case that it is on.
    #[serde(flatten)]
    pub on: Parent,
    /// The technique, such as `T1059.006`.
    pub technique: String,
    /// The tactic, such as `execution`.
    pub tactic: Option<String>,
    /// When it happened.
    pub occurred: Timestamp,
    /// What was seen, in words.
    pub description: Option<String>,
    /// Who wrote it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// What somebody did about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskLog {
    /// Random.
    pub id: TaskLogId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The case of its task.
    pub case: CaseId,
    /// The task.
    pub task: TaskId,
    /// What was done, in words.
    pub text: String,
    /// When it was done.
    pub date: Timestamp,
    /// Where it is to be on the case's timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_timeline: Option<Timestamp>,
    /// Who wrote it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// A page of prose on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// Random.
    pub id: PageId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The case that it is on.
    pub case: CaseId,
    /// One line.
    pub title: String,
    /// The text, Markdown.
    pub content: String,
    /// Its place among the pages of its category.
    pub position: u32,
    /// The shelf that it stands on.
    pub category: String,
    /// Who wrote it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}
