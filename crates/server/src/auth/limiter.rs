//! Slowing down whoever guesses passwords: each failure for a user from an address doubles the wait.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use vigie_model::Timestamp;

/// How many failures cost nothing.
pub const SIGN_IN_FREE_FAILURES: u32 = 5;
/// How many failures from one address, whatever the users, cost nothing.
pub const SIGN_IN_FREE_FAILURES_PER_ADDRESS: u32 = 20;
/// The longest wait.
pub const SIGN_IN_WAIT_MAX: Duration = Duration::from_mins(15);
/// How many users and addresses are remembered.
pub const SIGN_IN_MEMORY_MAX: usize = 10_000;

/// Who is guessing what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
    blocked_until: Timestamp,
}

/// Counts failed sign-ins by user and address, and by address alone.
#[derive(Default)]
pub(crate) struct SignInLimiter {
    failures: Mutex<HashMap<Key, Failures>>,
}

impl SignInLimiter {
    /// Returns how long this user must wait before the next try from this address, if at all.
    pub(crate) fn wait(&self, user: &str, address: IpAddr, now: Timestamp) -> Option<Duration> {
        let failures = self.failures.lock().expect("no one panics while holding this lock");
        keys(user, address)
            .iter()
            .filter_map(|(key, _)| failures.get(key))
            .map(|failures| failures.blocked_until.since(now))
            .filter(|wait| !wait.is_zero())
            .max()
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, user: &str, address: IpAddr, now: Timestamp) {
        let mut failures = self.failures.lock().expect("no one panics while holding this lock");
        for (key, free) in keys(user, address) {
            make_room(&mut failures, &key, now);
            let entry = failures.entry(key).or_insert(Failures { count: 0, last: now, blocked_until: now });
            if now.since(entry.last) > SIGN_IN_WAIT_MAX * 2 {
                entry.count = 0;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last = now;
            if entry.count >= free {
                let doubled = 1_u64.checked_shl(entry.count - free).unwrap_or(u64::MAX);
                entry.blocked_until = now.plus(Duration::from_secs(doubled).min(SIGN_IN_WAIT_MAX));
            }
        }
    }

    /// Forgets the failures of a user who signed in. Those of the address stay, or one account would buy guesses at all others.
    pub(crate) fn succeeded(&self, user: &str, address: IpAddr) {
        let mut failures = self.failures.lock().expect("no one panics while holding this lock");
        failures.remove(&Key::Pair(user.to_owned(), address));
    }
}

fn keys(user: &str, address: IpAddr) -> [(Key, u32); 2] {
    // One IPv6 customer has at least a /64 to try from.
    let address = match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        other => other.to_canonical(),
    };
    let user = user.chars().take(200).collect::<String>().to_lowercase();
    [(Key::Pair(user, address), SIGN_IN_FREE_FAILURES), (Key::Address(address), SIGN_IN_FREE_FAILURES_PER_ADDRESS)]
}

/// Keeps the memory bounded: what is old goes first, then what is oldest.
fn make_room(failures: &mut HashMap<Key, Failures>, key: &Key, now: Timestamp) {
    if failures.len() < SIGN_IN_MEMORY_MAX || failures.contains_key(key) {
        return;
    }
    failures.retain(|_, entry| now.since(entry.last) <= SIGN_IN_WAIT_MAX * 2);
    while failures.len() >= SIGN_IN_MEMORY_MAX {
        let Some(oldest) = failures.iter().min_by_key(|(_, entry)| entry.last).map(|(key, _)| key.clone()) else {
            return;
        };
        failures.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_ends() {
        let limiter = SignInLimiter::default();
        let from = address("192.0.2.1");
        let now = Timestamp::from_seconds(1_000_000);
        let waits: Vec<u64> = (0..20)
            .map(|_| {
                limiter.failed("ann", from, now);
                limiter.wait("ANN", from, now).unwrap_or_default().as_secs()
            })
            .collect();
        assert_eq!(waits[..9], [0, 0, 0, 0, 1, 2, 4, 8, 16]);
        assert_eq!(waits[19], SIGN_IN_WAIT_MAX.as_secs());
        assert_eq!(limiter.wait("ann", from, now.plus(SIGN_IN_WAIT_MAX)), None);
    }

    #[test]
    fn another_user_or_address_is_not_held_up_by_one_users_failures() {
        let limiter = SignInLimiter::default();
        let now = Timestamp::EPOCH;
        for _ in 0..10 {
            limiter.failed("ann", address("192.0.2.1"), now);
        }
        assert!(limiter.wait("ann", address("192.0.2.1"), now).is_some());
        assert_eq!(limiter.wait("bob", address("192.0.2.1"), now), None);
        assert_eq!(limiter.wait("ann", address("192.0.2.2"), now), None);
        limiter.succeeded("ann", address("192.0.2.1"));
        assert_eq!(limiter.wait("ann", address("192.0.2.1"), now), None);
    }

    #[test]
    fn one_address_that_tries_many_users_is_held_up() {
        let limiter = SignInLimiter::default();
        let now = Timestamp::EPOCH;
        for number in 0..SIGN_IN_FREE_FAILURES_PER_ADDRESS {
            limiter.failed(&number.to_string(), address(&format!("2001:db8::{number:x}")), now);
        }
        assert!(limiter.wait("new", address("2001:db8::ffff"), now).is_some());
        assert_eq!(limiter.wait("new", address("2001:db8:0:1::1"), now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = SignInLimiter::default();
        for number in 0..SIGN_IN_MEMORY_MAX + 10 {
            limiter.failed(&number.to_string(), address("192.0.2.1"), Timestamp::from_micros(number as i64));
        }
        assert!(limiter.failures.lock().unwrap().len() <= SIGN_IN_MEMORY_MAX);
    }
}
