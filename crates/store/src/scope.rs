//! Which rows of a list are within reach of who asks.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Comparison, Filter, TenantId, TenantScope};

use crate::StoreError;
use crate::error::Doing as _;
use crate::fields::{Access, List, ScopeOf, Table};
use crate::lower::field_of;
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
    /// Whether the rest of the condition leaves few rows already.
    narrowed: bool,
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
        // Named, since the database might walk along the tenant's cases instead.
        let mut query =
            QueryBuilder::new("SELECT EXISTS (SELECT 1 FROM cases INDEXED BY cases_restricted WHERE restricted AND ");
        push_scope(&mut query, "tenant", unshared.tenants);
        query.push(")");
        let closed: bool = query.build_query_scalar().fetch_one(connection).await.doing("look for closed cases")?;
        Ok(Self { closed_to: closed.then_some(name), ..unshared })
    }

    /// Returns the scope without what is shared with it, to which no case is closed.
    pub(crate) const fn unshared(tenants: &'a TenantScope) -> Self {
        Self { tenants, shared: false, closed_to: None, narrowed: false }
    }

    /// Returns the scope for a statement with this condition beside it. Where that leaves few rows, as the parts of one alert,
    /// these are looked up and their tenants compared; the database, which knows of no figures, might walk along all rows of
    /// the tenant instead because an index has them in the order that is asked for.
    pub(crate) fn beside(&self, table: &'static Table, filter: &Filter) -> Self {
        Self { narrowed: table.index.is_none() && is_narrow(table, filter), ..*self }
    }

    /// Returns whether few rows are left beside it.
    pub(crate) const fn is_narrowed(&self) -> bool {
        self.narrowed
    }

    /// Returns the tenants whose rows of this table are the scope's, where that is all there is to it.
    pub(crate) fn tenants_of(&self, table: &Table) -> Option<&'a [TenantId]> {
        match self.tenants {
            TenantScope::Only(tenants) if self.is_plain(table) && !self.narrowed => Some(tenants),
            _ => None,
        }
    }

    /// Returns whether every row of this table is the scope's.
    pub(crate) fn is_everything(&self, table: &Table) -> bool {
        *self.tenants == TenantScope::All && self.is_plain(table) && !self.narrowed
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
        // A sign before a column keeps its indexes out: <https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_>.
        let tenant = if self.narrowed { "+tenant" } else { "tenant" };
        match table.scope {
            ScopeOf::Tenant => push_scope(query, tenant, self.tenants),
            ScopeOf::Open(case) => {
                push_scope(query, tenant, self.tenants);
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
                push_scope(query, tenant, self.tenants);
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
        query
            .push(" AND NOT coalesce(")
            .push(case)
            .push(" IN (SELECT c.id FROM cases AS c INDEXED BY cases_restricted WHERE c.restricted AND ");
        push_scope(query, "c.tenant", self.tenants);
        query.push(" AND NOT EXISTS (SELECT 1 FROM case_users AS u WHERE u.case_id = c.id AND u.name = ");
        query.push_bind(name.to_ascii_lowercase()).push(")), 1 = 0)");
    }
}

/// Returns whether the condition leaves few rows of the table, found by an index.
fn is_narrow(table: &'static Table, filter: &Filter) -> bool {
    let few = |name: &str| field_of(table, name).is_ok_and(|field| field.access == Access::Few);
    match filter {
        Filter::And(all) => all.iter().any(|one| is_narrow(table, one)),
        Filter::Field { name, comparison: Comparison::Equal, .. } | Filter::OneOf { name, .. } => few(name),
        Filter::Of { name, list, filter } => {
            few(name) && List::of_name(list).is_some_and(|list| is_narrow(list.table(), filter))
        }
        Filter::All | Filter::Or(_) | Filter::Not(_) | Filter::Field { .. } | Filter::Exists(_) | Filter::Text(_) => {
            false
        }
    }
}
