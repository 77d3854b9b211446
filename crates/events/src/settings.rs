//! How much memory and how many files the index may use.

use crate::OpenError;

/// How much memory and how many files the index may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexSettings {
    /// How many partitions are open for writing at once. The one written to least recently is committed and closed when
    /// another is needed.
    pub writers_max: usize,
    /// How much memory each open writer may fill before it writes a segment, in bytes; 15,000,000 at least. A busy partition
    /// should fit a second's events in: smaller segments cost as much again in merges.
    pub writer_heap_bytes: usize,
    /// How many partitions are open for reading at once.
    pub readers_max: usize,
    /// How many events are held uncommitted before the index commits by itself.
    pub uncommitted_max: usize,
    /// How many bytes of native documents are held uncommitted before the index commits by itself. Together with
    /// `uncommitted_max` it bounds the memory of all writers, which take three to four times as much.
    pub uncommitted_bytes_max: usize,
}

impl Default for IndexSettings {
    /// Twenty-four writers of 48 MB, 256 readers, 100,000 uncommitted events of 64 MB: half a gigabyte at most. A writer
    /// without uncommitted events takes next to nothing, so that many quiet tenants cost little; with fewer writers than
    /// tenants that send at once, each batch would close one partition and open another.
    fn default() -> Self {
        Self {
            writers_max: 24,
            writer_heap_bytes: 48_000_000,
            readers_max: 256,
            uncommitted_max: 100_000,
            uncommitted_bytes_max: 64_000_000,
        }
    }
}

impl IndexSettings {
    /// The least that tantivy takes (`MEMORY_BUDGET_NUM_BYTES_MIN`).
    const HEAP_BYTES_MIN: usize = 15_000_000;
    const HEAP_BYTES_MAX: usize = 4_000_000_000;

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let positive = [
            ("writers_max", self.writers_max),
            ("readers_max", self.readers_max),
            ("uncommitted_max", self.uncommitted_max),
            ("uncommitted_bytes_max", self.uncommitted_bytes_max),
        ];
        if let Some((name, value)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return Err(OpenError::Setting { name, value, expected: "1 or more" });
        }
        if !(Self::HEAP_BYTES_MIN..=Self::HEAP_BYTES_MAX).contains(&self.writer_heap_bytes) {
            let expected = "15000000 to 4000000000 bytes";
            return Err(OpenError::Setting { name: "writer_heap_bytes", value: self.writer_heap_bytes, expected });
        }
        Ok(())
    }
}
