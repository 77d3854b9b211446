//! How many actions a tenant may have done in an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_model::{Action, ActionStatus, TenantId, Timestamp};

/// How many actions of a kind a tenant may have done by playbooks in an hour. What is over the limit is refused: a rule
/// gone wild must not block half the internet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// For a kind that is not named below.
    pub per_hour: u32,
    /// By kind of action.
    pub kinds: BTreeMap<String, u32>,
}

impl Default for RateLimits {
    /// Sixty an hour of each kind.
    fn default() -> Self {
        Self { per_hour: 60, kinds: BTreeMap::new() }
    }
}

impl RateLimits {
    /// Returns the limit of a kind.
    pub fn of(&self, kind: &str) -> u32 {
        self.kinds.get(kind).copied().unwrap_or(self.per_hour)
    }
}

/// How many actions of each kind a tenant had in the last hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateUse(BTreeMap<String, u32>);

impl RateUse {
    /// Counts a tenant's actions of the hour before `now`, but for those that were refused or rejected.
    pub fn count<'a>(tenant: &TenantId, actions: impl IntoIterator<Item = &'a Action>, now: Timestamp) -> Self {
        let since = now.minus(Duration::from_hours(1));
        let mut used = Self::default();
        for action in actions {
            let counts = !matches!(action.status, ActionStatus::Refused | ActionStatus::Rejected);
            if counts && action.tenant == *tenant && action.created > since {
                used.add(&action.kind, 1);
            }
        }
        used
    }

    /// Adds to the count of a kind.
    pub fn add(&mut self, kind: &str, count: u32) {
        let used = self.0.entry(kind.to_owned()).or_default();
        *used = used.saturating_add(count);
    }

    /// Returns the count of a kind.
    pub fn of(&self, kind: &str) -> u32 {
        self.0.get(kind).copied().unwrap_or(0)
    }
}
