//! `[events]`: how much of what came in is kept, and for how long.

use serde::{Deserialize, Serialize};
use vigie_model::TenantId;

/// `[events]`: how much of what came in is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Events {
    pub log_bytes_max: u64,
    pub log_segment_bytes: u64,
    pub retention_days: u32,
    pub retention_bytes: u64,
    pub tenant: Vec<TenantRetention>,
}

/// `[[events.tenant]]`: what differs for one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct TenantRetention {
    pub id: TenantId,
    #[serde(default)]
    pub retention_days: Option<u32>,
    #[serde(default)]
    pub retention_bytes: Option<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            log_bytes_max: 4 << 30,
            log_segment_bytes: 64 << 20,
            retention_days: 90,
            retention_bytes: 0,
            tenant: Vec::new(),
        }
    }
}

impl Events {
    /// Returns for how many days a tenant's events are kept, and how many bytes of them at most; 0 bytes is no limit.
    pub fn retention_of(&self, tenant: &TenantId) -> (u32, u64) {
        let own = self.tenant.iter().find(|own| own.id == *tenant);
        let days = own.and_then(|own| own.retention_days).unwrap_or(self.retention_days);
        (days, own.and_then(|own| own.retention_bytes).unwrap_or(self.retention_bytes))
    }
}
