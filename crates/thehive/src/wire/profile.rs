//! Profiles.

use serde_json::Value;
use vigie_model::Profile;

use super::{Shape, Wire};
use crate::door::Door;
use crate::permission::built_in_profiles;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for Profile {
    const FIELDS: &'static [QueryField] = &[QueryField::new("name", "name", FieldKind::Text)];

    async fn show(
        objects: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        Ok(objects.into_iter().map(shape).collect())
    }
}

fn shape(profile: Profile) -> Value {
    let is_built_in = is_built_in(&profile);
    let for_admin = runs_the_platform(&profile);
    Shape::of(profile.id, "Profile", &profile.stamp)
        .with("name", profile.name)
        .with("permissions", profile.permissions.into_iter().collect::<Vec<_>>())
        .with("editable", !is_built_in)
        .with("forAdmin", for_admin)
        .with("forOrg", !for_admin)
        .with("consumesLicense", false)
        .done()
}

/// Returns whether a profile was always there, and so cannot be changed.
pub(crate) fn is_built_in(profile: &Profile) -> bool {
    built_in_profiles().iter().any(|known| known.id == profile.id)
}

/// Returns whether a profile allows something that concerns every organisation.
pub(crate) fn runs_the_platform(profile: &Profile) -> bool {
    ["managePlatform", "manageOrganisation", "manageProfile"].iter().any(|name| profile.permissions.contains(*name))
}
