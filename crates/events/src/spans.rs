//! The ranges of event times and sequences of segments, remembered: reading one opens a whole column.

use std::collections::HashMap;
use std::sync::Mutex;

use tantivy::SegmentReader;
use tantivy::index::SegmentId;

use crate::columns::SEQ;
use crate::manifest::Span;
use crate::partition::lock;

/// How many are remembered; then it begins anew.
const SPANS_MAX: usize = 65_536;

/// What is remembered of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentSpan {
    /// Its range of event times. It may be wider than the events are, never narrower.
    pub(crate) times: Span,
    /// No event of it has a greater sequence.
    pub(crate) last_sequence: u64,
}

/// The ranges of event times and the sequences of segments. A segment never changes, so neither do these.
#[derive(Default)]
pub(crate) struct SegmentSpans(Mutex<HashMap<SegmentId, SegmentSpan>>);

impl SegmentSpans {
    /// Returns what is remembered of a segment; the first time, its columns are asked.
    pub(crate) fn of(&self, segment: &SegmentReader) -> tantivy::Result<SegmentSpan> {
        let id = segment.segment_id();
        if let Some(span) = lock(&self.0).get(&id) {
            return Ok(*span);
        }
        let times = segment.fast_fields().i64("time")?;
        let times = Span { min: times.min_value(), max: times.max_value() };
        let span = SegmentSpan { times, last_sequence: segment.fast_fields().u64(SEQ)?.max_value() };
        let mut known = lock(&self.0);
        if known.len() >= SPANS_MAX {
            known.clear();
        }
        known.insert(id, span);
        Ok(span)
    }
}
