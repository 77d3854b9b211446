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
    /// Whether it goes through what the parts hang on: the time is then that of those.
    #[serde(default)]
    pub(super) is_by_one: bool,
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
    /// Whether the walk went through what the parts hang on, since the parts do not say it.
    #[serde(default)]
    pub(super) is_by_one: bool,
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
    /// Returns whether all that was seen is here, whole.
    pub(super) const fn is_whole(&self) -> bool {
        self.failed == 0 && self.elsewhere == 0 && self.without_file == 0
    }

    pub(super) const fn seen(&self) -> u64 {
        self.here + self.failed + self.elsewhere
    }

    pub(super) const fn and(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    pub(super) const fn add(&mut self, other: &Self) {
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

    /// Returns whether the whole list was walked through, and no other walk broke off.
    pub(super) const fn is_walked(&self) -> bool {
        self.walked.is_some() && self.walking.is_none()
    }

    /// Returns whether the list is walked through by what its parts hang on.
    pub(super) fn is_by_one(&self) -> bool {
        let walking = self.walking.as_ref().map(|walking| walking.is_by_one);
        walking.or(self.walked.as_ref().map(|walked| walked.is_by_one)).unwrap_or_default()
    }

    /// Returns what became of all objects so far.
    pub(super) fn tally(&self) -> Tally {
        let walking = self.walking.as_ref().map(|walking| walking.tally);
        walking.or(self.walked.as_ref().map(|walked| walked.tally)).unwrap_or_default()
    }

    /// Moves a walk on, and ends it with the last objects.
    pub(super) fn step(&mut self, through: Option<i64>, tally: &Tally, is_last: bool) {
        let Some(mut walking) = self.walking.take() else { return };
        walking.through = through;
        walking.tally.add(tally);
        if is_last {
            let Walking { began, through, is_by_one, tally } = walking;
            self.walked = Some(Walked { through, changed_through: began, is_by_one, tally });
        } else {
            self.walking = Some(walking);
        }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::to_value(self).expect("a mark has text keys only")
    }
}
