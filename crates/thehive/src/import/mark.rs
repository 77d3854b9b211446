//! How far a list is read: kept among the settings, and written with the objects of each page in one transaction, so that an
//! import that was killed goes on where it was.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vigie_store::{Store, StoreError};

/// How far a list of an organisation is read. Times are the source's, in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// A walk through the whole list that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) walking: Option<Walking>,
    /// What the last walk through the whole list, and what came after it, has brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) walked: Option<Walked>,
}

/// A walk through a whole list that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walking {
    /// When it began.
    pub(super) began: i64,
    /// All objects that were made before are done.
    pub(super) through: Option<i64>,
    /// What became of them.
    pub(super) tally: Tally,
}

/// What was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walked {
    /// All objects that were made before are done.
    pub(super) through: Option<i64>,
    /// All that was changed before is done.
    pub(super) changed_through: i64,
    /// What became of all objects.
    pub(super) tally: Tally,
}

/// What became of the objects of a list, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// How many are here.
    pub(super) here: u64,
    /// How many are not, since they cannot be read or stored.
    pub(super) failed: u64,
    /// How many are not yet, since they belong to another organisation.
    pub(super) elsewhere: u64,
    /// How many of those that are here lack a file.
    pub(super) without_file: u64,
}

impl Tally {
    pub(super) const fn seen(&self) -> u64 {
        self.here + self.failed + self.elsewhere
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.here += other.here;
        self.failed += other.failed;
        self.elsewhere += other.elsewhere;
        self.without_file += other.without_file;
    }
}

impl Mark {
    /// Returns the mark of this name; that of an import that never was is empty.
    pub(super) async fn load(store: &Store, key: &str) -> Result<Self, StoreError> {
        let value = store.setting(key).await?;
        // One that cannot be read was written by another version: what is here is found again.
        Ok(value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::to_value(self).expect("a mark has text keys only")
    }
}
