//! How many searches run at once: so many in all, so many for each tenant, so that nobody's questions starve another's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use vigie_model::TenantId;

/// How many searches may run at once.
#[derive(Debug)]
pub(crate) struct SearchSlots {
    all_max: usize,
    tenant_max: usize,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    all: usize,
    by_tenant: HashMap<TenantId, usize>,
}

/// Held for as long as a search runs, also where nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct SearchSlot {
    slots: Arc<SearchSlots>,
    tenants: Vec<TenantId>,
}

/// As many searches run as may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl SearchSlots {
    pub(crate) fn new(all_max: usize, tenant_max: usize) -> Arc<Self> {
        Arc::new(Self { all_max, tenant_max, running: Mutex::default() })
    }

    /// Takes a slot for a search among the events of these tenants.
    pub(crate) fn take(self: &Arc<Self>, tenants: &[TenantId]) -> Result<SearchSlot, Busy> {
        let mut running = self.running.lock().expect("no one panics while holding this lock");
        let full = |tenant: &TenantId| running.by_tenant.get(tenant).is_some_and(|count| *count >= self.tenant_max);
        if running.all >= self.all_max || tenants.iter().any(full) {
            return Err(Busy);
        }
        running.all += 1;
        for tenant in tenants {
            *running.by_tenant.entry(tenant.clone()).or_default() += 1;
        }
        Ok(SearchSlot { slots: Arc::clone(self), tenants: tenants.to_vec() })
    }
}

impl Drop for SearchSlot {
    fn drop(&mut self) {
        let mut running = self.slots.running.lock().expect("no one panics while holding this lock");
        running.all -= 1;
        for tenant in &self.tenants {
            if let Some(count) = running.by_tenant.get_mut(tenant) {
                *count -= 1;
                if *count == 0 {
                    running.by_tenant.remove(tenant);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_limited_in_all_and_for_each_tenant() {
        let tenants = ["acme", "globex", "initech"].map(|name| TenantId::new(name).unwrap());
        let slots = SearchSlots::new(3, 2);
        let first = slots.take(&tenants[..1]).unwrap();
        let both = slots.take(&tenants[..2]).unwrap();
        assert_eq!(slots.take(&tenants[..1]).err(), Some(Busy), "a third of acme");
        let last = slots.take(&tenants[2..]).unwrap();
        assert_eq!(slots.take(&tenants[1..2]).err(), Some(Busy), "a fourth in all");
        drop(last);
        drop(both);
        let again = slots.take(&tenants[..1]).unwrap();
        drop((first, again));
        assert_eq!(slots.running.lock().unwrap().all, 0);
        assert!(slots.running.lock().unwrap().by_tenant.is_empty());
    }
}
