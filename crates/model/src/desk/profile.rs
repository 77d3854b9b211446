//! What the members of a tenant may do there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{ProfileId, Role, TenantId};

/// Leave to do something, by TheHive's names: `manageAlert/create`, `manageTask`. A text, so that names of later versions
/// pass through.
pub type Permission = String;

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// Random; of a built-in one derived from its name.
    pub id: ProfileId,
    /// One of this name.
    pub name: String,
    /// What its holders may do.
    pub permissions: BTreeSet<Permission>,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// A user's place in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// The tenant.
    pub tenant: TenantId,
    /// The profile's name.
    pub profile: String,
    /// Whether the user works here unless they say otherwise.
    #[serde(default)]
    pub default: bool,
}

impl Profile {
    /// Returns the id of a built-in profile.
    pub fn id_of(name: &str) -> ProfileId {
        ProfileId::derive([name])
    }

    /// Returns the highest role all of whose work the permissions allow.
    pub fn role(&self) -> Role {
        let has = |name: &str| self.permissions.contains(name);
        if has("manageUser") || has("manageOrganisation") {
            Role::Admin
        } else if has("manageAlert/update") && has("manageCase/update") {
            Role::Analyst
        } else {
            Role::Reader
        }
    }
}
