//! What new cases and pages are made from.

use serde::{Deserialize, Serialize};

use super::{NamedValue, Stamp};
use crate::{Pap, Severity, TemplateId, TenantId, Tlp};

/// A task that a template brings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct TemplateTask {
    /// One line.
    pub title: String,
    /// What to do, in words.
    pub description: String,
    /// The group that it belongs to.
    pub group: String,
    /// Whether the case cannot be closed without it.
    pub mandatory: bool,
    /// Who does it, by user name.
    pub assignee: Option<String>,
    /// Its place.
    pub position: u32,
}

/// What a new case is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseTemplate {
    /// Random.
    pub id: TemplateId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is asked for by; one of this name per tenant.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What the title of a case begins with.
    pub title_prefix: Option<String>,
    /// How bad such a case is.
    pub severity: Option<Severity>,
    /// Tags of such a case.
    pub tags: Vec<String>,
    /// Whether such a case is marked.
    pub flag: bool,
    /// With whom it may be shared.
    pub tlp: Option<Tlp>,
    /// What may be done with what is on it.
    pub pap: Option<Pap>,
    /// The summary that it begins with.
    pub summary: Option<String>,
    /// Its tasks, in order.
    pub tasks: Vec<TemplateTask>,
    /// Its fields, in order.
    pub fields: Vec<NamedValue>,
    /// The page templates that it brings.
    pub pages: Vec<TemplateId>,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// What a new page is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageTemplate {
    /// Random.
    pub id: TemplateId,
    /// Whose it is.
    pub tenant: TenantId,
    /// One line.
    pub title: String,
    /// The text, Markdown.
    pub content: String,
    /// The shelf that its pages stand on.
    pub category: String,
    /// Their place there.
    pub position: u32,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}
