//! Making users, keys and tenants: for the API, for `vigie admin`, and for the first start.

use serde_json::json;
use vigie_model::{
    Actor, ApiKey, ApiKeyId, Filter, Membership, ObjectKind, Profile, Role, Selection, Stamp, TenantId, TenantScope,
    Timestamp, User, UserId, Verb,
};
use vigie_store::{AuditNote, PasswordHash, Store, StoreError, TokenHash};

use super::password::{self, PasswordError, PasswordRule};
use super::token::{self, NewKey};
use crate::clock::{Clock, Entropy};

/// How many profiles are looked at.
const PROFILES_MAX: u64 = 1_000;
/// How long a user's, key's or tenant's name may be, in characters.
const NAME_CHARACTERS_MAX: usize = 100;

/// Somebody or something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The name cannot be taken.
    #[error("`{0}` is not a name: expected 1 to 100 printable characters without spaces at the ends")]
    Name(String),
    /// There is no such profile.
    #[error("there is no profile `{profile}`: expected one of {known}")]
    NoSuchProfile {
        /// The profile asked for.
        profile: String,
        /// Those there are.
        known: String,
    },
    /// The password cannot be taken.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// There is no such user.
    #[error("there is no user `{0}`")]
    NoSuchUser(String),
    /// Nobody would be left to let others in.
    #[error("this would leave no administrator of all tenants: make another one first")]
    LastAdmin,
    /// There is no such tenant.
    #[error("there is no tenant `{0}`: make it first")]
    NoSuchTenant(TenantId),
    /// A tenant of this name exists.
    #[error("there is a tenant `{0}` already")]
    TenantExists(TenantId),
    /// The database refused.
    #[error("use the database")]
    Store(#[from] StoreError),
}

/// The first administrator, made at the first start. Show the password once and keep it nowhere.
pub struct FirstAdmin {
    /// What to sign in with.
    pub name: String,
    password: String,
}

impl FirstAdmin {
    /// Returns the password.
    pub fn expose_password(&self) -> &str {
        &self.password
    }
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// For whom.
    pub tenants: TenantScope,
    /// What a user may do where through TheHive's API; empty for what the role says.
    pub members: Vec<Membership>,
}

/// What making anything needs.
pub(crate) struct Desk<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
}

/// Makes the user `admin` with a random password where there is no user at all, and returns them; `None` where there is one.
///
/// # Errors
/// Where the database refuses.
pub async fn ensure_first_admin(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Option<FirstAdmin>, AdminError> {
    if !store.users().await?.is_empty() {
        return Ok(None);
    }
    let password = token::random_password(entropy);
    let new = NewUser { name: "admin".to_owned(), role: Role::Admin, tenants: TenantScope::All, members: Vec::new() };
    let by = Actor::System("first start".into());
    create_user(store, clock, entropy, &by, new, &password, PasswordRule::Usual).await?;
    Ok(Some(FirstAdmin { name: "admin".to_owned(), password }))
}

/// Makes a user and returns them. Hashing the password blocks for tens of milliseconds.
///
/// # Errors
/// Where the name is taken or no name, the password too short or too long, or the database refuses.
pub async fn create_user(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    by: &Actor,
    new: NewUser,
    password: &str,
    rule: PasswordRule,
) -> Result<User, AdminError> {
    let hash = PasswordHash::new(password::hash_by(rule, password, entropy.id())?);
    insert_user(&Desk { store, clock, entropy }, by, new, &hash).await
}

pub(crate) async fn insert_user(
    desk: &Desk<'_>,
    by: &Actor,
    new: NewUser,
    hash: &PasswordHash,
) -> Result<User, AdminError> {
    check_name(&new.name)?;
    // Whoever is made a member may be the first to hear of the built-in profiles and the tenant `admin`.
    if !new.members.is_empty() {
        vigie_thehive::seed(desk.store, desk.clock.now()).await?;
    }
    check_tenants(desk.store, &new.tenants).await?;
    let places = new.members.iter().map(|member| member.tenant.clone()).collect();
    check_tenants(desk.store, &TenantScope::Only(places)).await?;
    check_profiles(desk.store, &new.members).await?;
    let id = UserId::from_bytes(desk.entropy.id());
    let now = desk.clock.now();
    let user = User {
        id,
        name: new.name,
        role: new.role,
        tenants: new.tenants,
        disabled: false,
        display: String::new(),
        email: None,
        memberships: new.members,
        stamp: Stamp::new("", now),
    };
    let mut tx = desk.store.begin().await?;
    tx.create_user(&user, hash).await?;
    let details = json!({ "name": user.name, "role": user.role, "tenants": user.tenants });
    tx.audit(&note(now, by, Verb::Create, ObjectKind::User, user.id.to_string(), details)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Gives a user a new password and ends their sessions.
///
/// # Errors
/// Where there is no such user, the password is too short or too long, or the database refuses.
pub async fn reset_password(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    by: &Actor,
    name: &str,
    password: &str,
) -> Result<(), AdminError> {
    let hash = PasswordHash::new(password::hash(password, entropy.id())?);
    let Some((user, _)) = store.user_by_name(name).await? else {
        return Err(AdminError::NoSuchUser(name.chars().take(NAME_CHARACTERS_MAX).collect()));
    };
    replace_password(store, clock.now(), by, user.id, &hash).await?;
    Ok(())
}

pub(crate) async fn replace_password(
    store: &Store,
    now: Timestamp,
    by: &Actor,
    user: UserId,
    hash: &PasswordHash,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.set_password(user, hash).await?;
    tx.end_sessions_of(user).await?;
    let details = json!({ "password": "replaced" });
    tx.audit(&note(now, by, Verb::Update, ObjectKind::User, user.to_string(), details)).await?;
    tx.commit().await
}

/// Makes an API key. Returns what is stored of it, and the key itself, which is shown once.
///
/// # Errors
/// Where the name is no name, a tenant is unknown, or the database refuses.
pub async fn create_key(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    by: &Actor,
    new: NewUser,
    expires: Option<Timestamp>,
) -> Result<(ApiKey, NewKey), AdminError> {
    check_name(&new.name)?;
    check_tenants(store, &new.tenants).await?;
    let id = ApiKeyId::from_bytes(entropy.id());
    let secret = NewKey::random(id, entropy);
    let now = clock.now();
    let key = ApiKey {
        id,
        name: new.name,
        role: new.role,
        tenants: new.tenants,
        created: now,
        expires,
        revoked: false,
        user: None,
    };
    let mut tx = store.begin().await?;
    tx.create_api_key(&key, &TokenHash::of(secret.expose())).await?;
    let details = json!({ "name": key.name, "role": key.role, "tenants": key.tenants, "expires": key.expires });
    tx.audit(&note(now, by, Verb::Create, ObjectKind::ApiKey, id.to_string(), details)).await?;
    tx.commit().await?;
    Ok((key, secret))
}

/// Makes a tenant.
///
/// # Errors
/// Where there is one of this id, the name is no name, or the database refuses.
pub async fn create_tenant(
    store: &Store,
    clock: &dyn Clock,
    by: &Actor,
    id: &TenantId,
    name: &str,
) -> Result<(), AdminError> {
    check_name(name)?;
    let now = clock.now();
    let mut tx = store.begin().await?;
    if !tx.ensure_tenant(id, name, now).await? {
        return Err(AdminError::TenantExists(id.clone()));
    }
    let mut entry = note(now, by, Verb::Create, ObjectKind::Tenant, id.to_string(), json!({ "name": name }));
    entry.tenant = Some(id.clone());
    tx.audit(&entry).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn check_name(name: &str) -> Result<(), AdminError> {
    let length = name.chars().count();
    let valid =
        (1..=NAME_CHARACTERS_MAX).contains(&length) && name.trim() == name && !name.chars().any(char::is_control);
    if valid { Ok(()) } else { Err(AdminError::Name(name.chars().take(NAME_CHARACTERS_MAX).collect())) }
}

async fn check_profiles(store: &Store, members: &[Membership]) -> Result<(), AdminError> {
    if members.is_empty() {
        return Ok(());
    }
    let known: Vec<Profile> = store.select(&TenantScope::All, &Selection::of(Filter::All, PROFILES_MAX)).await?;
    for member in members {
        if !known.iter().any(|profile| profile.name == member.profile) {
            let known = known.into_iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ");
            return Err(AdminError::NoSuchProfile { profile: member.profile.clone(), known });
        }
    }
    Ok(())
}

async fn check_tenants(store: &Store, scope: &TenantScope) -> Result<(), AdminError> {
    let TenantScope::Only(tenants) = scope else { return Ok(()) };
    let known = store.tenants().await?;
    match tenants.iter().find(|tenant| !known.iter().any(|known| known.id == **tenant)) {
        Some(unknown) => Err(AdminError::NoSuchTenant(unknown.clone())),
        None => Ok(()),
    }
}

fn note(
    at: Timestamp,
    by: &Actor,
    verb: Verb,
    object: ObjectKind,
    object_id: String,
    details: serde_json::Value,
) -> AuditNote {
    AuditNote { at, tenant: None, actor: by.clone(), verb, object, object_id, details }
}
