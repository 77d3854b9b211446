//! Who is asking, for which organisation, and what they may do there.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vigie_model::{Actor, Permission, Tenant, User};
use vigie_store::Reach;

use crate::Fault;

/// Who is asking, once the gate has let them in. A handler that takes one cannot be reached without.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who, for the audit log.
    pub actor: Actor,
    /// The user, where it is one.
    pub user: Option<Box<User>>,
    /// The organisation that the request is for.
    pub tenant: Tenant,
    /// The profile that they have there.
    pub profile: String,
    /// What they may do there.
    pub permissions: BTreeSet<Permission>,
    /// What the route needed, which they have.
    pub needed: Option<&'static str>,
    /// All that the store is asked within: the organisation, and what is open to them there.
    pub scope: Reach,
}

impl Visitor {
    /// Returns whether they may do this.
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.contains(permission)
    }

    /// Returns what to call them on what they make and change.
    pub fn name(&self) -> String {
        self.actor.to_string()
    }

    /// Returns whether they administer the platform: users, profiles and organisations of all.
    pub fn administers(&self) -> bool {
        self.may("managePlatform")
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Fault::unauthenticated)
    }
}
