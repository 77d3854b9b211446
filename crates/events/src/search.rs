//! Events that match, newest first, a page at a time.

use tantivy::schema::Value as _;
use tantivy::{DocAddress, Searcher, TantivyDocument};
use vigie_model::{EventId, Page, TenantId};

use crate::columns::Columns;
use crate::damage::guarded;
use crate::index::EventIndex;
use crate::newest::{Newest, Order, Place};
use crate::partition::Partition;
use crate::scan::{Fault, Work};
use crate::store::{SearchPage, SearchRequest, Skipped};
use crate::targets::{Scope, Target, Targets};
use crate::{PartitionError, SearchBudget, SearchError, StoredEvent, stored};

/// Returns a page of the events that match.
pub(crate) fn search(
    index: &EventIndex,
    request: &SearchRequest,
    budget: &SearchBudget,
) -> Result<SearchPage, SearchError> {
    let after = request.cursor.as_deref().map(Place::parse).transpose()?;
    let limit = request.limit.clamp(1, Page::LIMIT_MAX) as usize;
    let scope = Scope { tenants: &request.tenants, filter: &request.filter, from: request.from, until: request.until };
    let mut targets = Targets::of(index, scope, budget)?;
    let mut work = Work::begin(budget, targets.events());
    // One more than the page holds says whether there is a next page.
    let mut found = Found { newest: Newest::new(limit + 1, after), total: 0, views: Vec::new() };
    found.views.resize_with(targets.partitions.len(), || None);
    targets.each(|number, target| found.take(index, number, target, &mut work))?;
    let hits = found.newest.finish();
    let mut page = SearchPage { events: Vec::new(), next: None, total: found.total, skipped: targets.skipped };
    let mut bytes = 0;
    for (number, hit) in hits.iter().enumerate() {
        work.look()?;
        if number == limit {
            page.next = hits.get(limit - 1).map(|last| last.place.cursor());
            break;
        }
        let partition = &targets.partitions[hit.target].partition;
        let Some(view) = &found.views[hit.target] else { continue };
        let (event, event_bytes) = match guarded(|| load(&index.columns, partition, view, hit.address)) {
            Ok(loaded) => loaded,
            Err(error) => {
                page.skipped.push(Skipped::new(partition, &error));
                continue;
            }
        };
        bytes += event_bytes;
        if bytes > budget.page_bytes_max() && number > 0 {
            page.next = Some(hits[number - 1].place.cursor());
            break;
        }
        page.events.push(event);
    }
    Ok(page)
}

/// What was found so far.
struct Found {
    newest: Newest,
    total: u64,
    /// The views that hits may be in, by the number of their partition.
    views: Vec<Option<Searcher>>,
}

impl Found {
    /// Counts what matches in a partition, and takes in what is among the newest, in one pass.
    fn take(&mut self, index: &EventIndex, number: usize, target: &Target, work: &mut Work<'_>) -> Result<(), Fault> {
        if target.matches_whole() && !self.newest.may_take(target.span.min, target.span.max) {
            self.total += target.events;
            return Ok(());
        }
        let view = index.view(&target.partition)?;
        for asked in target.segments(index, &view, None, work)? {
            if !self.newest.may_take(asked.span.min, asked.span.max) {
                self.total += asked.matcher.count(asked.segment, work)?;
                work.done(asked.segment.max_doc());
                continue;
            }
            // Opened with the first row: most segments have none of a rare word.
            let mut order = None;
            let (newest, total) = (&mut self.newest, &mut self.total);
            asked.matcher.each(asked.segment, work, |rows| {
                if rows.len() == 0 {
                    return Ok(());
                }
                *total += rows.len() as u64;
                let order = match &mut order {
                    Some(order) => order,
                    none => none.insert(Order::open(asked.segment, number, asked.ordinal)?),
                };
                order.take(rows, newest);
                Ok(())
            })?;
            newest.prune();
            work.done(asked.segment.max_doc());
        }
        if self.newest.holds(number) {
            self.views[number] = Some(view);
        }
        Ok(())
    }
}

/// Returns a tenant's event.
pub(crate) fn get(
    index: &EventIndex,
    tenant: &TenantId,
    id: EventId,
    budget: &SearchBudget,
) -> Result<Option<StoredEvent>, SearchError> {
    let partitions = index.partitions_of(tenant);
    let work = Work::begin(budget, partitions.len() as u64);
    let set_aside = index.damaged().into_iter().find(|damage| damage.tenant == *tenant);
    let mut unreadable = set_aside
        .map(|damage| SearchError::Partition { path: damage.path, source: PartitionError::Damaged(damage.what) });
    for partition in partitions.iter().rev() {
        work.look()?;
        let find = || {
            let view = index.view(partition)?;
            let found = partition.find(&view, id)?;
            found.map(|address| load(&index.columns, partition, &view, address)).transpose()
        };
        match guarded(find) {
            Ok(Some((event, _))) => return Ok(Some(event)),
            Ok(None) => {}
            Err(source) => {
                index.failed(partition, &source);
                unreadable = Some(SearchError::Partition { path: partition.folder.clone(), source });
            }
        }
    }
    // It may be where we cannot look: that is not to say that there is none.
    unreadable.map_or(Ok(None), Err)
}

/// Returns the event that stands at an address, and how many bytes are stored of it.
pub(crate) fn load(
    columns: &Columns,
    partition: &Partition,
    view: &Searcher,
    address: DocAddress,
) -> Result<(StoredEvent, usize), PartitionError> {
    let row: TantivyDocument = view.doc(address)?;
    let bytes = row.get_first(columns.stored).and_then(|value| value.as_bytes()).unwrap_or_default();
    let event = stored::decode(&partition.key.tenant, bytes).map_err(PartitionError::Damaged)?;
    Ok((event, bytes.len()))
}
