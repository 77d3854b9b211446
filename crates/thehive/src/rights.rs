//! Who may give what to whom: nobody gives rights that they do not have.
//!
//! Who runs the platform may do everything with users. Who may manage the users of an organisation may give there what they
//! may do there themselves, and may touch a user only where that covers everything that user is: a password of somebody who
//! works for two organisations opens both.

use std::collections::{BTreeSet, HashMap};

use vigie_model::{Filter, Membership, Permission, Profile, Role, Selection, TenantId, TenantScope, User};

use crate::door::Door;
use crate::gate::profile_in;
use crate::permission::ADMIN_TENANT;
use crate::{Fault, Visitor};

/// How many profiles there may be.
pub(crate) const PROFILES_MAX: u64 = 1_000;

/// What a visitor may give.
pub(crate) struct Rights<'a> {
    visitor: &'a Visitor,
    profiles: HashMap<String, Profile>,
}

impl<'a> Rights<'a> {
    pub(crate) async fn of(door: &Door, visitor: &'a Visitor) -> Result<Self, Fault> {
        let all = Selection::of(Filter::All, PROFILES_MAX);
        let profiles: Vec<Profile> = door.store.select(&TenantScope::All, &all).await?;
        Ok(Self { visitor, profiles: profiles.into_iter().map(|profile| (profile.name.clone(), profile)).collect() })
    }

    /// Returns the profile of this name.
    pub(crate) fn profile(&self, name: &str) -> Result<&Profile, Fault> {
        let found = self.profiles.get(name);
        found.or_else(|| self.profiles.values().find(|profile| profile.name.eq_ignore_ascii_case(name))).ok_or_else(
            || {
                let mut known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
                known.sort_unstable();
                let name: String = name.chars().take(80).collect();
                Fault::field("profile", format!("there is no profile {name}: known are {}", known.join(", ")))
            },
        )
    }

    /// Counts with another profile instead of the one of this name.
    pub(crate) fn replace(&mut self, name: &str, profile: Profile) {
        self.profiles.remove(name);
        self.profiles.insert(profile.name.clone(), profile);
    }

    /// Returns whether the visitor runs the platform, also where they are about to do something else.
    pub(crate) fn runs_platform(&self) -> bool {
        self.visitor.administers()
            || TenantId::new(ADMIN_TENANT).is_ok_and(|admin| self.in_tenant(&admin).contains("managePlatform"))
    }

    /// What the visitor may do in an organisation.
    fn in_tenant(&self, tenant: &TenantId) -> BTreeSet<Permission> {
        if *tenant == self.visitor.tenant.id {
            return self.visitor.permissions.clone();
        }
        let profile = self
            .visitor
            .user
            .as_ref()
            .and_then(|user| profile_in(tenant, &user.memberships, user.role, &user.tenants))
            .and_then(|name| self.profiles.get(&name));
        profile.map(|profile| profile.permissions.clone()).unwrap_or_default()
    }

    /// Returns whether the visitor may know of an organisation.
    pub(crate) fn knows(&self, tenant: &TenantId) -> bool {
        let is_member = |user: &User| profile_in(tenant, &user.memberships, user.role, &user.tenants).is_some();
        *tenant == self.visitor.tenant.id
            || self.visitor.user.as_ref().is_some_and(|user| is_member(user))
            || self.runs_platform()
    }

    /// Says whether the visitor may make somebody a member with a profile, or end that.
    pub(crate) fn may_give(&self, membership: &Membership) -> Result<(), Fault> {
        if self.runs_platform() {
            return Ok(());
        }
        let own = self.in_tenant(&membership.tenant);
        // A profile that is gone gives nothing.
        let asked = self.profiles.get(&membership.profile).map(|profile| &profile.permissions);
        if own.contains("manageUser") && asked.is_none_or(|asked| asked.is_subset(&own)) {
            return Ok(());
        }
        let (profile, tenant) = (&membership.profile, &membership.tenant);
        Err(Fault::forbidden(format!(
            "you cannot give or take {profile} in {tenant}: it allows more than you may there"
        )))
    }

    /// Says whether the visitor may change who a user is, their password or key.
    pub(crate) fn may_touch(&self, user: &User) -> Result<(), Fault> {
        if self.runs_platform() {
            return Ok(());
        }
        if user.memberships.is_empty() {
            return Err(Fault::forbidden(format!("only who runs the platform may change {}", user.name)));
        }
        user.memberships.iter().try_for_each(|membership| self.may_give(membership))
    }

    /// Returns what a user may do at our own doors, given where they are a member: what their least profile allows, for the
    /// organisations that have cases. Who administers all tenants goes on doing so while they run the platform.
    pub(crate) fn at_our_doors(&self, before: Option<&User>, memberships: &[Membership]) -> (Role, TenantScope) {
        let profile = |membership: &Membership| self.profiles.get(&membership.profile);
        let runs_platform = memberships.iter().any(|membership| {
            membership.tenant.as_str() == ADMIN_TENANT
                && profile(membership).is_some_and(|profile| profile.permissions.contains("managePlatform"))
        });
        let was_admin = before.is_some_and(|user| user.role == Role::Admin && user.tenants == TenantScope::All);
        if runs_platform && was_admin {
            return (Role::Admin, TenantScope::All);
        }
        let desks: Vec<&Membership> =
            memberships.iter().filter(|membership| membership.tenant.as_str() != ADMIN_TENANT).collect();
        let role = desks.iter().map(|membership| profile(membership).map_or(Role::Reader, Profile::role)).min();
        let tenants = desks.into_iter().map(|membership| membership.tenant.clone()).collect();
        (role.unwrap_or(Role::Reader), TenantScope::Only(tenants))
    }
}
