//! Who is told of what.

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{NoticeRuleId, Severity, TenantId};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeTrigger {
    /// An alert was raised.
    AlertCreated,
    /// A case was opened.
    CaseCreated,
    /// A case was given to somebody.
    CaseAssigned,
    /// A case was closed.
    CaseClosed,
    /// A task was given to somebody.
    TaskAssigned,
    /// Something was written on a case.
    CommentAdded,
    /// A case is about to be late.
    SlaNear,
    /// A case is late.
    SlaBreached,
}

/// How somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NoticeChannel {
    /// By mail. Without addresses to whom it concerns: the assignee.
    Email {
        /// The addresses.
        #[serde(default)]
        to: Vec<String>,
    },
    /// By an HTTP request with the whole object as JSON.
    Webhook {
        /// The name of a `[[webhook]]` of the configuration.
        name: String,
    },
    /// By a message to Slack, Mattermost or what takes the same.
    Slack {
        /// The name of a `[[webhook]]` of the configuration.
        name: String,
    },
}

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeRule {
    /// Random.
    pub id: NoticeRuleId,
    /// Whose it is.
    pub tenant: TenantId,
    /// One line.
    pub name: String,
    /// Whether it works.
    pub enabled: bool,
    /// What a notice is about.
    pub trigger: NoticeTrigger,
    /// From which severity on.
    pub severity_min: Severity,
    /// How somebody is told.
    pub channel: NoticeChannel,
    /// The subject, with `{{title}}` and the like; empty for ours.
    #[serde(default)]
    pub subject: String,
    /// The text, with `{{title}}` and the like; empty for ours.
    #[serde(default)]
    pub body: String,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}
