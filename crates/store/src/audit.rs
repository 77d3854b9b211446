//! The audit log: rows are added, never changed, and each holds the hash of the one before.

use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use vigie_model::{Actor, AuditEntry, AuditHash, ObjectKind, TenantId, TenantScope, Timestamp, Verb};

use crate::error::Doing as _;
use crate::fields::List;
use crate::insert::Insert;
use crate::listing::page;
use crate::objects::Cell;
use crate::row::{get, integer, json, parsed, time, to_json, unsigned, word};
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

/// What a check of the audit log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// How many rows hold together, from the first.
    pub rows: u64,
    /// The hash of the last of them. Kept elsewhere, it shows later whether rows were cut off the end.
    pub head: AuditHash,
    /// The sequence at which the first row is that does not fit: changed, missing or put in.
    pub broken: Option<u64>,
}

const ROWS: &str = "SELECT sequence, at, tenant, actor, verb, object, object_id, details, previous, hash FROM audit";

impl Store {
    /// Returns a page of the audit log. Rows that belong to no tenant are in the scope of all tenants only.
    pub async fn audit(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<AuditEntry>, StoreError> {
        page(&mut *self.read().await?, List::Audit, |row, _| read_entry(row), scope, listing).await
    }

    /// Walks the whole audit log and recomputes every hash.
    pub async fn verify_chain(&self) -> Result<Chain, StoreError> {
        let mut connection = self.read().await?;
        let mut chain = Chain { rows: 0, head: AuditHash::genesis(), broken: None };
        let statement = sqlx::AssertSqlSafe(format!("{ROWS} ORDER BY sequence"));
        let mut rows = sqlx::query(statement).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.doing("read the audit log")? {
            // A row that cannot even be read was changed.
            let entry = read_entry(&row).ok().filter(|entry| {
                entry.sequence == chain.rows + 1 && entry.previous == chain.head && entry.hash == entry.expected_hash()
            });
            let Some(entry) = entry else {
                chain.broken = Some(chain.rows + 1);
                break;
            };
            chain.rows = entry.sequence;
            chain.head = entry.hash;
        }
        Ok(chain)
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

    /// Writes rows to the audit log, in their order, and returns them.
    pub async fn audit_all(&mut self, notes: &[AuditNote]) -> Result<Vec<AuditEntry>, StoreError> {
        let mut end = self.audit_end().await?;
        let mut entries = Vec::with_capacity(notes.len());
        for note in notes {
            let mut entry = AuditEntry {
                sequence: end.sequence + 1,
                at: note.at,
                tenant: note.tenant.clone(),
                actor: note.actor.clone(),
                verb: note.verb,
                object: note.object,
                object_id: note.object_id.clone(),
                details: note.details.clone(),
                previous: end.hash,
                hash: AuditHash::genesis(),
            };
            entry.hash = entry.expected_hash();
            end = AuditEnd { sequence: entry.sequence, hash: entry.hash.clone() };
            entries.push(entry);
        }
        let into = "INSERT INTO audit (sequence, at, tenant, actor, verb, object, object_id, details, previous, hash)";
        let rows = entries.iter().map(columns).collect();
        Insert::new(into, rows).execute(&mut self.inner).await.doing("write to the audit log")?;
        self.audit_end = Some(end);
        Ok(entries)
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

fn columns(entry: &AuditEntry) -> Vec<Cell> {
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
    ]
}

fn read_entry(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
    const TABLE: &str = "audit";
    let tenant: Option<String> = get(row, TABLE, "tenant")?;
    let spoken = |column| -> Result<Value, StoreError> { Ok(Value::String(get(row, TABLE, column)?)) };
    let unknown = |error: serde_json::Error| crate::row::corrupt(TABLE, "verb or object", &error);
    Ok(AuditEntry {
        sequence: unsigned(get(row, TABLE, "sequence")?),
        at: time(row, TABLE, "at")?,
        tenant: match tenant {
            Some(_) => Some(parsed(row, TABLE, "tenant")?),
            None => None,
        },
        actor: json(row, TABLE, "actor")?,
        verb: serde_json::from_value(spoken("verb")?).map_err(unknown)?,
        object: serde_json::from_value(spoken("object")?).map_err(unknown)?,
        object_id: get(row, TABLE, "object_id")?,
        details: json(row, TABLE, "details")?,
        previous: AuditHash(get(row, TABLE, "previous")?),
        hash: AuditHash(get(row, TABLE, "hash")?),
    })
}
