//! Integration tests of `vigie-ingest`.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod datasets;
mod golden;
mod hostile;
mod native;
mod receivers;
mod tails;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use vigie_ingest::{BatchName, Normalised, Sources, normalise, portions, split};
use vigie_model::{BatchContext, SourceName, TenantId, Timestamp};

/// When every body of these tests arrives.
const ARRIVAL: &str = "2026-03-02T00:00:00Z";

fn tenant() -> TenantId {
    TenantId::new("acme").unwrap()
}

fn source(name: &str) -> SourceName {
    SourceName::new(name).unwrap()
}

/// Splits and normalises a body, as the HTTP door and `vigie ingest` do.
fn ingest(name: &str, body: impl Into<Bytes>, context: Option<Arc<BatchContext>>) -> Normalised {
    let sources = Sources::builtin();
    let reader = sources.get(&source(name)).unwrap();
    let arrival: Timestamp = ARRIVAL.parse().unwrap();
    let split = split(reader, &tenant(), BatchName::new("batch"), body.into(), context, arrival);
    let mut out = Normalised::default();
    for portion in portions(&split.records) {
        let found = normalise(&sources, portion);
        out.events.extend(found.events);
        out.dead.extend(found.dead);
    }
    out.dead.extend(split.dead);
    out
}

/// Returns a folder of the shared test data, or `None`, said aloud, where there is none.
fn shared(folder: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("VIGIE_TEST_DATA") else {
        let required = std::env::var("VIGIE_REQUIRE_DATA").is_ok_and(|value| value == "1");
        assert!(!required, "VIGIE_REQUIRE_DATA is set, VIGIE_TEST_DATA is not");
        println!("skipped: VIGIE_TEST_DATA is not set");
        return None;
    };
    let path = PathBuf::from(root).join(folder);
    assert!(path.exists(), "{} does not exist", path.display());
    Some(path)
}
