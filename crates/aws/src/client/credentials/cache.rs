//! Credentials that were found, until they end.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::{AwsError, Credentials, Found};

/// How long before their end credentials are replaced.
const REFRESH_BEFORE: Duration = Duration::from_mins(5);
/// How long a search that failed is not repeated: for nobody where there is nothing to sign with, and for nobody either
/// where the old credentials are still good.
const FAILED_FOR: Duration = Duration::from_secs(2);
const FAILED_REFRESH_FOR: Duration = Duration::from_secs(30);
/// How long is waited at a time.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// One search at a time; the others wait for it, or use what is still good.
#[derive(Debug, Default)]
pub(super) struct Cache {
    state: Mutex<State>,
    searched: Condvar,
}

#[derive(Debug, Default)]
struct State {
    found: Option<Found>,
    searching: bool,
    /// When the last search failed, and what it had tried.
    failed: Option<(SystemTime, Vec<String>)>,
}

impl Cache {
    /// Returns credentials that are good. Whoever waits for another's search gives up at `until`.
    pub(super) fn get(
        &self,
        until: Option<Instant>,
        now: impl Fn() -> SystemTime,
        search: impl FnOnce() -> Result<Found, AwsError>,
    ) -> Result<Credentials, AwsError> {
        let mut state = self.lock();
        loop {
            let time = now();
            let good = state.found.as_ref().filter(|found| found.expires.is_none_or(|end| end > time));
            if let Some(good) = good {
                let fresh = good.expires.is_none_or(|end| end > time + REFRESH_BEFORE);
                if fresh || state.searching || state.failed_within(FAILED_REFRESH_FOR, time) {
                    return Ok(good.credentials.clone());
                }
                break;
            }
            if !state.searching {
                if state.failed_within(FAILED_FOR, time)
                    && let Some((_, tried)) = &state.failed
                {
                    return Err(AwsError::NoCredentials { tried: tried.clone() });
                }
                break;
            }
            let left = until.map_or(WAIT_MAX, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(AwsError::Unavailable {
                    operation: "find credentials".to_owned(),
                    reason: "no time is left to wait for them".to_owned(),
                    may_be_done: false,
                });
            }
            state = self.searched.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.searching = true;
        drop(state);
        let done = Searching(self);
        let result = search();
        let mut state = self.lock();
        let answer = match result {
            Ok(found) => {
                let credentials = found.credentials.clone();
                state.found = Some(found);
                state.failed = None;
                Ok(credentials)
            }
            Err(error) => {
                let tried = match &error {
                    AwsError::NoCredentials { tried } => tried.clone(),
                    other => vec![other.to_string()],
                };
                let time = now();
                state.failed = Some((time, tried));
                match &state.found {
                    Some(old) if old.expires.is_none_or(|end| end > time) => Ok(old.credentials.clone()),
                    Some(_) | None => Err(error),
                }
            }
        };
        drop(state);
        drop(done);
        answer
    }

    /// Forgets these credentials, unless others have taken their place already. Returns whether a new search is worth it.
    pub(super) fn forget(&self, credentials: &Credentials) -> bool {
        let mut state = self.lock();
        if state.found.as_ref().is_some_and(|found| found.credentials == *credentials) {
            state.found = None;
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn failed_within(&self, time: Duration, now: SystemTime) -> bool {
        self.failed.as_ref().is_some_and(|(at, _)| now.duration_since(*at).is_ok_and(|passed| passed < time))
    }
}

/// Lets the others go on, also where the search panics.
struct Searching<'a>(&'a Cache);

impl Drop for Searching<'_> {
    fn drop(&mut self) {
        self.0.lock().searching = false;
        self.0.searched.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn found(key: &str, seconds: u64) -> Found {
        let credentials = Credentials { key_id: key.to_owned(), secret: "s".to_owned(), token: None };
        Found { credentials, expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)) }
    }

    fn nothing() -> Result<Found, AwsError> {
        Err(AwsError::NoCredentials { tried: vec!["nowhere".to_owned()] })
    }

    #[test]
    fn they_are_replaced_before_they_end_and_serve_until_then() {
        let (cache, time) = (Cache::default(), Cell::new(1_000));
        let get = |result: Option<Result<Found, AwsError>>| {
            let now = || SystemTime::UNIX_EPOCH + Duration::from_secs(time.get());
            let got = cache.get(None, now, || result.expect("nobody should have looked"));
            got.map_or_else(|error| error.to_string(), |credentials| credentials.key_id)
        };
        assert_eq!(get(Some(Ok(found("a", 5_000)))), "a");
        time.set(4_699);
        assert_eq!(get(None), "a", "five minutes and a second before the end");
        time.set(4_700);
        assert_eq!(get(Some(nothing())), "a", "the old ones still serve");
        time.set(4_729);
        assert_eq!(get(None), "a", "and nobody looks again at once");
        time.set(4_730);
        assert_eq!(get(Some(Ok(found("b", 9_000)))), "b");
        time.set(9_000);
        assert!(get(Some(nothing())).contains("nowhere"));
        assert!(get(None).contains("nowhere"), "a failed search is not repeated at once");
        time.set(9_002);
        assert_eq!(get(Some(Ok(found("c", 20_000)))), "c");
        assert!(cache.forget(&found("b", 0).credentials));
        assert_eq!(get(None), "c", "others than those that expired");
        assert!(cache.forget(&found("c", 0).credentials));
        assert_eq!(get(Some(Ok(found("d", 20_000)))), "d");
    }

    #[test]
    fn one_looks_and_the_others_wait() {
        let (cache, searches) = (Cache::default(), AtomicU32::new(0));
        let search = || {
            searches.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(30));
            Ok(found("a", u64::from(u32::MAX)))
        };
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert_eq!(cache.get(None, SystemTime::now, search).unwrap().key_id, "a"));
            }
        });
        assert_eq!(searches.into_inner(), 1);
    }

    #[test]
    fn whoever_has_no_time_does_not_wait() {
        let (cache, begun) = (Cache::default(), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                cache.get(None, SystemTime::now, || {
                    begun.wait();
                    std::thread::sleep(Duration::from_millis(500));
                    nothing()
                })
            });
            begun.wait();
            let until = Instant::now() + Duration::from_millis(20);
            let error = cache.get(Some(until), SystemTime::now, || panic!("another is at it")).unwrap_err();
            assert!(error.to_string().contains("no time is left"), "{error}");
            assert!(until.elapsed() < Duration::from_millis(400));
        });
    }

    #[test]
    fn a_search_that_panics_does_not_stop_the_others() {
        let cache = Cache::default();
        std::thread::scope(|scope| {
            let died = scope.spawn(|| cache.get(None, SystemTime::now, || panic!("a test"))).join();
            assert!(died.is_err());
        });
        assert!(cache.get(None, SystemTime::now, || Ok(found("a", u64::from(u32::MAX)))).is_ok());
    }
}
