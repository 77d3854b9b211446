//! Who made and changed an object, and what people keep on an alert or case besides its life.

use serde::{Deserialize, Serialize};

use super::NamedValue;
use crate::Timestamp;

/// Who made an object, and who changed it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stamp {
    /// When it was made.
    pub created: Timestamp,
    /// Who made it, as [`crate::Actor`] prints.
    #[serde(default)]
    pub created_by: String,
    /// When it was changed last, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

impl Stamp {
    /// Returns the stamp of an object that is made now.
    pub fn new(by: impl Into<String>, now: Timestamp) -> Self {
        Self { created: now, created_by: by.into(), updated: None, updated_by: None }
    }

    /// Returns this stamp after a change.
    #[must_use]
    pub fn changed(&self, by: impl Into<String>, now: Timestamp) -> Self {
        Self { updated: Some(now), updated_by: Some(by.into()), ..self.clone() }
    }
}

/// Whether something was harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// The question does not arise.
    NotApplicable,
    /// It was.
    WithImpact,
    /// It was not.
    NoImpact,
}

/// Who of its tenant may open a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody who may see the tenant's cases.
    #[default]
    Tenant,
    /// These users only, by name.
    Users(Vec<String>),
}

/// Where an alert came from that is not one of our findings: a feeder, a webhook, somebody's hand. A tenant has one alert
/// of the same kind, source and reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertOrigin {
    /// What kind of alert the feeder calls it.
    pub kind: String,
    /// Who sent it.
    pub source: String,
    /// What the sender calls it.
    pub reference: String,
    /// Where to see it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What people keep on an alert or case besides its life.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Desk {
    /// Who made it, as [`crate::Actor`] prints; empty where Vigie did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// Who changed it last; `None` where nobody has yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// The tenant's own word for the status, where it is finer than ours: `Pending`, `Other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Marked by somebody.
    #[serde(skip_serializing_if = "is_false")]
    pub flag: bool,
    /// An alert that is not followed does not rise again when it grows.
    #[serde(skip_serializing_if = "is_false")]
    pub unfollowed: bool,
    /// What came of it, in words; also before it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether something was harmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// When an alert came into a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<Timestamp>,
    /// When a case ended, where somebody said so: it may be closed later than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The name of the template that a case is to be opened with, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Who of its tenant may open it.
    #[serde(skip_serializing_if = "is_open")]
    pub access: Access,
    /// Fields of the tenant's own, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<NamedValue>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn is_open(access: &Access) -> bool {
    *access == Access::Tenant
}
