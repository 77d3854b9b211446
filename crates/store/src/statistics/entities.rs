//! Who alerts are about.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{TenantScope, Timestamp};

use super::Span;
use crate::error::Doing as _;
use crate::row::Connection;
use crate::{Store, StoreError};

/// Of how many of the latest alerts of a span the entities are counted.
pub const LATEST_MAX: u32 = 5_000;
/// Of how many tenants, where they are named one by one.
const TENANTS_MAX: usize = 200;

/// The entities of the latest alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityCounts {
    /// The addresses that something came from, those with the most alerts first.
    pub attackers: Vec<EntityCount>,
    /// All others but programs' names for themselves, those with the most alerts first.
    pub others: Vec<EntityCount>,
}

/// In how many alerts an entity is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EntityCount {
    /// What it is: `ip`, `user`, …
    pub kind: String,
    /// Which.
    pub value: String,
    /// In how many alerts.
    #[sqlx(try_from = "i64")]
    pub alerts: u64,
}

impl Store {
    /// Counts the entities of the latest alerts, at most [`LATEST_MAX`], that were raised at `from` or later and before
    /// `until`; at most `limit` of each list.
    pub async fn entity_statistics(
        &self,
        scope: &TenantScope,
        (from, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<EntityCounts, StoreError> {
        if matches!(scope, TenantScope::Only(tenants) if tenants.is_empty()) {
            return Ok(EntityCounts::default());
        }
        let span = Span { table: "alerts", scope, from, until };
        let mut connection = self.read().await?;
        let source = " o.kind = 'ip' AND o.role = 'source'";
        // Programs name themselves as they like, and accounts of clouds and countries are in nearly every alert.
        let other =
            " (o.kind <> 'ip' OR o.role <> 'source') AND o.kind NOT IN ('user_agent', 'aws_account', 'country')";
        Ok(EntityCounts {
            attackers: span.entities(source, limit, &mut connection).await?,
            others: span.entities(other, limit, &mut connection).await?,
        })
    }
}

impl Span<'_> {
    async fn entities(
        &self,
        which: &'static str,
        limit: u32,
        connection: &mut Connection,
    ) -> Result<Vec<EntityCount>, StoreError> {
        let mut query = QueryBuilder::new("WITH latest AS (");
        self.push_latest(&mut query);
        query.push(
            ") SELECT o.kind, o.value, count(DISTINCT o.alert) AS alerts FROM latest CROSS JOIN observables AS o",
        );
        query.push(" INDEXED BY observables_by_alert ON o.alert = latest.id WHERE").push(which);
        query.push(" AND o.value <> '' GROUP BY o.kind, o.value ORDER BY 3 DESC, o.kind, o.value LIMIT ");
        query.push_bind(i64::from(limit));
        query.build_query_as().fetch_all(connection).await.doing("count entities")
    }

    /// Adds a statement that finds the latest alerts, in an order that an index has, so that no more are read.
    fn push_latest(&self, query: &mut QueryBuilder<Sqlite>) {
        let tenants: Vec<Option<String>> = match self.scope {
            TenantScope::All => vec![None],
            TenantScope::Only(tenants) => tenants.iter().take(TENANTS_MAX).map(|id| Some(id.to_string())).collect(),
        };
        let each = LATEST_MAX / u32::try_from(tenants.len()).unwrap_or(u32::MAX).max(1);
        for (index, tenant) in tenants.into_iter().enumerate() {
            query.push(if index == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" });
            query.push("SELECT id FROM alerts WHERE ");
            if let Some(tenant) = tenant {
                query.push("tenant = ").push_bind(tenant).push(" AND ");
            }
            self.push_span(query);
            query.push(" ORDER BY place DESC LIMIT ").push_bind(i64::from(each)).push(")");
        }
    }
}
