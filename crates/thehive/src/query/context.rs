//! What filters are read with: the time, and the organisations there are.

use vigie_model::{Tenant, TenantId, Timestamp};

use super::value::matches;
use crate::id::tenant_wire;

/// What filters are read with.
pub(crate) struct Context<'a> {
    pub(super) now: Timestamp,
    /// Every organisation, where a filter may name one: the id that clients see is not one of ours.
    pub(super) tenants: &'a [Tenant],
}

impl Context<'_> {
    /// Returns the organisation of this name or id.
    pub(super) fn tenant(&self, asked: &str) -> Option<TenantId> {
        let is = |tenant: &&Tenant| {
            tenant.id.as_str() == asked || tenant.name.eq_ignore_ascii_case(asked) || tenant_wire(&tenant.id) == asked
        };
        self.tenants.iter().find(is).map(|tenant| tenant.id.clone())
    }

    /// Returns the organisations whose names match a pattern.
    pub(super) fn tenants_like(&self, pattern: &str) -> Vec<TenantId> {
        let named = self.tenants.iter().filter(|tenant| matches(pattern, &tenant.name));
        named.map(|tenant| tenant.id.clone()).collect()
    }
}
