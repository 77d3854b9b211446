//! What is known to be harmless, for a while.

use serde::{Deserialize, Serialize};

use crate::{Actor, ObservableKind, RuleId, SuppressionId, TenantId, Timestamp};

/// Keeps findings that are known to be harmless from becoming alerts, until it expires. They are recorded and counted as
/// suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suppression {
    /// Random.
    pub id: SuppressionId,
    /// Whose findings; `None` for those of all tenants.
    pub tenant: Option<TenantId>,
    /// Of which rule; `None` for any.
    pub rule: Option<RuleId>,
    /// What must hold of the finding's entities, all of it. Empty only where a rule is named.
    pub conditions: Vec<SuppressionCondition>,
    /// Why, for those who find it later.
    pub reason: String,
    /// Who put it up.
    pub created_by: Actor,
    /// Since when.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// What must hold of a finding's entities.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SuppressionCondition {
    /// One of them is this value.
    Value {
        /// Of which kind.
        kind: ObservableKind,
        /// The value, without regard to ASCII case.
        value: String,
    },
    /// One of them is an address in this network.
    Network {
        /// The network, as `10.0.0.0/8`.
        network: String,
    },
}

impl Suppression {
    /// How long a reason may be, in bytes.
    pub const REASON_BYTES_MAX: usize = 2_000;
    /// How many conditions one may have.
    pub const CONDITIONS_MAX: usize = 16;
    /// How long a value of a condition may be, in bytes.
    pub const VALUE_BYTES_MAX: usize = 1_024;
    /// How long one may last, in days.
    pub const DAYS_MAX: u32 = 366;
}
