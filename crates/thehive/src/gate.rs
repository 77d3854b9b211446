//! The one place where it is decided who may ask what of TheHive's door. Every route passes through [`gate`]; the table of
//! routes says what each one needs, and a test walks that table.
//!
//! A request is for one organisation: that of the header `X-Organisation`, or the user's default. What somebody may do there
//! is their profile's set of permissions. A user of ours who has no memberships has, in each tenant of theirs, the profile
//! of their role; an administrator of all tenants may enter `admin` too.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use vigie_model::{
    Actor, Comparison, Filter, Membership, Profile, Role, Selection, Tenant, TenantId, TenantScope, Value,
};

use vigie_store::Reach;

use crate::door::{Door, Identity};
use crate::id::tenant_wire;
use crate::permission::ADMIN_TENANT;
use crate::{Fault, Need, Visitor};

/// The header that names the organisation, by name or id.
const ORGANISATION: &str = "x-organisation";

/// What the gate of one route knows.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) door: Door,
    pub(crate) need: Need,
}

/// Lets a request in, or answers it.
pub(crate) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if gate.need == Need::Public {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match gate.admit(&parts).await {
        Ok(visitor) => {
            parts.extensions.insert(visitor);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(fault) => fault.into_response(),
    }
}

impl Gate {
    async fn admit(&self, request: &Parts) -> Result<Visitor, Fault> {
        let identity = self.door.house.identify(request).await?;
        let mut visitor = enter(&self.door, identity, asked_for(&request.headers)?).await?;
        if let Need::Permission(needed) = self.need {
            if !visitor.may(needed) {
                let (profile, name) = (&visitor.profile, &visitor.tenant.name);
                return Err(Fault::forbidden(format!(
                    "this needs the permission {needed}, which {profile} in {name} lacks"
                )));
            }
            visitor.needed = Some(needed);
        }
        // A query is a POST and reads; what needs no permission changes nothing of the organisation's.
        let changes = matches!(self.need, Need::Permission(_)) && !request.method.is_safe();
        if visitor.tenant.locked && changes {
            return Err(Fault::forbidden(format!("organisation {} is locked", visitor.tenant.name)));
        }
        Ok(visitor)
    }
}

fn asked_for(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    headers
        .get(ORGANISATION)
        // Names are in any language; clients send them as UTF-8.
        .map(|value| std::str::from_utf8(value.as_bytes()).map_err(|_| Fault::bad("X-Organisation is not a name")))
        .transpose()
}

/// Returns the visitor that somebody is in an organisation: the one asked for, or their own.
pub(crate) async fn enter(door: &Door, identity: Identity, asked: Option<&str>) -> Result<Visitor, Fault> {
    let (actor, user, memberships, role, tenants) = match identity {
        Identity::User(user) => {
            let actor = Actor::User(user.name.clone());
            (actor, Some(user.clone()), user.memberships.clone(), user.role, user.tenants.clone())
        }
        Identity::Program { actor, role, tenants } => (actor, None, Vec::new(), role, tenants),
    };
    let tenant = match asked {
        Some(name) if name.starts_with('~') => {
            let all = door.store.tenants().await?;
            all.into_iter().find(|tenant| tenant_wire(&tenant.id) == name)
        }
        Some(name) => door.store.tenant(name).await?,
        None => own(door, &memberships, &tenants).await?,
    };
    let none = || Fault::forbidden("you are a member of no such organisation");
    let tenant = tenant.ok_or_else(none)?;
    let profile = profile_in(&tenant.id, &memberships, role, &tenants).ok_or_else(none)?;
    let permissions = profile_named(door, &profile).await?.map(|profile| profile.permissions).unwrap_or_default();
    let scope = Reach { tenants: TenantScope::Only(vec![tenant.id.clone()]), name: actor.to_string() };
    Ok(Visitor { actor, user, tenant, profile, permissions, needed: None, scope })
}

/// Returns the organisation of who asks for none: the default one, or the first.
async fn own(door: &Door, memberships: &[Membership], tenants: &TenantScope) -> Result<Option<Tenant>, Fault> {
    let default = memberships.iter().find(|membership| membership.default).or_else(|| memberships.first());
    let id = match (default, tenants) {
        (Some(membership), _) => Some(membership.tenant.to_string()),
        (None, TenantScope::Only(tenants)) => tenants.first().map(ToString::to_string),
        (None, TenantScope::All) => {
            let all = door.store.tenants().await?;
            return Ok(all.into_iter().find(|tenant| tenant.id.as_str() != ADMIN_TENANT));
        }
    };
    match id {
        Some(id) => Ok(door.store.tenant(&id).await?),
        None => Ok(None),
    }
}

/// Returns the name of the profile that somebody has in an organisation, if any.
pub(crate) fn profile_in(
    tenant: &TenantId,
    memberships: &[Membership],
    role: Role,
    tenants: &TenantScope,
) -> Option<String> {
    if let Some(membership) = memberships.iter().find(|membership| membership.tenant == *tenant) {
        return Some(membership.profile.clone());
    }
    if !memberships.is_empty() || !tenants.contains(tenant) {
        return None;
    }
    let is_admin = tenant.as_str() == ADMIN_TENANT;
    match role {
        Role::Admin if is_admin => (*tenants == TenantScope::All).then(|| "admin".to_owned()),
        _ if is_admin => None,
        Role::Admin => Some("org-admin".to_owned()),
        Role::Analyst => Some("analyst".to_owned()),
        Role::Reader => Some("read-only".to_owned()),
        Role::Ingest => None,
    }
}

pub(crate) async fn profile_named(door: &Door, name: &str) -> Result<Option<Profile>, Fault> {
    let value = Value::Text(name.to_owned());
    let filter = Filter::Field { name: "name".to_owned(), comparison: Comparison::Equal, value };
    Ok(door.store.select(&TenantScope::All, &Selection::of(filter, 1)).await?.pop())
}
