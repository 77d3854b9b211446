//! What must not be deleted.

use serde::{Deserialize, Serialize};

use crate::{Actor, HoldId, TenantId, Timestamp};

/// Says that a tenant's events of some days must not be deleted, however old they are and whatever room they take: for a
/// court, an insurer or an investigation that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalHold {
    /// Random.
    pub id: HoldId,
    /// Whose events.
    pub tenant: TenantId,
    /// The first moment of arrival that is held; `None` holds from the first event on.
    pub from: Option<Timestamp>,
    /// The moment of arrival that is not held any more; `None` holds all that will come.
    pub until: Option<Timestamp>,
    /// Why, for those who find it years later.
    pub reason: String,
    /// Who asked for it.
    pub placed_by: Actor,
    /// Since when.
    pub created: Timestamp,
}

impl LegalHold {
    /// How long a reason may be, in bytes.
    pub const REASON_BYTES_MAX: usize = 2_000;
}
