//! Which rows of a list are within a scope of tenants.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::TenantScope;

use crate::StoreError;
use crate::error::Doing as _;
use crate::fields::{ScopeOf, Table};
use crate::row::{Connection, push_scope};

/// A scope of tenants, and whether cases of others are shared with them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    tenants: &'a TenantScope,
    /// Few tenants have shares. Those that have none keep the plain condition, which an index answers.
    shared: bool,
}

impl<'a> Scope<'a> {
    /// Returns the scope, having looked whether anything is shared with its tenants.
    pub(crate) async fn of(
        connection: &mut Connection,
        table: &Table,
        tenants: &'a TenantScope,
    ) -> Result<Self, StoreError> {
        let asks = matches!((table.scope, tenants), (ScopeOf::Shared(_), TenantScope::Only(_)));
        if !asks {
            return Ok(Self::unshared(tenants));
        }
        let mut query = QueryBuilder::new("SELECT EXISTS (SELECT 1 FROM shares WHERE ");
        push_scope(&mut query, "tenant", tenants);
        query.push(")");
        let shared: bool = query.build_query_scalar().fetch_one(connection).await.doing("look for shares")?;
        Ok(Self { tenants, shared })
    }

    /// Returns the scope without what is shared with it.
    pub(crate) const fn unshared(tenants: &'a TenantScope) -> Self {
        Self { tenants, shared: false }
    }

    /// Adds the condition that holds a statement over this table to the scope.
    pub(crate) fn push(&self, query: &mut QueryBuilder<Sqlite>, table: &Table) {
        match table.scope {
            ScopeOf::Own => push_scope(query, "id", self.tenants),
            ScopeOf::Everybody => {
                query.push("1 = 1");
            }
            ScopeOf::Either => {
                query.push("(");
                push_scope(query, "tenant", self.tenants);
                query.push(" OR ");
                push_scope(query, "owner", self.tenants);
                query.push(")");
            }
            ScopeOf::Members => {
                if *self.tenants == TenantScope::All {
                    query.push("1 = 1");
                    return;
                }
                query.push("id IN (SELECT user_id FROM memberships WHERE ");
                push_scope(query, "tenant", self.tenants);
                query.push(")");
            }
            ScopeOf::Shared(case) if self.shared => {
                query.push("(");
                push_scope(query, "tenant", self.tenants);
                query.push(" OR ").push(case).push(" IN (SELECT case_id FROM shares WHERE ");
                push_scope(query, "tenant", self.tenants);
                query.push("))");
            }
            ScopeOf::Tenant | ScopeOf::Shared(_) => push_scope(query, "tenant", self.tenants),
        }
    }
}
