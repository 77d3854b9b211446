//! Profiles and users.

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Membership, Profile, ProfileId, Role, TenantId, TenantScope, Timestamp, User, UserId};
use vigie_store::{StoreError, Tx};

use super::{Reading, Unread, id_of, listed, stamp_of, typed};
use crate::import::find::{by_field, named, texts};
use crate::import::kind::{Draft, Kind, Standing};
use crate::import::naming::Place;

/// Profiles: named sets of permissions.
pub(in crate::import) struct Profiles;

#[derive(Deserialize)]
struct OutputProfile {
    name: String,
    permissions: Option<Vec<String>>,
}

impl Kind for Profiles {
    type Object = Profile;
    const NAME: &'static str = "profiles";
    const LIST: &'static [&'static str] = &["listProfile"];

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Profile>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputProfile = typed(row)?;
        let profile = Profile {
            id: ProfileId::derive(reading.naming.parts(theirs)),
            name: read.name,
            permissions: listed(read.permissions).into_iter().collect(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, profile))
    }

    fn updated(profile: &Profile) -> Option<Timestamp> {
        profile.stamp.updated
    }

    /// There is one profile of a name. The built-in ones are here, and say what their holders may do here.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<Profile>], _: Option<&Place>) -> Result<(), StoreError> {
        let known: Vec<Profile> = by_field(tx, "name", texts(drafts.iter().map(|draft| &draft.object.name))).await?;
        for draft in drafts {
            let own = &draft.object;
            if known.iter().any(|known| named(&known.name, &own.name) && known.id != own.id) {
                draft.standing = Standing::Named;
            }
        }
        Ok(())
    }
}

/// Users. Their passwords and keys stay where they are, so that nobody can sign in with them before they are given new ones.
pub(in crate::import) struct Users;

/// Where [`Users::join`] puts the memberships: the names of tenants of ours.
const PLACES: &str = "_places";

#[derive(Deserialize)]
struct OutputUser {
    login: String,
    name: Option<String>,
    email: Option<String>,
    #[serde(rename = "_places")]
    places: Option<Vec<OutputPlace>>,
}

#[derive(Deserialize)]
struct OutputPlace {
    tenant: TenantId,
    profile: String,
    default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TheirPlaces {
    organisation: Option<String>,
    profile: Option<String>,
    organisations: Option<Vec<TheirPlace>>,
    default_organisation: Option<String>,
}

#[derive(Deserialize)]
struct TheirPlace {
    organisation: String,
    profile: String,
    default: Option<bool>,
}

impl Users {
    /// Writes into a user all memberships of organisations that are copied: those that the user says, and those of the
    /// same user in the list of another organisation.
    pub(in crate::import) fn join(user: &mut Value, before: Option<Value>, places: &[Place]) {
        let mut all: Vec<Value> = match before {
            Some(Value::Object(mut fields)) => match fields.remove(PLACES) {
                Some(Value::Array(places)) => places,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if let Ok(theirs) = typed::<TheirPlaces>(user) {
            let mut said = listed(theirs.organisations);
            if let (Some(organisation), Some(profile)) = (theirs.organisation, theirs.profile) {
                said.push(TheirPlace { organisation, profile, default: None });
            }
            for TheirPlace { organisation, profile, default } in said {
                let Some(place) = places.iter().find(|place| named(&place.organisation, &organisation)) else {
                    continue;
                };
                let is_default = theirs.default_organisation.as_deref().is_some_and(|name| named(name, &organisation));
                if all.iter().all(|known| known.get("tenant") != Some(&json!(place.tenant))) {
                    let default = default.unwrap_or(is_default);
                    all.push(json!({"tenant": place.tenant, "profile": profile, "default": default}));
                }
            }
        }
        if let Some(fields) = user.as_object_mut() {
            fields.insert(PLACES.to_owned(), all.into());
        }
    }
}

impl Kind for Users {
    type Object = User;
    const NAME: &'static str = "users";
    const LIST: &'static [&'static str] = &["listUser"];

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<User>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputUser = typed(row)?;
        let memberships: Vec<Membership> = listed(read.places)
            .into_iter()
            .map(|OutputPlace { tenant, profile, default }| Membership { tenant, profile, default })
            .collect();
        let user = User {
            id: UserId::derive(reading.naming.parts(theirs)),
            role: Role::Reader,
            tenants: TenantScope::Only(memberships.iter().map(|membership| membership.tenant.clone()).collect()),
            disabled: true,
            display: read.name.filter(|name| *name != read.login).unwrap_or_default(),
            email: read.email.filter(|email| !email.is_empty() && *email != read.login),
            name: read.login,
            memberships,
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, user))
    }

    fn updated(_: &User) -> Option<Timestamp> {
        None
    }

    /// An account that is here is left as it is, but that one which nobody can use yet gets the memberships that it lacks.
    fn is_newer(before: &User, user: &User) -> bool {
        let has = |tenant: &TenantId| before.memberships.iter().any(|membership| membership.tenant == *tenant);
        before.disabled && user.memberships.iter().any(|membership| !has(&membership.tenant))
    }

    fn over(before: &User, user: User) -> User {
        let mut after = before.clone();
        for membership in user.memberships {
            if after.memberships.iter().all(|known| known.tenant != membership.tenant) {
                after.memberships.push(Membership { default: after.memberships.is_empty(), ..membership });
            }
        }
        after.tenants = TenantScope::Only(after.memberships.iter().map(|one| one.tenant.clone()).collect());
        after
    }

    /// There is one account of a name.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<User>], _: Option<&Place>) -> Result<(), StoreError> {
        let known: Vec<User> = by_field(tx, "name", texts(drafts.iter().map(|draft| &draft.object.name))).await?;
        let profiles = drafts.iter().flat_map(|draft| &draft.object.memberships).map(|membership| &membership.profile);
        let profiles: Vec<Profile> = by_field(tx, "name", texts(profiles)).await?;
        for draft in drafts {
            let own = &mut draft.object;
            if known.iter().any(|known| named(&known.name, &own.name) && known.id != own.id) {
                draft.standing = Standing::Named;
            }
            own.role = role(&own.memberships, &profiles);
        }
        Ok(())
    }
}

/// Returns what a user may do through our own API, which knows one role for all tenants: no more than in the least of them.
fn role(memberships: &[Membership], profiles: &[Profile]) -> Role {
    let role = |membership: &Membership| {
        let profile = profiles.iter().find(|profile| named(&profile.name, &membership.profile));
        profile.map_or(Role::Reader, Profile::role)
    };
    memberships.iter().map(role).min().unwrap_or(Role::Reader)
}
