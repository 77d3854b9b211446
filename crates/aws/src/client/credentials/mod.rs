//! What requests are signed with, and where that comes from.
//!
//! The places are asked in the order of AWS's own SDKs: environment, profile files, web identity, container, instance
//! metadata. A place that is not set up is passed by; one that is set up and does not work ends the search, since the next
//! place would be somebody else.

mod assume_role;
mod cache;
mod container;
mod environment;
mod instance_metadata;
mod place;
mod profile;
mod profile_file;
mod web_identity;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

pub use assume_role::Role;
pub use profile_file::{Profiles, ProfilesError};

use super::{AwsError, Client, Environment};
use cache::Cache;
pub(super) use instance_metadata::region as region_of_instance;
pub(super) use profile::Selected as SelectedProfile;

/// What requests are signed with. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The id, `AKIA…` or `ASIA…`.
    pub key_id: String,
    /// The secret.
    pub secret: String,
    /// The token that goes with a session's key.
    pub token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Credentials that a place had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) credentials: Credentials,
    /// When they end; `None` for keys of a user.
    pub(crate) expires: Option<SystemTime>,
}

/// What came of asking a place.
#[derive(Debug)]
enum Asked {
    Found(Found),
    /// It is not set up; what is missing there.
    Nothing(String),
}

/// Who signs.
#[derive(Debug)]
pub(super) struct Identity {
    origin: Origin,
    cache: Cache,
}

#[derive(Debug)]
enum Origin {
    Fixed(Credentials),
    /// The places, one after the other.
    Chain(Environment),
    /// A role that another identity takes on.
    Role(Arc<Identity>, Role),
}

impl Identity {
    pub(super) fn fixed(credentials: Credentials) -> Self {
        Self { origin: Origin::Fixed(credentials), cache: Cache::default() }
    }

    pub(super) fn chain(environment: Environment) -> Self {
        Self { origin: Origin::Chain(environment), cache: Cache::default() }
    }

    pub(super) fn role(by: Arc<Self>, role: Role) -> Self {
        Self { origin: Origin::Role(by, role), cache: Cache::default() }
    }

    /// Returns what to sign with, from the cache where that is good for another five minutes.
    pub(super) fn credentials(&self, client: &Client) -> Result<Credentials, AwsError> {
        match &self.origin {
            Origin::Fixed(credentials) => Ok(credentials.clone()),
            Origin::Chain(environment) => {
                self.cache.get(client.until, SystemTime::now, || along_the_chain(client, environment))
            }
            Origin::Role(by, role) => {
                self.cache.get(client.until, SystemTime::now, || assume_role::assume(&client.signing_as(by), role))
            }
        }
    }

    /// Forgets credentials that AWS calls expired. Returns whether others may be found.
    pub(super) fn forget(&self, credentials: &Credentials) -> bool {
        match &self.origin {
            Origin::Fixed(_) => false,
            Origin::Chain(_) | Origin::Role(..) => self.cache.forget(credentials),
        }
    }
}

fn along_the_chain(client: &Client, environment: &Environment) -> Result<Found, AwsError> {
    type Place = fn(&Client, &Environment) -> Result<Asked, String>;
    let places: [(&str, Place); 5] = [
        ("environment", environment::ask),
        ("profile files", profile::ask),
        ("web identity", web_identity::ask),
        ("container", container::ask),
        ("instance metadata", instance_metadata::ask),
    ];
    let mut tried = Vec::new();
    for (name, ask) in places {
        match ask(client, environment) {
            Ok(Asked::Found(found)) => return Ok(found),
            Ok(Asked::Nothing(missing)) => tried.push(format!("{name}: {missing}")),
            Err(wrong) => {
                tried.push(format!("{name}: {wrong}"));
                break;
            }
        }
    }
    Err(AwsError::NoCredentials { tried })
}

#[cfg(test)]
mod tests;
