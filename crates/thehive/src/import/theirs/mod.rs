//! Objects of the source as ours: one file for each kind.
//!
//! Only what we know is read: fields of other versions pass unseen. An object whose field cannot be read is refused by the
//! name of that field, and the others go on.

mod alert;
mod case;
mod field;
mod file;
mod link;
mod observable;
mod part;
mod person;
mod template;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use vigie_model::{AlertId, CaseId, CustomField, Parent, Stamp, TaskId, TenantId, Timestamp};

use super::naming::{Naming, Place};
use crate::permission::SYSTEM_USER;

pub(super) use alert::{Alerts, is_named};
pub(super) use case::Cases;
pub(super) use file::{Attachments, OrganisationFiles};
pub(super) use link::{Links, Shares};
pub(super) use observable::Observables;
pub(super) use part::{Comments, Events, Logs, Pages, Procedures, Tasks};
pub(super) use person::{Profiles, Users};
pub(super) use template::{CaseTemplates, CustomFields, DataTypes, PageTemplates};

/// How long an id of the source may be, in bytes.
const ID_BYTES_MAX: usize = 200;

/// Why an object cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// The field, where it is one.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) reason: String,
}

impl Unread {
    pub(super) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

/// What an object of the source hangs on, as it is called here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) on: FoundOn,
    pub(super) tenant: TenantId,
}

/// What a part hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoundOn {
    Alert(AlertId),
    Case(CaseId),
    Task(TaskId, CaseId),
    /// The tenant itself.
    Tenant,
}

impl Found {
    /// Returns the alert or case.
    pub(super) fn parent(&self) -> Result<Parent, Unread> {
        match self.on {
            FoundOn::Alert(id) => Ok(id.into()),
            FoundOn::Case(id) => Ok(id.into()),
            FoundOn::Task(..) | FoundOn::Tenant => Err(Unread::new("", "it is on neither an alert nor a case")),
        }
    }

    /// Returns the case.
    pub(super) fn case(&self) -> Result<CaseId, Unread> {
        match self.on {
            FoundOn::Case(id) | FoundOn::Task(_, id) => Ok(id),
            FoundOn::Alert(_) | FoundOn::Tenant => Err(Unread::new("", "it is not on a case")),
        }
    }
}

/// What an object is read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) naming: &'a Naming,
    /// What it hangs on.
    pub(super) found: &'a Found,
    /// The custom fields there are here.
    pub(super) fields: &'a [CustomField],
    /// The organisations that are copied.
    pub(super) places: &'a [Place],
}

/// Returns a field of this type, or which one is wrong.
pub(super) fn typed<T: DeserializeOwned>(row: &Value) -> Result<T, Unread> {
    serde_path_to_error::deserialize(row).map_err(|error| {
        let field = error.path().to_string();
        Unread { field: if field == "." { String::new() } else { field }, reason: error.inner().to_string() }
    })
}

/// Returns the source's id of an object.
pub(super) fn id_of(row: &Value) -> Result<&str, Unread> {
    match row.get("_id").and_then(Value::as_str) {
        // It becomes part of paths.
        Some(id) if is_id(id) => Ok(id),
        _ => Err(Unread::new("_id", format!("expected 1 to {ID_BYTES_MAX} letters, digits, ~, -, _, . and :"))),
    }
}

/// Returns whether a text may be an id of the source: nothing that could lead a path elsewhere.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'-' | b'_' | b'.' | b':');
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
}

/// Returns who made and changed an object, and when. Of comments the fields have no underscore.
pub(super) fn stamp_of(row: &Value) -> Result<Stamp, Unread> {
    let named = |name: &str| row.get(name).or_else(|| row.get(&name[1..])).filter(|value| !value.is_null());
    let time = |name: &str| match named(name) {
        None => Ok(None),
        Some(value) => value.as_i64().map(|millis| Some(Timestamp::from_millis(millis))).ok_or_else(|| no_time(name)),
    };
    let who = |name: &str| named(name).and_then(Value::as_str).map(person);
    Ok(Stamp {
        created: time("_createdAt")?.ok_or_else(|| no_time("_createdAt"))?,
        created_by: who("_createdBy").unwrap_or_default(),
        updated: time("_updatedAt")?,
        updated_by: who("_updatedBy"),
    })
}

fn no_time(field: &str) -> Unread {
    Unread::new(field, "expected milliseconds since 1970")
}

/// Returns who did something, as we name them. Nobody of the source is taken for a part of this house.
pub(super) fn person(name: &str) -> String {
    if name.starts_with("vigie:") { SYSTEM_USER.to_owned() } else { name.to_owned() }
}

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Millis(i64);

impl Millis {
    pub(super) fn time(self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }
}

/// Returns the time in a field that may be missing.
pub(super) fn time(millis: Option<Millis>) -> Option<Timestamp> {
    millis.map(Millis::time)
}

/// Returns a list where there is one, else an empty one.
pub(super) fn listed<T>(list: Option<Vec<T>>) -> Vec<T> {
    list.unwrap_or_default()
}

/// Returns the tag that keeps a word of the source which has no place here.
pub(super) fn keeping_tag(what: &str, word: &str) -> String {
    format!("thehive:{what}={word}")
}
