//! What the door needs of the house that it is built into.

use std::fmt;
use std::sync::Arc;

use axum::http::request::Parts;
use futures_util::future::BoxFuture;
use serde_json::Value;
use vigie_model::{Actor, ApiKeyId, ObjectKind, ObservableKind, TenantId, TenantScope, Timestamp, User, Verb};
use vigie_store::{Files, PasswordHash, Store, StoreError, TokenHash, Tx};

use crate::Fault;

/// TheHive's door and the house behind it. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// The database.
    pub store: Store,
    /// The folder of files.
    pub files: Files,
    /// Everything else.
    pub house: Arc<dyn House>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}

/// Who is asking, once that is known.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A person, or a program with a person's key.
    User(Box<User>),
    /// A program with a key of its own: it may do what this role may, in these tenants.
    Program {
        /// Who, for the audit log.
        actor: Actor,
        /// What it may do.
        role: vigie_model::Role,
        /// For whom.
        tenants: TenantScope,
    },
}

/// A key that was just made: shown once, stored as its hash.
pub struct NewSecret {
    /// The public half.
    pub id: ApiKeyId,
    /// The key as its owner gets it.
    pub key: String,
    /// What is stored.
    pub hash: TokenHash,
}

/// A session that was just begun.
pub struct Session {
    /// Who has signed in.
    pub user: User,
    /// The `Set-Cookie` header.
    pub cookie: String,
}

/// Something that was changed, for whoever is to be told.
#[derive(Debug, Clone)]
pub struct Change {
    /// Whose object; `None` for what belongs to no tenant.
    pub tenant: Option<TenantId>,
    /// What kind of object.
    pub object: ObjectKind,
    /// What was done to it.
    pub verb: Verb,
    /// The object before, as the model writes it.
    pub before: Option<Value>,
    /// The object after.
    pub after: Option<Value>,
}

/// The house that the door is built into: clock, chance, identity, and who is to be told.
pub trait House: Send + Sync + 'static {
    /// Returns the time.
    fn now(&self) -> Timestamp;

    /// Returns 16 random bytes, enough for an id.
    fn id(&self) -> [u8; 16];

    /// Returns the largest file that is taken, in bytes.
    fn file_bytes_max(&self) -> u64;

    /// Returns why a value is never called malicious, if it is not.
    fn warning(&self, kind: ObservableKind, value: &str) -> Option<String>;

    /// Returns who sent the request: by `Authorization: Bearer` or `Basic`, or by a session's cookie.
    ///
    /// # Errors
    /// [`Fault::unauthenticated`] where nobody is known by it, or it was tried too often.
    fn identify<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Fault>>;

    /// Begins a session.
    ///
    /// # Errors
    /// [`Fault::unauthenticated`] where name and password do not fit.
    fn sign_in<'a>(
        &'a self,
        request: &'a Parts,
        login: &'a str,
        password: String,
    ) -> BoxFuture<'a, Result<Session, Fault>>;

    /// Returns whether this is the user's password.
    fn is_password<'a>(&'a self, user: &'a User, password: String) -> BoxFuture<'a, Result<bool, Fault>>;

    /// Returns the hash of a password.
    ///
    /// # Errors
    /// [`Fault::bad`] where it is too weak.
    fn hash_password(&self, password: String) -> BoxFuture<'_, Result<PasswordHash, Fault>>;

    /// Returns a new API key.
    fn new_key(&self) -> NewSecret;

    /// Adds to a transaction what follows from its changes, such as mail about them. Called just before the commit.
    fn before_commit<'a>(
        &'a self,
        tx: &'a mut Tx,
        actor: &'a Actor,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Tells whoever watches. Called after the commit.
    fn after_commit(&self, changes: Vec<Change>);
}
