//! When a call is tried again, and how long is waited for that.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::Region;
use crate::operation::Service;

/// How many tries a service in a Region may cost before it is called dead: as the SDKs have it.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const QUOTA: u32 = 500;
/// What a further try costs.
const COST: u32 = 5;
/// What a further try costs after a try that got no answer.
const COST_AFTER_SILENCE: u32 = 10;
/// What a call that worked at once gives back.
const REFUND: u32 = 1;

/// The longest `Retry-After` that is waited for. Longer, and the call fails.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_secs(20);

/// Bounds the tries beyond the first of each service and Region, so that one that is dead does not eat the time which the
/// others need.
#[derive(Debug, Default)]
pub(super) struct Quota {
    spent: Mutex<BTreeMap<(Service, Region), u32>>,
}

impl Quota {
    /// Returns what the next try costs, or `None` where nothing is left.
    pub(super) fn take(&self, service: Service, region: &Region, silence: bool) -> Option<u32> {
        let cost = if silence { COST_AFTER_SILENCE } else { COST };
        let mut spent = self.spent.lock().ok()?;
        let spent = spent.entry((service, region.clone())).or_default();
        if *spent + cost > QUOTA {
            return None;
        }
        *spent += cost;
        Some(cost)
    }

    /// Gives back what the last try of a call that worked did cost; `None` where the first try worked.
    pub(super) fn give_back(&self, service: Service, region: &Region, cost: Option<u32>) {
        if let Ok(mut spent) = self.spent.lock()
            && let Some(spent) = spent.get_mut(&(service, region.clone()))
        {
            *spent = spent.saturating_sub(cost.unwrap_or(REFUND));
        }
    }
}

/// Returns how long to wait before the next try: "full jitter" up to 100 ms · 2ⁿ, at most 5 s. `random` is within 0..1.
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
pub(super) fn pause(attempt: u32, random: f64) -> Duration {
    let longest = Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(attempt.min(16)));
    longest.min(Duration::from_secs(5)).mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_seconds() {
        let longest: Vec<u64> = (1..9).map(|attempt| pause(attempt, 1.0).as_millis() as u64).collect();
        assert_eq!(longest, [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
        assert_eq!(pause(u32::MAX, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_dead_service_is_tried_no_more_and_the_others_are() {
        let (quota, here) = (Quota::default(), Region::new("eu-west-3").unwrap());
        let tries = (0..1000).take_while(|_| quota.take(Service::Waf, &here, true).is_some()).count();
        assert_eq!(tries, 50);
        assert!(quota.take(Service::Waf, &Region::new("us-east-1").unwrap(), true).is_some());
        assert!(quota.take(Service::Ec2, &here, true).is_some());
        quota.give_back(Service::Waf, &here, Some(COST_AFTER_SILENCE));
        assert!(quota.take(Service::Waf, &here, true).is_some(), "what worked again is tried again");
        assert!(quota.take(Service::Waf, &here, false).is_none());
        for _ in 0..5 {
            quota.give_back(Service::Waf, &here, None);
        }
        assert!(quota.take(Service::Waf, &here, false).is_some());
    }
}
