//! What an import has done: the table that holds the source against what is here, and what could not be copied.

use serde::Serialize;

use super::naming::Place;

/// How many failures are listed one by one.
pub const FAILURES_MAX: usize = 10_000;

/// A list of an organisation, held against what is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRow {
    /// The organisation; empty for what is everybody's.
    pub organisation: String,
    /// What is listed.
    pub list: &'static str,
    /// How many objects the source has; `None` where it does not say.
    pub source: Option<u64>,
    /// How many came with this run.
    pub imported: u64,
    /// How many were here before.
    pub already_there: u64,
    /// How many of those that were here before were changed at the source since, and now here.
    pub changed: u64,
    /// How many could not be copied.
    pub failed: u64,
}

impl ImportRow {
    /// Returns the row of a list of which nothing is known yet.
    pub(super) fn new(place: Option<&Place>, list: &'static str) -> Self {
        let organisation = place.map(|place| place.organisation.clone()).unwrap_or_default();
        Self { organisation, list, source: None, imported: 0, already_there: 0, changed: 0, failed: 0 }
    }

    /// Returns whether all that the source has is here.
    pub fn is_equal(&self) -> bool {
        self.failed == 0 && self.source == Some(self.imported + self.already_there)
    }
}

/// An object, or a part of one, that could not be copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFailure {
    /// The organisation; empty for what is everybody's.
    pub organisation: String,
    /// The list that it is on.
    pub list: &'static str,
    /// The source's id of it; empty where the whole list could not be read.
    pub id: String,
    /// The field, where it is one.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// What an import has done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// The table, in the order of the import.
    pub rows: Vec<ImportRow>,
    /// What could not be copied, the first [`FAILURES_MAX`].
    pub failures: Vec<ImportFailure>,
    /// How many failures there were.
    pub failure_count: u64,
}

impl ImportOutcome {
    /// Returns whether all that the source has is here, whole.
    pub fn is_equal(&self) -> bool {
        self.failure_count == 0 && self.rows.iter().all(ImportRow::is_equal)
    }

    pub(super) fn fail(&mut self, failure: ImportFailure) {
        self.failure_count += 1;
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_equal_where_nothing_is_missing_nor_too_much() {
        let row = |source, imported, already_there, failed| ImportRow {
            source,
            imported,
            already_there,
            failed,
            ..ImportRow::new(None, "cases")
        };
        assert!(row(Some(3), 1, 2, 0).is_equal());
        for other in [row(Some(3), 1, 1, 0), row(Some(3), 2, 2, 0), row(Some(3), 3, 0, 1), row(None, 0, 0, 0)] {
            assert!(!other.is_equal(), "{other:?}");
        }
    }

    #[test]
    fn failures_are_counted_beyond_those_that_are_listed() {
        let mut outcome = ImportOutcome::default();
        let failure = |id: usize| ImportFailure {
            organisation: String::new(),
            list: "cases",
            id: id.to_string(),
            field: String::new(),
            reason: String::new(),
        };
        (0..=FAILURES_MAX).for_each(|id| outcome.fail(failure(id)));
        assert_eq!((outcome.failures.len(), outcome.failure_count), (FAILURES_MAX, FAILURES_MAX as u64 + 1));
        assert!(!outcome.is_equal());
    }
}
