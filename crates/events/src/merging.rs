//! Which segments are merged while a partition is written to.

use std::collections::BTreeMap;

use tantivy::SegmentMeta;
use tantivy::merge_policy::{MergeCandidate, MergePolicy};

/// Merges sixteen segments of about the same size into one, and leaves alone what is big.
///
/// A commit each second makes a small segment each second. Merging costs a third of indexing each time that an event is
/// merged, so with these sizes most events of a busy partition are merged once while it is written to; at ten million events
/// a day some fifty segments are left, which a search takes in its stride. Once the day is over [`crate::EventIndex::compact`]
/// makes few of them.
#[derive(Debug)]
pub(crate) struct Sixteens;

/// How many segments of one size are merged.
const FAN_IN: usize = 16;
/// Segments up to this count as of one size, each size after that is [`FAN_IN`] times as big.
const SMALL_EVENTS: u32 = 2_000;
/// Segments from this on are left alone.
const BIG_EVENTS: u32 = SMALL_EVENTS * 256;

impl MergePolicy for Sixteens {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let mut by_size: BTreeMap<u32, Vec<_>> = BTreeMap::new();
        for segment in segments.iter().filter(|segment| segment.num_docs() < BIG_EVENTS) {
            by_size.entry(size(segment.num_docs())).or_default().push(segment.id());
        }
        by_size.into_values().filter(|ids| ids.len() >= FAN_IN).map(MergeCandidate).collect()
    }
}

fn size(events: u32) -> u32 {
    (events / SMALL_EVENTS).max(1).ilog(FAN_IN as u32) + u32::from(events >= SMALL_EVENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_sixteen_times_apart() {
        let sizes = [1, 1_999, 2_000, 31_999, 32_000, 511_999].map(size);
        assert_eq!(sizes, [0, 0, 1, 1, 2, 2]);
    }
}
