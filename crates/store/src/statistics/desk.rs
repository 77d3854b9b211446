//! What is open now, however old it is.

use std::collections::BTreeMap;

use vigie_model::{TenantId, TenantScope};

use super::slot;
use crate::error::Doing as _;
use crate::row::{corrupt, push_scope, unsigned};
use crate::{Store, StoreError};
use sqlx::QueryBuilder;

/// What of a tenant is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Alerts that nobody has looked at, from the least severity.
    pub new_alerts: [u64; 5],
    /// Alerts that are not closed, those included.
    pub open_alerts: [u64; 5],
    /// Cases that are not closed.
    pub open_cases: [u64; 5],
}

impl Store {
    /// Counts what is open of each tenant that has anything open.
    pub async fn waiting(&self, scope: &TenantScope) -> Result<BTreeMap<TenantId, Waiting>, StoreError> {
        let mut connection = self.read().await?;
        let mut waiting: BTreeMap<TenantId, Waiting> = BTreeMap::new();
        for table in ["alerts", "cases"] {
            let mut query = QueryBuilder::new("SELECT tenant, status, severity, count(*) FROM ");
            query.push(table).push(" WHERE ");
            match scope {
                TenantScope::All => _ = query.push("tenant IN (SELECT id FROM tenants)"),
                only @ TenantScope::Only(_) => push_scope(&mut query, "tenant", only),
            }
            query.push(" AND status IN ('new', 'open', 'in_progress') GROUP BY tenant, status, severity");
            let rows: Vec<(String, String, i64, i64)> =
                query.build_query_as().fetch_all(&mut *connection).await.doing("count what is open")?;
            for (tenant, status, severity, count) in rows {
                let id = TenantId::new(&tenant).map_err(|error| corrupt(table, &tenant, &error))?;
                let of = waiting.entry(id).or_default();
                let add = |counts: &mut [u64; 5]| {
                    if let Some(slot) = slot(counts, severity) {
                        *slot += unsigned(count);
                    }
                };
                if table == "cases" {
                    add(&mut of.open_cases);
                } else {
                    add(&mut of.open_alerts);
                    if status == "new" {
                        add(&mut of.new_alerts);
                    }
                }
            }
        }
        Ok(waiting)
    }
}
