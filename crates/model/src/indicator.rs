//! A value known to threat intelligence.

use serde::{Deserialize, Serialize};

use crate::{IndicatorId, ObservableKind, TenantId, Timestamp, Tlp};

/// A value known to threat intelligence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Indicator {
    /// Derived from tenant, list, kind and value.
    pub id: IndicatorId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The list or MISP event that it came in.
    pub list: String,
    /// What kind of value it is. An `ip` may be a network in CIDR form.
    pub kind: ObservableKind,
    /// The value, in the canonical form of its kind.
    pub value: String,
    /// 0 (nothing) to 100 (certain).
    pub confidence: u8,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// From when it holds.
    pub valid_from: Option<Timestamp>,
    /// Until when it holds.
    pub valid_until: Option<Timestamp>,
    /// Free words.
    pub tags: Vec<String>,
    /// What its source says of it.
    pub comment: String,
}

impl Indicator {
    /// Returns the id of a tenant's indicator.
    pub fn id_of(tenant: &TenantId, list: &str, kind: ObservableKind, value: &str) -> IndicatorId {
        IndicatorId::derive([tenant.as_str(), list, kind.as_str(), value])
    }

    /// Returns whether it holds at this time.
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= time) && self.valid_until.is_none_or(|until| time < until)
    }
}
