//! The audit log: rows are added, never changed, and each holds the hash of the one before.

use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use vigie_model::{Actor, AuditDigests, AuditEntry, AuditHash, ObjectKind, TenantId, TenantScope, Timestamp, Verb};

use crate::error::Doing as _;
use crate::fields::List;
use crate::insert::Insert;
use crate::listing::page;
use crate::objects::Cell;
use crate::row::{get, integer, parsed, time, to_json, unsigned, word};
use crate::{Listing, Rows, Store, StoreError, Tx};

/// What to write to the audit log; the store adds the number and the hashes.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditNote {
    /// When.
    pub at: Timestamp,
    /// Whose object; `None` for what belongs to no tenant.
    pub tenant: Option<TenantId>,
    /// Who.
    pub actor: Actor,
    /// Did what.
    pub verb: Verb,
    /// To what kind of object.
    pub object: ObjectKind,
    /// Its id.
    pub object_id: String,
    /// What changed.
    pub details: Value,
}

/// The columns that a row is read from.
pub(crate) const COLUMNS: &str = "sequence, at, tenant, actor, verb, object, object_id, details, previous, hash, \
     actor_hash, actor_salt, actor_erased, details_hash, salt, erased, resealed";
const TABLE: &str = "audit";

/// A row as it is stored: what it says, and what is needed to check it.
#[derive(Debug, Clone)]
pub(crate) struct AuditRow {
    pub(crate) entry: AuditEntry,
    /// The salt of the actor's digest; `None` where the actor was erased, and where there is no digest.
    pub(crate) actor_salt: Option<String>,
    /// That of the details.
    pub(crate) details_salt: Option<String>,
    /// The sequence of the row that tells of the actor's being erased.
    pub(crate) actor_erased: Option<u64>,
    /// That of the details.
    pub(crate) details_erased: Option<u64>,
    /// The sequence of the row whose seal stands for this one's hash, which covers values that are gone.
    pub(crate) resealed: Option<u64>,
}

impl Store {
    /// Returns a page of the audit log. Rows that belong to no tenant are in the scope of all tenants only.
    pub async fn audit(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<AuditEntry>, StoreError> {
        page(&mut *self.read().await?, List::Audit, |row, _| Ok(read_row(row)?.entry), scope, listing).await
    }
}

/// The last row of the audit log: what the next one is chained to.
#[derive(Debug, Clone)]
pub(crate) struct AuditEnd {
    sequence: u64,
    hash: AuditHash,
}

impl Tx {
    /// Writes a row to the audit log and returns it.
    pub async fn audit(&mut self, note: &AuditNote) -> Result<AuditEntry, StoreError> {
        let mut entries = self.audit_all(std::slice::from_ref(note)).await?;
        Ok(entries.remove(0))
    }

    /// Writes rows to the audit log, in their order, and returns them. They are in the database once it is read or
    /// the transaction is committed.
    pub async fn audit_all(&mut self, notes: &[AuditNote]) -> Result<Vec<AuditEntry>, StoreError> {
        let mut end = self.audit_end().await?;
        let mut entries = Vec::with_capacity(notes.len());
        for (note, salts) in notes.iter().zip(salts(notes.len())) {
            let row = AuditRow::new(note, &end, salts);
            end = AuditEnd { sequence: row.entry.sequence, hash: row.entry.hash.clone() };
            self.unaudited.push(columns(&row));
            entries.push(row.entry);
        }
        self.audit_end = Some(end);
        Ok(entries)
    }

    /// Makes the audit log hold what was said so far.
    pub(crate) async fn audit_now(&mut self) -> Result<(), StoreError> {
        if self.unaudited.is_empty() {
            return Ok(());
        }
        self.times_told += 1;
        let into = "INSERT INTO audit (sequence, at, tenant, actor, verb, object, object_id, details, previous, hash, \
             actor_hash, actor_salt, details_hash, salt)";
        let rows = std::mem::take(&mut self.unaudited);
        Insert::new(into, rows).execute(&mut self.inner).await.doing("write to the audit log")
    }

    /// Returns the sequence that the next row will have.
    pub(crate) async fn audit_next(&mut self) -> Result<u64, StoreError> {
        let end = self.audit_end().await?;
        let next = end.sequence + 1;
        self.audit_end = Some(end);
        Ok(next)
    }

    /// Returns the end of the audit log. Nobody else writes to it while this transaction is open.
    async fn audit_end(&mut self) -> Result<AuditEnd, StoreError> {
        if let Some(end) = self.audit_end.take() {
            return Ok(end);
        }
        let last: Option<(i64, String)> =
            sqlx::query_as("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
                .fetch_optional(&mut *self.inner)
                .await
                .doing("find the end of the audit log")?;
        let (sequence, hash) =
            last.map_or((0, AuditHash::genesis()), |(sequence, hash)| (unsigned(sequence), AuditHash(hash)));
        Ok(AuditEnd { sequence, hash })
    }
}

/// Returns salts for the actor and the details of so many rows. They are made here and not passed in: every change of every
/// caller writes to the audit log, and a salt that somebody could choose would protect nothing.
pub(crate) fn salts(rows: usize) -> Vec<[String; 2]> {
    const BYTES: usize = 16;
    let mut bytes = vec![0; rows * 2 * BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.chunks(2 * BYTES).map(|both| [hex::encode(&both[..BYTES]), hex::encode(&both[BYTES..])]).collect()
}

impl AuditRow {
    fn new(note: &AuditNote, end: &AuditEnd, salts: [String; 2]) -> Self {
        let mut row = Self {
            entry: AuditEntry {
                sequence: end.sequence + 1,
                at: note.at,
                tenant: note.tenant.clone(),
                actor: note.actor.clone(),
                verb: note.verb,
                object: note.object,
                object_id: note.object_id.clone(),
                details: note.details.clone(),
                previous: end.hash.clone(),
                hash: AuditHash::genesis(),
                erased: false,
                digests: None,
            },
            actor_salt: None,
            details_salt: None,
            actor_erased: None,
            details_erased: None,
            resealed: None,
        };
        row.digest(salts);
        row.entry.hash = row.entry.expected_hash();
        row
    }

    /// Gives a row digests of its actor and its details.
    pub(crate) fn digest(&mut self, [actor, details]: [String; 2]) {
        self.entry.digests = Some(AuditDigests {
            actor: AuditDigests::digest(&actor, &json!(self.entry.actor)),
            details: AuditDigests::digest(&details, &self.entry.details),
        });
        self.actor_salt = Some(actor);
        self.details_salt = Some(details);
    }
}

fn columns(row: &AuditRow) -> Vec<Cell> {
    let entry = &row.entry;
    let (actor_hash, details_hash) = entry.digests.clone().map(|digests| (digests.actor.0, digests.details.0)).unzip();
    vec![
        Cell::Integer(integer(entry.sequence)),
        Cell::Integer(entry.at.as_micros()),
        Cell::Maybe(entry.tenant.as_ref().map(ToString::to_string)),
        Cell::Text(to_json(&entry.actor)),
        Cell::Text(word(&entry.verb)),
        Cell::Text(word(&entry.object)),
        Cell::Text(entry.object_id.clone()),
        Cell::Text(entry.details.to_string()),
        Cell::Text(entry.previous.0.clone()),
        Cell::Text(entry.hash.0.clone()),
        Cell::Maybe(actor_hash),
        Cell::Maybe(row.actor_salt.clone()),
        Cell::Maybe(details_hash),
        Cell::Maybe(row.details_salt.clone()),
    ]
}

/// Reads a row of [`COLUMNS`].
pub(crate) fn read_row(row: &SqliteRow) -> Result<AuditRow, StoreError> {
    let entry = read_entry(row)?;
    let number = |column| Ok::<_, StoreError>(get::<Option<i64>>(row, TABLE, column)?.map(unsigned));
    let read = AuditRow {
        actor_salt: get(row, TABLE, "actor_salt")?,
        details_salt: get(row, TABLE, "salt")?,
        actor_erased: number("actor_erased")?,
        details_erased: number("erased")?,
        resealed: number("resealed")?,
        entry,
    };
    let erased = read.actor_erased.is_some() || read.details_erased.is_some();
    Ok(AuditRow { entry: AuditEntry { erased, ..read.entry }, ..read })
}

fn read_entry(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
    let tenant: Option<String> = get(row, TABLE, "tenant")?;
    let spoken = |column| -> Result<Value, StoreError> { Ok(Value::String(get(row, TABLE, column)?)) };
    let unknown = |error: serde_json::Error| crate::row::corrupt(TABLE, "verb or object", &error);
    let actor: Option<String> = get(row, TABLE, "actor_hash")?;
    let details: Option<String> = get(row, TABLE, "details_hash")?;
    Ok(AuditEntry {
        sequence: unsigned(get(row, TABLE, "sequence")?),
        at: time(row, TABLE, "at")?,
        tenant: match tenant {
            Some(_) => Some(parsed(row, TABLE, "tenant")?),
            None => None,
        },
        actor: crate::row::json(row, TABLE, "actor")?,
        verb: serde_json::from_value(spoken("verb")?).map_err(unknown)?,
        object: serde_json::from_value(spoken("object")?).map_err(unknown)?,
        object_id: get(row, TABLE, "object_id")?,
        details: crate::row::json(row, TABLE, "details")?,
        previous: AuditHash(get(row, TABLE, "previous")?),
        hash: AuditHash(get(row, TABLE, "hash")?),
        erased: false,
        digests: actor
            .zip(details)
            .map(|(actor, details)| AuditDigests { actor: AuditHash(actor), details: AuditHash(details) }),
    })
}
