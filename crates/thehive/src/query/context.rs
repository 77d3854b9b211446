//! What filters are read with: the time, and what there is that they may name.

use std::cell::Cell;

use vigie_model::{CustomField, Tenant, TenantId, Timestamp};

use super::value::matches;
use crate::id::tenant_wire;

/// What filters are read with.
pub(super) struct Context<'a> {
    pub(super) now: Timestamp,
    /// What there is, where that was looked up.
    known: Option<Known<'a>>,
    /// Whether something asked for what there is.
    asked: Cell<bool>,
}

/// The organisations, since the ids that clients see are not ours, and the custom fields, whose types say how to compare.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) tenants: &'a [Tenant],
    pub(super) fields: &'a [CustomField],
}

impl<'a> Context<'a> {
    /// A context without what there is: read again with it where that was asked for.
    pub(super) const fn bare(now: Timestamp) -> Self {
        Self { now, known: None, asked: Cell::new(false) }
    }

    pub(super) const fn full(now: Timestamp, known: Known<'a>) -> Self {
        Self { now, known: Some(known), asked: Cell::new(false) }
    }

    /// Returns whether the query must be read again with what there is.
    pub(super) fn is_wanting(&self) -> bool {
        self.asked.get() && self.known.is_none()
    }

    fn tenants(&self) -> &'a [Tenant] {
        self.asked.set(true);
        self.known.map(|known| known.tenants).unwrap_or_default()
    }

    /// Returns the organisation of this name or id.
    pub(super) fn tenant(&self, asked: &str) -> Option<TenantId> {
        let is = |tenant: &&Tenant| {
            tenant.id.as_str() == asked || tenant.name.eq_ignore_ascii_case(asked) || tenant_wire(&tenant.id) == asked
        };
        self.tenants().iter().find(is).map(|tenant| tenant.id.clone())
    }

    /// Returns the organisations whose names match a pattern.
    pub(super) fn tenants_like(&self, pattern: &str) -> Vec<TenantId> {
        let named = self.tenants().iter().filter(|tenant| matches(pattern, &tenant.name));
        named.map(|tenant| tenant.id.clone()).collect()
    }

    /// Returns the custom fields, or `None` before they were looked up.
    pub(super) fn custom_fields(&self) -> Option<&'a [CustomField]> {
        self.asked.set(true);
        self.known.map(|known| known.fields)
    }
}
