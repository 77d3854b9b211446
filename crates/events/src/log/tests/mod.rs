//! Tests of what cannot be reached through the public door: the exact bytes, and disks that fail.

mod bytes;
mod failures;

use ::bytes::Bytes;
use vigie_model::{Position, Record, SourceName, TenantId, Timestamp};

fn record(index: u64) -> Record {
    Record {
        tenant: TenantId::new("acme").unwrap(),
        source: SourceName::new("syslog").unwrap(),
        position: Position::Received { receiver: "udp-1".to_owned(), sequence: index },
        arrival: Timestamp::from_micros(1_000_000 + index as i64),
        bytes: Bytes::from(format!("line {index}")),
        context: None,
    }
}
