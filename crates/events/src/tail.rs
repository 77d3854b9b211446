//! Events in the order in which they became searchable, for who watches them come.

use std::ops::Bound;

use tantivy::query::FastFieldRangeQuery;
use tantivy::{DocAddress, Searcher, Term};
use vigie_model::{Filter, Page, TenantId};

use crate::columns::SEQ;
use crate::index::EventIndex;
use crate::scan::{Fault, Rows, Work};
use crate::search::load;
use crate::store::Skipped;
use crate::targets::{Asked, Scope, Target, Targets};
use crate::{EventStore as _, LogPosition, SearchBudget, SearchError, StoredEvent};

/// Which events to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct TailRequest {
    /// Whose events; none finds nothing.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy.
    pub filter: Filter,
    /// From where on: [`TailPage::next`] of the page before, or [`crate::EventStore::position`] for what comes from now on.
    pub from: LogPosition,
    /// How many events to return, held within 1 and [`vigie_model::Page::LIMIT_MAX`].
    pub limit: u32,
}

/// Events that became searchable.
#[derive(Debug, Clone, PartialEq)]
pub struct TailPage {
    /// The events, each with its sequence, in the order of these.
    pub events: Vec<(u64, StoredEvent)>,
    /// Where to go on: all before it is in this page or does not match.
    pub next: LogPosition,
    /// The partitions that could not be read.
    pub skipped: Vec<Skipped>,
}

struct Hit {
    sequence: u64,
    target: usize,
    address: DocAddress,
}

/// Returns the events that follow a position. Partitions are committed one after the other; the page ends where all are, so
/// that no event of a lower sequence appears after one of a higher.
pub(crate) fn tail(index: &EventIndex, request: &TailRequest, budget: &SearchBudget) -> Result<TailPage, SearchError> {
    let end = index.position();
    let limit = request.limit.clamp(1, Page::LIMIT_MAX) as usize;
    let mut page = TailPage { events: Vec::new(), next: end.max(request.from), skipped: Vec::new() };
    let scope = Scope { tenants: &request.tenants, filter: &request.filter, from: None, until: None };
    let mut targets = Targets::of(index, scope, budget)?;
    targets.partitions.retain(|target| target.partition.manifest().until > request.from);
    let mut found = Following { from: request.from.get(), end: end.get(), limit, hits: Vec::new(), views: Vec::new() };
    found.views.resize_with(targets.partitions.len(), || None);
    let mut work = Work::begin(budget, targets.events());
    targets.each(|number, target| found.take(index, number, target, &mut work))?;
    found.prune();
    page.skipped = targets.skipped;
    if found.hits.len() > limit {
        page.next = LogPosition::new(found.hits[limit].sequence);
        found.hits.truncate(limit);
    }
    let mut bytes = 0;
    for hit in &found.hits {
        work.look()?;
        let partition = &targets.partitions[hit.target].partition;
        let Some(view) = &found.views[hit.target] else { continue };
        match load(&index.columns, partition, view, hit.address) {
            Ok((event, event_bytes)) => {
                bytes += event_bytes;
                if bytes > budget.page_bytes_max() && !page.events.is_empty() {
                    page.next = LogPosition::new(hit.sequence);
                    break;
                }
                page.events.push((hit.sequence, event));
            }
            Err(error) => page.skipped.push(Skipped::new(partition, &error)),
        }
    }
    Ok(page)
}

/// The hits of the lowest sequences so far.
struct Following {
    from: u64,
    end: u64,
    limit: usize,
    hits: Vec<Hit>,
    views: Vec<Option<Searcher>>,
}

impl Following {
    fn take(&mut self, index: &EventIndex, number: usize, target: &Target, work: &mut Work<'_>) -> Result<(), Fault> {
        let view = index.view(&target.partition)?;
        let term = |sequence| Term::from_field_u64(index.columns.seq, sequence);
        let range = FastFieldRangeQuery::new(Bound::Included(term(self.from)), Bound::Excluded(term(self.end)));
        for asked in target.segments(index, &view, Some(&range), work)? {
            if asked.last_sequence >= self.from {
                self.take_segment(number, &asked, work)?;
            }
            work.done(asked.segment.max_doc());
        }
        self.views[number] = Some(view);
        Ok(())
    }

    fn take_segment(&mut self, number: usize, asked: &Asked<'_>, work: &Work<'_>) -> Result<(), Fault> {
        let sequences = asked.segment.fast_fields().u64(SEQ)?;
        asked.matcher.each(asked.segment, work, |rows: &Rows<'_>| {
            for row in rows.iter() {
                let Some(sequence) = sequences.first(row) else { continue };
                let address = DocAddress::new(asked.ordinal, row);
                self.hits.push(Hit { sequence, target: number, address });
            }
            if self.hits.len() > self.limit * 2 {
                self.prune();
            }
            Ok(())
        })
    }

    /// Keeps one more than asked for: it says where the next page begins.
    fn prune(&mut self) {
        self.hits.sort_unstable_by_key(|hit| hit.sequence);
        self.hits.truncate(self.limit + 1);
    }
}
