//! Where a question is asked: the partitions and segments that may hold what matches.

use std::cmp::Reverse;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tantivy::query::{AllQuery, FastFieldRangeQuery, Query};
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader, Term};
use vigie_model::{Filter, TenantId, Timestamp};

use crate::columns::Columns;
use crate::index::EventIndex;
use crate::manifest::Span;
use crate::partition::Partition;
use crate::scan::{Fault, Matcher, Work};
use crate::store::Skipped;
use crate::{PartitionError, SearchBudget, SearchError, query};

/// Whose events a question is about, and which of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) tenants: &'a [TenantId],
    pub(crate) filter: &'a Filter,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// The partitions that a question is asked of, and what could not be asked.
pub(crate) struct Targets<'i> {
    index: &'i EventIndex,
    /// Those with the newest events first.
    pub(crate) partitions: Vec<Target>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A partition that may hold events that match, and what is asked of it.
pub(crate) struct Target {
    pub(crate) partition: Arc<Partition>,
    pub(crate) span: Span,
    pub(crate) events: u64,
    query: Box<dyn Query>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl<'i> Targets<'i> {
    /// Returns the partitions that may hold events that match.
    pub(crate) fn of(index: &'i EventIndex, scope: Scope<'_>, budget: &SearchBudget) -> Result<Self, SearchError> {
        let mut tenants: Vec<&TenantId> = scope.tenants.iter().collect();
        tenants.sort_unstable();
        tenants.dedup();
        let (mut partitions, mut skipped) = (Vec::new(), Vec::new());
        for tenant in tenants {
            skipped.extend(index.set_aside_of(tenant));
            let query = query::lower(scope.filter, &index.columns, tenant, budget)?;
            for partition in index.partitions_of(tenant) {
                let manifest = partition.manifest();
                let Some(span) = manifest.span.filter(|span| span.meets(scope.from, scope.until)) else { continue };
                let (query, from, until) = (query.box_clone(), scope.from, scope.until);
                partitions.push(Target { partition, span, events: manifest.events, query, from, until });
            }
        }
        partitions.sort_by_key(|target| Reverse(target.span.max));
        Ok(Self { index, partitions, skipped })
    }

    /// Returns how many events the partitions hold.
    pub(crate) fn events(&self) -> u64 {
        self.partitions.iter().map(|target| target.events).sum()
    }

    /// Asks each partition. One that cannot be read is noted as skipped; the others are asked all the same.
    pub(crate) fn each(&mut self, mut ask: impl FnMut(usize, &Target) -> Result<(), Fault>) -> Result<(), SearchError> {
        for (number, target) in self.partitions.iter().enumerate() {
            // A damaged index may make its reader panic: to the question that is a partition which cannot be read.
            let asked = catch_unwind(AssertUnwindSafe(|| ask(number, target)));
            let error = match asked {
                Ok(Ok(())) => continue,
                Ok(Err(Fault::Question(error))) => return Err(error),
                Ok(Err(Fault::Partition(error))) => error,
                Err(_) => PartitionError::Damaged("reading it failed in the middle".to_owned()),
            };
            self.skipped.push(Skipped::new(&target.partition, &error));
            self.index.failed(&target.partition, &error);
        }
        Ok(())
    }
}

impl Target {
    /// Returns whether all events of the partition match, as far as its manifest tells.
    pub(crate) fn matches_whole(&self) -> bool {
        self.query.is::<AllQuery>() && self.contains(self.span)
    }

    /// Returns the times at which its events arrived.
    pub(crate) fn arrivals(&self) -> Span {
        let midnight = format!("{}T00:00:00Z", self.partition.key.date()).parse::<Timestamp>();
        let min = midnight.unwrap_or(Timestamp::EPOCH).as_micros();
        Span { min, max: min + 86_400_000_000 - 1 }
    }

    /// Returns whether every time of a range is asked for.
    fn contains(&self, span: Span) -> bool {
        self.from.is_none_or(|from| from.as_micros() <= span.min)
            && self.until.is_none_or(|until| span.max < until.as_micros())
    }

    /// Returns the segments that may hold events that match, those with the newest events first.
    pub(crate) fn segments<'v>(
        &self,
        index: &EventIndex,
        view: &'v Searcher,
        extra: Option<&dyn Query>,
        work: &mut Work<'_>,
    ) -> Result<Vec<Asked<'v>>, Fault> {
        let (mut plain, mut ranged) = (None, None);
        let mut asked = Vec::new();
        for (ordinal, segment) in view.segment_readers().iter().enumerate() {
            let remembered = index.spans.of(segment)?;
            let span = remembered.times;
            if segment.num_docs() == 0 || !span.meets(self.from, self.until) {
                work.done(segment.max_doc());
                continue;
            }
            let matcher = if self.contains(span) { &mut plain } else { &mut ranged };
            if matcher.is_none() {
                let mut parts = vec![self.query.box_clone()];
                parts.extend(extra.map(tantivy::query::QueryClone::box_clone));
                if !self.contains(span) {
                    parts.push(self.range(&index.columns));
                }
                *matcher = Some(Arc::new(Matcher::new(query::all_of(parts).as_ref(), view)?));
            }
            let Some(matcher) = matcher.clone() else { continue };
            let last_sequence = remembered.last_sequence;
            asked.push(Asked { segment, ordinal: ordinal as u32, span, last_sequence, matcher });
        }
        asked.sort_by_key(|asked| Reverse(asked.span.max));
        Ok(asked)
    }

    fn range(&self, columns: &Columns) -> Box<dyn Query> {
        let time = time_column(columns);
        let term = |at: Timestamp| Term::from_field_i64(time, at.as_micros());
        let low = self.from.map_or(Bound::Unbounded, |from| Bound::Included(term(from)));
        let high = self.until.map_or(Bound::Unbounded, |until| Bound::Excluded(term(until)));
        Box::new(FastFieldRangeQuery::new(low, high))
    }
}

/// A segment that may hold events that match, and what finds them.
pub(crate) struct Asked<'v> {
    pub(crate) segment: &'v SegmentReader,
    /// Its place in the view.
    pub(crate) ordinal: u32,
    /// Its range of event times.
    pub(crate) span: Span,
    /// No event of it has a greater sequence.
    pub(crate) last_sequence: u64,
    pub(crate) matcher: Arc<Matcher>,
}

fn time_column(columns: &Columns) -> Field {
    columns.schema.get_field("time").expect("the table of fields has `time`")
}
