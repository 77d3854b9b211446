//! Users, as who asks may see them: of their organisations those that the visitor sees too.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};
use vigie_model::{Filter, Membership, Permission, Profile, Selection, TenantId, TenantScope, User};

use super::{Shape, Wire, organisation};
use crate::door::Door;
use crate::gate::profile_in;
use crate::id::tenant_wire;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for User {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("login", "name", FieldKind::Text),
        QueryField::new("name", "display", FieldKind::Text),
        QueryField::new("email", "email", FieldKind::Text),
        QueryField::new("locked", "disabled", FieldKind::Flag),
        QueryField::new("organisation", "tenant", FieldKind::Tenant),
    ];

    async fn show(objects: Vec<Self>, door: &Door, visitor: &Visitor, _extra: &[String]) -> Result<Vec<Value>, Fault> {
        let ids: Vec<_> = objects.iter().map(|user| user.id).collect();
        let with = With {
            visitor,
            names: organisation::names(door).await?,
            permissions: permissions(door).await?,
            has_password: HashSet::new(),
            has_key: HashSet::new(),
        };
        let (has_password, has_key) = door.store.credentials(&ids).await?;
        let with = With { has_password, has_key, ..with };
        Ok(objects.into_iter().map(|user| with.shape(user)).collect())
    }
}

/// Returns what each profile allows.
pub(crate) async fn permissions(door: &Door) -> Result<HashMap<String, BTreeSet<Permission>>, Fault> {
    const PROFILES_MAX: u64 = 10_000;
    let profiles: Vec<Profile> =
        door.store.select(&TenantScope::All, &Selection::of(Filter::All, PROFILES_MAX)).await?;
    Ok(profiles.into_iter().map(|profile| (profile.name, profile.permissions)).collect())
}

/// What users are shown with.
struct With<'a> {
    visitor: &'a Visitor,
    names: HashMap<TenantId, String>,
    permissions: HashMap<String, BTreeSet<Permission>>,
    has_password: HashSet<vigie_model::UserId>,
    has_key: HashSet<vigie_model::UserId>,
}

impl With<'_> {
    fn shape(&self, user: User) -> Value {
        let memberships = self.memberships(&user);
        let default = memberships.iter().find(|membership| membership.default).or(memberships.first());
        let here = memberships.iter().find(|membership| membership.tenant == self.visitor.tenant.id).or(default);
        let name = |tenant: &TenantId| self.names.get(tenant).cloned().unwrap_or_else(|| tenant.to_string());
        let organisations: Vec<Value> = memberships
            .iter()
            .map(|membership| {
                json!({
                    "organisationId": tenant_wire(&membership.tenant),
                    "organisation": name(&membership.tenant),
                    "profile": membership.profile,
                })
            })
            .collect();
        let permissions = here.and_then(|here| self.permissions.get(&here.profile)).cloned().unwrap_or_default();
        let display = if user.display.is_empty() { user.name.clone() } else { user.display };
        Shape::of(user.id, "User", &user.stamp)
            .with("login", user.name)
            .with("name", display)
            .maybe("email", user.email)
            .with("hasKey", self.has_key.contains(&user.id))
            .with("hasPassword", self.has_password.contains(&user.id))
            .with("hasMFA", false)
            .with("locked", user.disabled)
            .with("profile", here.map(|here| here.profile.clone()).unwrap_or_default())
            .with("permissions", permissions.into_iter().collect::<Vec<_>>())
            .with("organisation", here.map(|here| name(&here.tenant)).unwrap_or_default())
            .with("organisations", organisations)
            .maybe("defaultOrganisation", default.map(|default| name(&default.tenant)))
            .with("type", "Normal")
            .with("extraData", json!({}))
            .done()
    }

    /// Returns where a user is a member, as far as the visitor may know: everywhere for who administers the platform and
    /// for the user themselves, else here. A user without memberships has what follows from their role.
    fn memberships(&self, user: &User) -> Vec<Membership> {
        let here = &self.visitor.tenant.id;
        let sees_all =
            self.visitor.administers() || self.visitor.user.as_ref().is_some_and(|visitor| visitor.id == user.id);
        if !user.memberships.is_empty() {
            let shown = |membership: &&Membership| sees_all || membership.tenant == *here;
            return user.memberships.iter().filter(shown).cloned().collect();
        }
        let mut tenants: Vec<&TenantId> = self.names.keys().filter(|tenant| sees_all || *tenant == here).collect();
        tenants.sort();
        let place = |tenant: &TenantId| {
            let profile = profile_in(tenant, &[], user.role, &user.tenants)?;
            Some(Membership { tenant: tenant.clone(), profile, default: false })
        };
        tenants.into_iter().filter_map(place).collect()
    }
}
