//! The ranges of event times of segments, remembered: reading one opens the whole column.

use std::collections::HashMap;
use std::sync::Mutex;

use tantivy::SegmentReader;
use tantivy::index::SegmentId;

use crate::manifest::Span;
use crate::partition::lock;

/// How many are remembered; then it begins anew.
const SPANS_MAX: usize = 65_536;

/// The ranges of event times of segments. A segment never changes, so neither does its range.
#[derive(Default)]
pub(crate) struct SegmentSpans(Mutex<HashMap<SegmentId, Span>>);

impl SegmentSpans {
    /// Returns a segment's range of event times. It may be wider than the events are, never narrower.
    pub(crate) fn of(&self, segment: &SegmentReader) -> tantivy::Result<Span> {
        let id = segment.segment_id();
        if let Some(span) = lock(&self.0).get(&id) {
            return Ok(*span);
        }
        let times = segment.fast_fields().i64("time")?;
        let span = Span { min: times.min_value(), max: times.max_value() };
        let mut known = lock(&self.0);
        if known.len() >= SPANS_MAX {
            known.clear();
        }
        known.insert(id, span);
        Ok(span)
    }
}
