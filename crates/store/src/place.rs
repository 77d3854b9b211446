//! The place of an alert or case: when it was made, and its turn within that microsecond, in one number.

use sqlx::QueryBuilder;
use vigie_model::{ObjectKind, TenantId};

use crate::error::Doing as _;
use crate::fulltext::{NewTerms, drop_terms};
use crate::row::{Connection, corrupt, unsigned};
use crate::terms::{Terms, digest};
use crate::{StoreError, Tx};

/// How many places a microsecond has. Whatever is made in it beyond that moves on into those that follow.
pub(crate) const TURNS: i64 = 256;
/// How far a row may move on: into a second that follows.
pub(crate) const SPILL: i64 = TURNS << 20;
/// The latest time that has places of its own, in the year 2540. What is later is placed there.
const LATEST_US: i64 = 1 << 54;

/// Returns the first place of a time in microseconds. No row of that time or a later one has a lower place, and none of an
/// earlier one has a place of [`SPILL`] more.
pub(crate) fn first_place(created: i64) -> i64 {
    created.clamp(0, LATEST_US) * TURNS
}

/// Returns the place of a new row of this table and time: after those of the same time that were there before.
async fn free_place(connection: &mut Connection, table: &'static str, created: i64) -> Result<i64, StoreError> {
    let first = first_place(created);
    let mut span = TURNS;
    while span <= SPILL {
        let mut query = QueryBuilder::new("SELECT max(place) FROM ");
        query.push(table).push(" WHERE place >= ").push_bind(first).push(" AND place < ").push_bind(first + span);
        let last: Option<i64> =
            query.build_query_scalar().fetch_one(&mut *connection).await.doing("find a place for a row")?;
        match last {
            None => return Ok(first),
            Some(last) if last + 1 < first + span => return Ok(last + 1),
            // No turn is left; then, seldom, a wider span.
            Some(_) => span *= 16,
        }
    }
    Err(corrupt(table, &first.to_string(), &"more rows than a second has places were made in one microsecond"))
}

/// A kind of row that has a place and terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placing {
    pub(crate) table: &'static str,
    pub(crate) index: &'static str,
    pub(crate) object: ObjectKind,
}

impl Placing {
    pub(crate) const ALERTS: Self = Self { table: "alerts", index: "alert_terms", object: ObjectKind::Alert };
    pub(crate) const CASES: Self = Self { table: "cases", index: "case_terms", object: ObjectKind::Case };

    /// Returns the place of a new row, and its terms.
    pub(crate) async fn new_row(
        self,
        connection: &mut Connection,
        created: i64,
        terms: Terms,
    ) -> Result<Placed, StoreError> {
        let text = terms.text();
        let place = free_place(connection, self.table, created).await?;
        Ok(Placed { placing: self, place, digest: digest(&text), text: Some(text), before: None })
    }

    /// Returns the place of a row that is to be saved again, and its terms, where they have changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another version is stored.
    pub(crate) async fn known_row(self, connection: &mut Connection, row: Known<'_>) -> Result<Placed, StoreError> {
        let mut query = QueryBuilder::new("SELECT version, created, place, terms FROM ");
        query.push(self.table).push(" WHERE id = ").push_bind(row.id.to_owned());
        query.push(" AND tenant = ").push_bind(row.tenant.to_string());
        let stored: Option<(i64, i64, i64, String)> =
            query.build_query_as().fetch_optional(&mut *connection).await.doing("load the stored version")?;
        let found = stored.as_ref().map(|(version, ..)| unsigned(*version));
        let Some((_, created, place, terms)) = stored.filter(|_| found == Some(row.expected)) else {
            let (id, expected) = (row.id.to_owned(), row.expected);
            return Err(StoreError::Conflict { object: self.object, id, expected, found });
        };
        let text = row.terms.text();
        let digest = digest(&text);
        let moves = created != row.created;
        let is_changed = moves || digest != terms;
        let before = is_changed.then_some(place);
        let place = if moves { free_place(connection, self.table, row.created).await? } else { place };
        Ok(Placed { placing: self, place, digest, text: is_changed.then_some(text), before })
    }
}

/// A row that is to be saved again.
pub(crate) struct Known<'a> {
    pub(crate) id: &'a str,
    pub(crate) tenant: &'a TenantId,
    /// The version that the change was made from.
    pub(crate) expected: u64,
    pub(crate) created: i64,
    pub(crate) terms: Terms,
}

/// A row's place and terms.
#[derive(Debug)]
pub(crate) struct Placed {
    placing: Placing,
    pub(crate) place: i64,
    /// The digest of the terms.
    pub(crate) digest: String,
    /// The terms, where the index must be told.
    text: Option<String>,
    /// The place that the index knows the row by until now.
    before: Option<i64>,
}

impl Tx {
    /// Remembers what the index of terms must be told once the row is saved. It is told when it is asked, or at the commit:
    /// what it takes in one go is cheaper than row by row.
    pub(crate) fn index_later(&mut self, placed: Placed) {
        if placed.text.is_some() {
            self.unindexed.push(placed);
        }
    }

    /// Makes the indexes say what the rows say.
    pub(crate) async fn index_now(&mut self) -> Result<(), StoreError> {
        if self.unindexed.is_empty() {
            return Ok(());
        }
        self.times_told += 1;
        let mut new = NewTerms::default();
        for placed in std::mem::take(&mut self.unindexed) {
            let Some(text) = placed.text else { continue };
            if let Some(before) = placed.before {
                // What is taken out may be among those that are still to be put in.
                new.put(&mut self.inner).await?;
                drop_terms(&mut self.inner, placed.placing.index, before).await?;
            }
            new.add(placed.placing.index, placed.place, text);
        }
        new.put(&mut self.inner).await?;
        Ok(())
    }
}
