//! The demo's story as sample records for a fresh server.

use vigie_model::Timestamp;
use vigie_server::{SampleBatch, SampleRecords};

use super::deliver::bodies;
use super::scenario::{Door, Scenario};

/// The demo's story of the first seed.
pub(crate) struct DemoSamples;

const SEED: u64 = 1;

impl SampleRecords for DemoSamples {
    fn batches(&self, now: Timestamp) -> Vec<SampleBatch> {
        let scenario = Scenario::new(SEED, now);
        let lines = |door: Door| -> Vec<u8> {
            let records = scenario.beats.iter().filter(|beat| beat.door == door);
            records.flat_map(|beat| [beat.record.as_bytes(), b"\n"]).flatten().copied().collect()
        };
        let mut batches = vec![
            SampleBatch { source: "linux_auth", body: lines(Door::Syslog) },
            SampleBatch { source: "web_access", body: lines(Door::AccessLog) },
            SampleBatch { source: "suricata_eve", body: lines(Door::EveFile) },
        ];
        let posted = bodies(&scenario.beats).into_iter();
        batches.extend(posted.map(|(source, _, body)| SampleBatch { source, body: body.into_bytes() }));
        batches
    }
}
