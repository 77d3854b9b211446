//! What a fresh server can be tried with.

use vigie_model::Timestamp;

/// Records of one source, as its sender would post them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleBatch {
    /// The source, one of those that are built in.
    pub source: &'static str,
    /// The body of a request to `/api/v1/ingest/SOURCE`.
    pub body: Vec<u8>,
}

/// Somebody who can make up records.
pub trait SampleRecords: Send + Sync {
    /// Returns the records of a day that ends now, with an attack in it, in the order of their times within each source.
    fn batches(&self, now: Timestamp) -> Vec<SampleBatch>;
}
