//! An import that is under way: what it reads from, what it writes to, and what it has done so far.

use serde_json::Value;
use vigie_model::{Actor, CustomField, Timestamp};
use vigie_store::{FileError, Files, Store, StoreError};

use super::naming::{Naming, Place};
use super::source::{Source, SourceError};
use super::table::{ImportFailure, ImportOutcome};
use super::theirs::Unread;

/// Who imports, for the audit log.
pub(super) const ACTOR: &str = "import thehive";

/// The import had to stop. What was done until then is kept, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source gives no answers.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The database refused or failed.
    #[error("write to the database")]
    Store(#[from] StoreError),
    /// Files cannot be stored.
    #[error("store a file")]
    File(#[from] FileError),
    /// No organisation can be read.
    #[error("the source names no organisation that the key may work in: name them with --organisation")]
    NoOrganisation,
    /// An organisation cannot become a tenant by itself.
    #[error(
        "the organisation `{organisation}` needs a tenant's name ({reason}): give one in the map file, a line `\"{organisation}\" = \"name\"`"
    )]
    Tenant {
        /// The organisation.
        organisation: String,
        /// Why.
        reason: String,
    },
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProgress {
    /// The organisation; empty for what is everybody's.
    pub organisation: String,
    /// What is read.
    pub list: &'static str,
    /// How many objects were read in this walk through the list.
    pub read: u64,
    /// How many came with this run.
    pub imported: u64,
}

/// What is told of progress.
pub type Told<'a> = &'a (dyn Fn(&ImportProgress) + Send + Sync);

/// The clock that an import reads.
pub type Now<'a> = &'a (dyn Fn() -> Timestamp + Send + Sync);

/// An import that is under way.
pub(super) struct Run<'a> {
    pub(super) source: &'a Source,
    pub(super) store: &'a Store,
    pub(super) files: &'a Files,
    pub(super) file_bytes_max: u64,
    pub(super) now: Now<'a>,
    pub(super) tell: Told<'a>,
    pub(super) naming: Naming,
    /// When it began by the source's clock, in milliseconds since 1970.
    pub(super) began: i64,
    /// The organisations that are copied.
    pub(super) places: Vec<Place>,
    /// The custom fields there are here.
    pub(super) fields: Vec<CustomField>,
    pub(super) outcome: ImportOutcome,
}

impl Run<'_> {
    pub(super) fn actor() -> Actor {
        Actor::System(ACTOR.to_owned())
    }

    /// Notes what could not be copied.
    pub(super) fn fail(&mut self, place: Option<&Place>, list: &'static str, id: &str, unread: &Unread) {
        self.outcome.fail(ImportFailure {
            organisation: place.map(|place| place.organisation.clone()).unwrap_or_default(),
            list,
            id: id.to_owned(),
            field: unread.field.clone(),
            reason: unread.reason.clone(),
        });
    }
}

/// Returns an error with its causes on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Returns the source's id of an object, as far as it has one that can be read.
pub(super) fn shown_id(row: &Value) -> String {
    let id = row.get("_id").and_then(Value::as_str).unwrap_or("?");
    id.chars().take(80).collect()
}
