//! What a part hangs on.

use serde::{Deserialize, Serialize};

use crate::{AlertId, CaseId};

/// The alert or case that a comment, observable or procedure is on. In JSON it is a field `alert` or `case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// An alert.
    Alert(AlertId),
    /// A case.
    Case(CaseId),
}

impl Parent {
    /// Returns the alert, where it is one.
    pub const fn alert(&self) -> Option<AlertId> {
        match self {
            Self::Alert(id) => Some(*id),
            Self::Case(_) => None,
        }
    }

    /// Returns the case, where it is one.
    pub const fn case(&self) -> Option<CaseId> {
        match self {
            Self::Case(id) => Some(*id),
            Self::Alert(_) => None,
        }
    }

    /// Returns the 16 bytes of its id.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Alert(id) => id.as_bytes(),
            Self::Case(id) => id.as_bytes(),
        }
    }
}

impl std::fmt::Display for Parent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alert(id) => id.fmt(f),
            Self::Case(id) => id.fmt(f),
        }
    }
}

impl From<AlertId> for Parent {
    fn from(id: AlertId) -> Self {
        Self::Alert(id)
    }
}

impl From<CaseId> for Parent {
    fn from(id: CaseId) -> Self {
        Self::Case(id)
    }
}
