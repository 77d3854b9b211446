//! What is always there: the administrators' organisation, the profiles, the types of observables.

use vigie_model::{DataType, Filter, Profile, Selection, Stamp, TenantId, TenantScope, Timestamp};
use vigie_store::{Store, StoreError};

use crate::permission::{ADMIN_TENANT, SYSTEM_USER, built_in_profiles};

/// The types of observables that TheHive 5 comes with, and ours.
pub(crate) const DATA_TYPES: [&str; 24] = [
    "autonomous-system",
    "aws_account",
    "aws_arn",
    "aws_bucket",
    "aws_instance",
    "aws_key",
    "domain",
    "file",
    "filename",
    "fqdn",
    "hash",
    "host",
    "hostname",
    "ip",
    "mail",
    "mail-subject",
    "other",
    "process",
    "regexp",
    "registry",
    "uri_path",
    "url",
    "user",
    "user-agent",
];

/// Makes what is always there, where it is missing. Nothing is written where nothing is.
///
/// # Errors
/// What the database says.
pub async fn seed(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let known: Vec<Profile> = store.select(&TenantScope::All, &Selection::of(Filter::All, 1_000)).await?;
    let types: Vec<DataType> = store.select(&TenantScope::All, &Selection::of(Filter::All, 10_000)).await?;
    let profiles: Vec<Profile> =
        built_in_profiles().into_iter().filter(|profile| known.iter().all(|known| known.id != profile.id)).collect();
    let types: Vec<DataType> = DATA_TYPES
        .iter()
        .filter(|name| types.iter().all(|known| known.name != **name))
        .map(|name| DataType {
            id: DataType::id_of(name),
            name: (*name).to_owned(),
            is_attachment: *name == "file",
            stamp: Stamp::new(SYSTEM_USER, now),
        })
        .collect();
    let admin = TenantId::new(ADMIN_TENANT).expect("the name is a tenant's");
    let has_admin = store.tenant(ADMIN_TENANT).await?.is_some();
    if profiles.is_empty() && types.is_empty() && has_admin {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.ensure_tenant(&admin, ADMIN_TENANT, now).await?;
    for profile in &profiles {
        tx.put(profile).await?;
    }
    for data_type in &types {
        tx.put(data_type).await?;
    }
    tx.commit().await
}
