//! Indicators: what threat intelligence knows.

use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;
use vigie_model::{Indicator, IndicatorId, TenantId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::row::{TLPS, corrupt, get, json, parsed, push_scope, time_or_none, tlp_rank, to_json, unsigned};
use crate::{Listing, Rows, Store, StoreError, Tx};

/// How many rows one statement writes; eleven values each, well under SQLite's 32,766.
const ROWS_PER_STATEMENT: usize = 500;

/// A list of indicators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorList {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// How many indicators are on it.
    pub count: u64,
}

impl Store {
    /// Returns a page of indicators, in the order of their ids unless asked otherwise.
    pub async fn indicators(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<Indicator>, StoreError> {
        page(&mut *self.read().await?, List::Indicators, |row, _| read_indicator(row), scope, listing).await
    }

    /// Returns a tenant's indicators after this one, in the order of their ids, at most `limit`: to load them all.
    pub async fn indicators_of(
        &self,
        tenant: &TenantId,
        after: Option<IndicatorId>,
        limit: u32,
    ) -> Result<Vec<Indicator>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, tenant, list, kind, value, confidence, tlp, valid_from, valid_until, tags, comment
             FROM indicators WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(tenant.as_str())
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&mut *self.read().await?)
        .await
        .doing("load indicators")?;
        rows.iter().map(read_indicator).collect()
    }

    /// Returns the lists of indicators, by tenant and name.
    pub async fn indicator_lists(&self, scope: &TenantScope) -> Result<Vec<IndicatorList>, StoreError> {
        let mut query = QueryBuilder::new("SELECT tenant, list, count(*) AS count FROM indicators WHERE ");
        push_scope(&mut query, "tenant", scope);
        query.push(" GROUP BY tenant, list ORDER BY tenant, list");
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("list the lists of indicators")?;
        let read = |row| {
            Ok(IndicatorList {
                tenant: parsed(row, "indicators", "tenant")?,
                name: get(row, "indicators", "list")?,
                count: unsigned(get(row, "indicators", "count")?),
            })
        };
        rows.iter().map(read).collect()
    }
}

impl Tx {
    /// Saves indicators, over those of the same tenant, list, kind and value.
    pub async fn upsert_indicators(&mut self, indicators: &[Indicator]) -> Result<(), StoreError> {
        for chunk in indicators.chunks(ROWS_PER_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO indicators (id, tenant, list, kind, value, confidence, tlp, valid_from, valid_until, tags,
                     comment) ",
            );
            query.push_values(chunk, |mut row, indicator| {
                row.push_bind(indicator.id.to_string())
                    .push_bind(indicator.tenant.to_string())
                    .push_bind(indicator.list.clone())
                    .push_bind(indicator.kind.as_str())
                    .push_bind(indicator.value.clone())
                    .push_bind(i64::from(indicator.confidence))
                    .push_bind(tlp_rank(indicator.tlp))
                    .push_bind(indicator.valid_from.map(Timestamp::as_micros))
                    .push_bind(indicator.valid_until.map(Timestamp::as_micros))
                    .push_bind(to_json(&indicator.tags))
                    .push_bind(indicator.comment.clone());
            });
            query.push(
                " ON CONFLICT (id) DO UPDATE SET confidence = excluded.confidence, tlp = excluded.tlp,
                      valid_from = excluded.valid_from, valid_until = excluded.valid_until, tags = excluded.tags,
                      comment = excluded.comment",
            );
            query.build().execute(&mut *self.inner).await.doing("save indicators")?;
        }
        Ok(())
    }

    /// Deletes a tenant's list. Returns how many indicators were on it.
    pub async fn delete_list(&mut self, tenant: &TenantId, list: &str) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM indicators WHERE tenant = ? AND list = ?")
            .bind(tenant.as_str())
            .bind(list)
            .execute(&mut *self.inner)
            .await
            .doing("delete a list of indicators")?;
        Ok(done.rows_affected())
    }
}

fn read_indicator(row: &SqliteRow) -> Result<Indicator, StoreError> {
    const TABLE: &str = "indicators";
    let rank: i64 = get(row, TABLE, "tlp")?;
    let tlp = usize::try_from(rank).ok().and_then(|rank| TLPS.get(rank));
    let tlp = tlp.and_then(|word| serde_json::from_value((*word).into()).ok());
    Ok(Indicator {
        id: parsed(row, TABLE, "id")?,
        tenant: parsed(row, TABLE, "tenant")?,
        list: get(row, TABLE, "list")?,
        kind: parsed(row, TABLE, "kind")?,
        value: get(row, TABLE, "value")?,
        confidence: u8::try_from(get::<i64>(row, TABLE, "confidence")?).unwrap_or(100),
        tlp: tlp.ok_or_else(|| corrupt(TABLE, "tlp", &rank))?,
        valid_from: time_or_none(row, TABLE, "valid_from")?,
        valid_until: time_or_none(row, TABLE, "valid_until")?,
        tags: json(row, TABLE, "tags")?,
        comment: get(row, TABLE, "comment")?,
    })
}
