//! Places at which a test can let the process die, as a power cut or the kernel would.
//!
//! A build with debug assertions reads `VIGIE_FAILPOINT` once: the name of a point, or `name:N` for its N-th hit. There the
//! process aborts: no destructor runs, no buffer is flushed, no lock file is tidied up. In a release build [`fail_point`]
//! does nothing and costs nothing.

#[cfg(debug_assertions)]
use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU64, Ordering};

/// Every point, in the order in which a batch meets them. Only these are known.
pub const FAIL_POINTS: &[&str] = &[
    "log.before_write",
    "log.torn_write",
    "log.before_fsync",
    "log.after_fsync",
    "log.rotated",
    "log.before_trim",
    "log.after_trim",
    "ingest.before_answer",
    "index.appended",
    "index.before_commit",
    "index.between_partitions",
    "index.after_commit",
    "index.position_written",
    "settle.before_commit",
    "settle.after_commit",
    "snapshot.half_written",
    "snapshot.before_rename",
    "snapshot.after_rename",
    "snapshot.trimmed",
];

/// Kills the process here where `VIGIE_FAILPOINT` says so; see the module's documentation.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn fail_point(name: &'static str) {
    #[cfg(debug_assertions)]
    if is_hit(name) {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// Returns whether the process is to die at this point, now. For points that do something first, such as half of it.
#[cfg(debug_assertions)]
pub(crate) fn is_hit(name: &'static str) -> bool {
    static CHOSEN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static HITS: AtomicU64 = AtomicU64::new(0);
    assert!(FAIL_POINTS.contains(&name), "`{name}` is not in FAIL_POINTS");
    let Some((chosen, at)) = CHOSEN.get_or_init(|| parse(&std::env::var("VIGIE_FAILPOINT").ok()?)) else {
        return false;
    };
    chosen == name && HITS.fetch_add(1, Ordering::Relaxed) + 1 == *at
}

/// Returns the point and the hit that a text names; a name that is not known is a mistake of the test and ends it.
#[cfg(debug_assertions)]
fn parse(text: &str) -> Option<(String, u64)> {
    if text.is_empty() {
        return None;
    }
    let (name, at) = text.split_once(':').map_or((text, Some(1)), |(name, at)| (name, at.parse().ok()));
    assert!(FAIL_POINTS.contains(&name), "VIGIE_FAILPOINT: `{name}` is not in FAIL_POINTS");
    Some((name.to_owned(), at.expect("VIGIE_FAILPOINT is `name` or `name:N`")))
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("log.rotated"), Some(("log.rotated".to_owned(), 1)));
        assert_eq!(parse("log.rotated:3"), Some(("log.rotated".to_owned(), 3)));
    }

    #[test]
    #[should_panic(expected = "not in FAIL_POINTS")]
    fn a_name_that_is_not_known_is_refused() {
        fail_point("log.misspelt");
    }
}
