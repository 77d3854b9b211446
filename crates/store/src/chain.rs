//! Whether the audit log is whole: every row's hash, and the seals over what was erased.
//!
//! A row that tells of an erasure seals what it erased: SHA-256 over the rows, in their order, with everything that is left of
//! them. So nobody can erase a row and say that it was done by right, or change what is left of one whose hash covers what is
//! gone.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vigie_model::{AuditDigests, AuditEntry, AuditHash, Verb};

use crate::audit::{AuditRow, COLUMNS, read_row};
use crate::error::Doing as _;
use crate::{Store, StoreError};

/// What a check of the audit log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// How many rows hold together, from the first.
    pub rows: u64,
    /// The hash of the last of them. Kept elsewhere, it shows later whether rows were cut off the end.
    pub head: AuditHash,
    /// The sequence at which the first row is that does not fit: changed, missing, put in, or erased without a row that tells
    /// of it. Of rows that were erased or changed under a seal it is the row that holds the seal.
    pub broken: Option<u64>,
    /// Of how many of the rows the actor or the details were erased.
    pub erased: u64,
}

impl Store {
    /// Walks the whole audit log and recomputes every hash, digest and seal.
    pub async fn verify_chain(&self) -> Result<Chain, StoreError> {
        let mut connection = self.read().await?;
        let mut chain = Chain { rows: 0, head: AuditHash::genesis(), broken: None, erased: 0 };
        let mut seals = Seals::default();
        let statement = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM audit ORDER BY sequence"));
        let mut rows = sqlx::query(statement).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.doing("read the audit log")? {
            // A row that cannot even be read was changed.
            let row = read_row(&row).ok().filter(|row| {
                let follows = row.entry.sequence == chain.rows + 1 && row.entry.previous == chain.head;
                follows && fits(row) && seals.take(row)
            });
            let Some(AuditRow { entry, .. }) = row else {
                chain.broken = Some(chain.rows + 1);
                return Ok(chain);
            };
            chain.rows = entry.sequence;
            chain.head = entry.hash;
            chain.erased += u64::from(entry.erased);
        }
        chain.broken = seals.first_open();
        Ok(chain)
    }
}

/// What stands where details were erased.
pub(crate) fn erased_details() -> Value {
    json!({"erased": true})
}

/// Returns whether a row holds what its hash and its digests cover.
fn fits(row: &AuditRow) -> bool {
    let entry = &row.entry;
    let Some(AuditDigests { actor, details }) = &entry.digests else {
        let is_plain = row.actor_salt.is_none() && row.details_salt.is_none() && row.resealed.is_none();
        return is_plain && !entry.erased && entry.hash == entry.expected_hash();
    };
    let is_later = |by: &u64| *by > entry.sequence;
    let actor_fits = match (&row.actor_salt, &row.actor_erased) {
        (Some(salt), None) => AuditDigests::digest(salt, &json!(entry.actor)) == *actor,
        (None, Some(by)) => is_later(by),
        _ => false,
    };
    let details_fit = match (&row.details_salt, &row.details_erased) {
        (Some(salt), None) => AuditDigests::digest(salt, &entry.details) == *details,
        (None, Some(by)) => is_later(by) && entry.details == erased_details(),
        _ => false,
    };
    let hash_fits = match &row.resealed {
        Some(by) => is_later(by),
        None => entry.hash == entry.expected_hash(),
    };
    actor_fits && details_fit && hash_fits
}

/// The seals of the erasures whose rows are still to come.
#[derive(Default)]
struct Seals(BTreeMap<u64, Open>);

struct Open {
    first: u64,
    seal: Seal,
}

impl Seals {
    /// Puts a row under the seals that cover it. Returns whether the seal that it holds itself is that of the rows before it.
    fn take(&mut self, row: &AuditRow) -> bool {
        let sequence = row.entry.sequence;
        let found = self.0.remove(&sequence).map(|open| open.seal.finish());
        if found.as_deref() != seal_of(&row.entry) {
            return false;
        }
        let by = [row.actor_erased, row.details_erased, row.resealed].into_iter().flatten();
        for by in by.collect::<BTreeSet<u64>>() {
            let open = self.0.entry(by).or_insert_with(|| Open { first: sequence, seal: Seal::default() });
            open.seal.cover(row, by);
        }
        true
    }

    /// Returns the first row that says that it was erased by a row that there is not.
    fn first_open(&self) -> Option<u64> {
        self.0.values().map(|open| open.first).min()
    }
}

/// Returns the seal that a row holds.
fn seal_of(entry: &AuditEntry) -> Option<&str> {
    if entry.verb == Verb::Erase { entry.details["seal"].as_str() } else { None }
}

/// SHA-256 over what is left of the rows that one erasure touched.
#[derive(Default)]
pub(crate) struct Seal(Sha256);

impl Seal {
    /// Covers the next of the rows, as it is after the erasure that the row `by` tells of. What a later erasure may take is
    /// covered by its digest.
    pub(crate) fn cover(&mut self, row: &AuditRow, by: u64) {
        let entry = &row.entry;
        let digests = entry.digests.as_ref().map(|digests| [&digests.actor, &digests.details]);
        let line = json!([
            (row.actor_erased == Some(by)).then_some(&entry.actor),
            row.details_erased == Some(by),
            row.resealed == Some(by),
            entry.sequence,
            entry.at,
            entry.tenant,
            entry.verb,
            entry.object,
            entry.object_id,
            digests,
            entry.previous,
            entry.hash,
        ]);
        self.0.update(line.to_string());
        self.0.update("\n");
    }

    /// Returns the seal as 64 hex digits.
    pub(crate) fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}
