//! Erasing a person: for the API and for `vigie admin`.

use vigie_model::{Actor, Role, TenantScope, User};
use vigie_store::{Author, Erased, Erasure, Store};

use super::admin::{AdminError, check_name};
use crate::clock::{Clock, Entropy};

/// Whether something happens, or is only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// It is taken back once it is known what it would change.
    Dry,
    /// It happens.
    Real,
}

/// A person to be erased.
#[derive(Debug, Clone)]
pub struct PersonToErase {
    /// The user's name. They need not have an account any more.
    pub name: String,
    /// What stands in its place; `erased-` and eight random digits where nothing is said.
    pub pseudonym: Option<String>,
}

/// Puts a pseudonym in the place of a person wherever the store names them. Returns it, and what was changed.
///
/// # Errors
/// Where the pseudonym is no name or somebody's, the person is the only administrator of all tenants, or the database refuses.
pub async fn erase_person(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    by: &Actor,
    person: PersonToErase,
    trial: Trial,
) -> Result<(String, Erased), AdminError> {
    let pseudonym = person.pseudonym.unwrap_or_else(|| {
        let [first, second, third, fourth, ..] = entropy.id();
        format!("erased-{:08x}", u32::from_be_bytes([first, second, third, fourth]))
    });
    check_name(&pseudonym)?;
    let is_theirs = |user: &User| user.name.eq_ignore_ascii_case(&person.name);
    let is_admin = |user: &User| user.role == Role::Admin && !user.disabled && user.tenants == TenantScope::All;
    let users = store.users().await?;
    if users.iter().any(|user| is_theirs(user) && is_admin(user))
        && users.iter().filter(|user| is_admin(user)).count() == 1
    {
        return Err(AdminError::LastAdmin);
    }
    let mut tx = store.begin().await?;
    let erasure = Erasure { name: person.name, pseudonym };
    let erased = tx.erase_person(&erasure, Author { actor: by, now: clock.now() }).await?;
    if trial == Trial::Real {
        tx.commit().await?;
        store.settle().await?;
    }
    Ok((erasure.pseudonym, erased))
}
