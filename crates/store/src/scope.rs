//! Which rows of a list are within reach of who asks.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{TenantId, TenantScope};

use crate::StoreError;
use crate::error::Doing as _;
use crate::fields::{ScopeOf, Table};
use crate::row::{Connection, push_scope};

/// How far somebody sees: within which tenants, and as whom. A case that only some of its tenant may open, and all that is
/// on it, is not found by the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Within which tenants.
    pub tenants: TenantScope,
    /// As whom, as [`vigie_model::Actor`] prints.
    pub name: String,
}

/// What reads are held within. A bare [`TenantScope`] is Vigie's own: no case is closed to it.
pub trait Within: Sync {
    /// Returns within which tenants.
    fn tenants(&self) -> &TenantScope;

    /// Returns as whom; `None` for who may open every case.
    fn name(&self) -> Option<&str>;
}

impl Within for TenantScope {
    fn tenants(&self) -> &TenantScope {
        self
    }

    fn name(&self) -> Option<&str> {
        None
    }
}

impl Within for Reach {
    fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// A scope of tenants, whether cases of others are shared with them, and whether some of theirs are closed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    tenants: &'a TenantScope,
    /// Few tenants have shares. Those that have none keep the plain condition, which an index answers.
    shared: bool,
    /// Who asks, where there are cases that only some may open: few tenants have any.
    closed_to: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Returns the scope, having looked whether anything is shared with its tenants or closed in them.
    pub(crate) async fn of(
        connection: &mut Connection,
        table: &Table,
        within: &'a impl Within,
    ) -> Result<Self, StoreError> {
        let scope = Self::owned(connection, within).await?;
        let asks = matches!((table.scope, scope.tenants), (ScopeOf::Shared(_), TenantScope::Only(_)));
        if !asks {
            return Ok(scope);
        }
        let mut query = QueryBuilder::new("SELECT EXISTS (SELECT 1 FROM shares WHERE ");
        push_scope(&mut query, "tenant", scope.tenants);
        query.push(")");
        let shared: bool = query.build_query_scalar().fetch_one(connection).await.doing("look for shares")?;
        Ok(Self { shared, ..scope })
    }

    /// Returns the scope without what is shared with it.
    pub(crate) async fn owned(connection: &mut Connection, within: &'a impl Within) -> Result<Self, StoreError> {
        let unshared = Self::unshared(within.tenants());
        let Some(name) = within.name() else { return Ok(unshared) };
        let mut query = QueryBuilder::new("SELECT EXISTS (SELECT 1 FROM cases WHERE restricted AND ");
        push_scope(&mut query, "tenant", unshared.tenants);
        query.push(")");
        let closed: bool = query.build_query_scalar().fetch_one(connection).await.doing("look for closed cases")?;
        Ok(Self { closed_to: closed.then_some(name), ..unshared })
    }

    /// Returns the scope without what is shared with it, to which no case is closed.
    pub(crate) const fn unshared(tenants: &'a TenantScope) -> Self {
        Self { tenants, shared: false, closed_to: None }
    }

    /// Returns the tenants whose rows of this table are the scope's, where that is all there is to it.
    pub(crate) fn tenants_of(&self, table: &Table) -> Option<&'a [TenantId]> {
        match self.tenants {
            TenantScope::Only(tenants) if self.is_plain(table) => Some(tenants),
            _ => None,
        }
    }

    /// Returns whether every row of this table is the scope's.
    pub(crate) fn is_everything(&self, table: &Table) -> bool {
        *self.tenants == TenantScope::All && self.is_plain(table)
    }

    /// Returns whether a row of this table is the scope's if its tenant is.
    fn is_plain(&self, table: &Table) -> bool {
        match table.scope {
            ScopeOf::Tenant => true,
            ScopeOf::Shared(_) => !self.shared && self.closed_to.is_none(),
            ScopeOf::Open(_) => self.closed_to.is_none(),
            ScopeOf::Own | ScopeOf::Everybody | ScopeOf::Members | ScopeOf::Either => false,
        }
    }

    /// Adds the condition that holds a statement over this table to the scope.
    pub(crate) fn push(&self, query: &mut QueryBuilder<Sqlite>, table: &Table) {
        match table.scope {
            ScopeOf::Tenant => push_scope(query, "tenant", self.tenants),
            ScopeOf::Open(case) => {
                push_scope(query, "tenant", self.tenants);
                self.push_open(query, case);
            }
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
                self.push_open(query, "case_id");
            }
            ScopeOf::Members => {
                if *self.tenants == TenantScope::All {
                    query.push("1 = 1");
                    return;
                }
                // Whoever may see all tenants is a member of each.
                query.push("(tenants = '\"all\"' OR id IN (SELECT user_id FROM memberships WHERE ");
                push_scope(query, "tenant", self.tenants);
                query.push("))");
            }
            ScopeOf::Shared(case) => {
                if self.shared {
                    query.push("(");
                }
                push_scope(query, "tenant", self.tenants);
                if self.shared {
                    query.push(" OR ").push(case).push(" IN (SELECT case_id FROM shares WHERE ");
                    push_scope(query, "tenant", self.tenants);
                    query.push("))");
                }
                self.push_open(query, case);
            }
        }
    }

    /// Adds that the case, where there is one, is open to who asks. Whom it is shared with is a matter of the share.
    fn push_open(&self, query: &mut QueryBuilder<Sqlite>, case: &'static str) {
        let Some(name) = self.closed_to else { return };
        query.push(" AND NOT coalesce(").push(case).push(" IN (SELECT c.id FROM cases AS c WHERE c.restricted AND ");
        push_scope(query, "c.tenant", self.tenants);
        query.push(" AND NOT EXISTS (SELECT 1 FROM case_users AS u WHERE u.case_id = c.id AND u.name = ");
        query.push_bind(name.to_ascii_lowercase()).push(")), 1 = 0)");
    }
}
