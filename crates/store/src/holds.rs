//! Legal holds: what retention must leave alone.

use sqlx::QueryBuilder;
use vigie_model::{HoldId, LegalHold, TenantScope};

use crate::error::Doing as _;
use crate::row::{bodies, body, push_scope, to_json};
use crate::{Store, StoreError, Tx};

impl Store {
    /// Returns the holds in force, by tenant and then oldest first.
    pub async fn legal_holds(&self, scope: &TenantScope) -> Result<Vec<LegalHold>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM legal_holds WHERE ");
        push_scope(&mut query, "tenant", scope);
        query.push(" ORDER BY tenant, created, id");
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await.doing("list legal holds")?;
        bodies("legal_holds", rows)
    }
}

impl Tx {
    /// Puts a hold in force.
    pub async fn place_hold(&mut self, hold: &LegalHold) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO legal_holds (id, tenant, created, body) VALUES (?, ?, ?, ?)")
            .bind(hold.id.to_string())
            .bind(hold.tenant.as_str())
            .bind(hold.created.as_micros())
            .bind(to_json(hold))
            .execute(&mut *self.inner)
            .await
            .doing("place a legal hold")?;
        Ok(())
    }

    /// Lifts a hold and returns it, or `None` where the scope has none of that id.
    pub async fn lift_hold(&mut self, scope: &TenantScope, id: HoldId) -> Result<Option<LegalHold>, StoreError> {
        let mut query = QueryBuilder::new("DELETE FROM legal_holds WHERE id = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" RETURNING body");
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("lift a legal hold")?;
        body("legal_holds", row)
    }
}
