//! Links from a case to others and to pages elsewhere, and cases that are shown to another tenant.

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{CaseId, LinkId, ShareId, TenantId};

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkTarget {
    /// Another case of the tenant.
    Linked(CaseId),
    /// A page elsewhere.
    Url(String),
}

/// A link that somebody made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseLink {
    /// Derived from case, kind and target.
    pub id: LinkId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The case that it leads from.
    pub case: CaseId,
    /// What kind of link, in the tenant's own words.
    pub kind: String,
    /// What it leads to.
    pub target: LinkTarget,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

impl CaseLink {
    /// Returns the id of a link.
    pub fn id_of(case: CaseId, kind: &str, target: &LinkTarget) -> LinkId {
        let target = match target {
            LinkTarget::Linked(case) => case.to_string(),
            LinkTarget::Url(url) => url.clone(),
        };
        LinkId::derive([case.to_string().as_str(), kind, &target])
    }
}

/// A case that another tenant may see, and work on as far as the profile allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// Derived from case and tenant.
    pub id: ShareId,
    /// Whose case it is.
    pub owner: TenantId,
    /// The case.
    pub case: CaseId,
    /// With whom it is shared.
    pub tenant: TenantId,
    /// What their people may do with it: a profile's name.
    pub profile: String,
    /// Who shared it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

impl Share {
    /// Returns the id of a share.
    pub fn id_of(case: CaseId, tenant: &TenantId) -> ShareId {
        ShareId::derive([case.to_string().as_str(), tenant.as_str()])
    }
}
