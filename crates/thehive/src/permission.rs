//! Permissions and the profiles that are always there, named as TheHive 5 names them.

use std::collections::BTreeSet;

use vigie_model::{Profile, Stamp, Timestamp};

/// The organisation that only administers: users, profiles and organisations, no cases.
pub const ADMIN_TENANT: &str = "admin";
/// Who made what was always there.
pub const SYSTEM_USER: &str = "system@thehive.local";

/// What may be done within an organisation by who works on alerts and cases.
const ANALYST: &[&str] = &[
    "accessTheHiveFS",
    "manageAction",
    "manageAlert/create",
    "manageAlert/delete",
    "manageAlert/import",
    "manageAlert/reopen",
    "manageAlert/update",
    "manageAnalyse",
    "manageCase/changeOwnership",
    "manageCase/create",
    "manageCase/delete",
    "manageCase/merge",
    "manageCase/reopen",
    "manageCase/update",
    "manageCaseReport",
    "manageComment",
    "manageCustomEvent",
    "manageFunction/invoke",
    "manageObservable",
    "managePage",
    "manageProcedure",
    "manageShare",
    "manageTask",
];

/// What besides by who runs the organisation.
const ORGANISATION: &[&str] = &[
    "manageAttachment",
    "manageCaseTemplate",
    "manageConfig",
    "manageDashboard",
    "managePageTemplate",
    "manageTag",
    "manageUser",
];

/// What may be done by who runs the platform.
pub(crate) const PLATFORM: &[&str] = &[
    "manageAnalyzerTemplate",
    "manageConfig",
    "manageCustomField",
    "manageObservableTemplate",
    "manageOrganisation",
    "managePattern",
    "managePlatform",
    "manageProfile",
    "manageTaxonomy",
    "manageUser",
];

/// Every permission, sorted.
pub const PERMISSIONS: [&[&str]; 3] = [ANALYST, ORGANISATION, PLATFORM];

/// Returns the profiles that are always there and cannot be changed: `admin`, `org-admin`, `analyst`, `read-only`.
pub fn built_in_profiles() -> Vec<Profile> {
    let profile = |name: &str, sets: &[&[&str]]| {
        let permissions: BTreeSet<String> = sets.iter().flat_map(|set| set.iter().map(|&name| name.into())).collect();
        let stamp = Stamp::new(SYSTEM_USER, Timestamp::EPOCH);
        Profile { id: Profile::id_of(name), name: name.to_owned(), permissions, stamp }
    };
    vec![
        profile("admin", &[PLATFORM]),
        profile("org-admin", &[ANALYST, ORGANISATION]),
        profile("analyst", &[ANALYST]),
        profile("read-only", &[]),
    ]
}
