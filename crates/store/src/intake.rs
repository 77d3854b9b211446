//! What came in: batches that senders may repeat, and records that could not be read.

use serde_json::Value;
use sqlx::QueryBuilder;
use vigie_model::{DeadLetter, SourceName, TenantId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::row::{from_json, get, parsed, push_scope, read_body, to_json, unsigned};
use crate::{Listing, Rows, Store, StoreError, Tx};

/// How many dead letters there are of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterCount {
    /// Whose they are.
    pub tenant: TenantId,
    /// Which source could not read them.
    pub source: SourceName,
    /// The kind of fault.
    pub code: String,
    /// How many.
    pub count: u64,
}

impl Store {
    /// Returns what came of a tenant's batch, or `None` where it never came or its time is over.
    pub async fn batch(&self, tenant: &TenantId, id: &str, now: Timestamp) -> Result<Option<Value>, StoreError> {
        let text: Option<String> =
            sqlx::query_scalar("SELECT result FROM batches WHERE tenant = ? AND id = ? AND expires > ?")
                .bind(tenant.as_str())
                .bind(id)
                .bind(now.as_micros())
                .fetch_optional(&mut *self.read().await?)
                .await
                .doing("look a batch up")?;
        text.map(|text| from_json("batches", id, &text)).transpose()
    }

    /// Returns a page of dead letters.
    pub async fn dead_letters(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<DeadLetter>, StoreError> {
        page(&mut *self.read().await?, List::DeadLetters, read_body, scope, listing).await
    }

    /// Returns how many dead letters there are of each kind, the most first.
    pub async fn dead_letter_counts(&self, scope: &TenantScope) -> Result<Vec<DeadLetterCount>, StoreError> {
        let mut query = QueryBuilder::new("SELECT tenant, source, code, count(*) AS count FROM dead_letters WHERE ");
        push_scope(&mut query, "tenant", scope);
        query.push(" GROUP BY tenant, source, code ORDER BY count(*) DESC, tenant, source, code");
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("count dead letters")?;
        let read = |row| {
            Ok(DeadLetterCount {
                tenant: parsed(row, "dead_letters", "tenant")?,
                source: parsed(row, "dead_letters", "source")?,
                code: get(row, "dead_letters", "code")?,
                count: unsigned(get(row, "dead_letters", "count")?),
            })
        };
        rows.iter().map(read).collect()
    }
}

impl Tx {
    /// Records what came of a tenant's batch, until `expires`. Returns false, and changes nothing, where it is recorded
    /// already and its time is not over.
    pub async fn record_batch(
        &mut self,
        tenant: &TenantId,
        id: &str,
        result: &Value,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO batches (tenant, id, result, created, expires) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (tenant, id) DO UPDATE SET result = excluded.result, created = excluded.created,
                 expires = excluded.expires
             WHERE batches.expires <= excluded.created",
        )
        .bind(tenant.as_str())
        .bind(id)
        .bind(result.to_string())
        .bind(now.as_micros())
        .bind(expires.as_micros())
        .execute(&mut *self.inner)
        .await
        .doing("record a batch")?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets the batches whose time is over. Returns how many.
    pub async fn expire_batches(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM batches WHERE expires <= ?")
            .bind(now.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("forget batches")?;
        Ok(done.rows_affected())
    }

    /// Keeps records that could not be read; those known already are left as they are. Returns how many are new.
    pub async fn insert_dead_letters(&mut self, letters: &[DeadLetter]) -> Result<u64, StoreError> {
        let mut new = 0;
        for letter in letters {
            let done = sqlx::query(
                "INSERT INTO dead_letters (id, tenant, source, position, arrival, code, reason, body)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            )
            .bind(letter.id.to_string())
            .bind(letter.tenant.as_str())
            .bind(letter.source.as_str())
            .bind(&letter.position)
            .bind(letter.arrival.as_micros())
            .bind(&letter.code)
            .bind(&letter.reason)
            .bind(to_json(letter))
            .execute(&mut *self.inner)
            .await
            .doing("keep a dead letter")?;
            new += done.rows_affected();
        }
        Ok(new)
    }

    /// Forgets dead letters that arrived before this time. Returns how many.
    pub async fn prune_dead_letters(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM dead_letters WHERE arrival < ?")
            .bind(before.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("prune dead letters")?;
        Ok(done.rows_affected())
    }
}
