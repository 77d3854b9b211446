//! Events that match, newest first, a page at a time.

use std::cmp::Reverse;
use std::ops::Bound;
use std::sync::Arc;

use tantivy::collector::sort_key::SortByStaticFastValue;
use tantivy::collector::{Collector, Count, TopDocs};
use tantivy::query::{FastFieldRangeQuery, Query};
use tantivy::schema::Field;
use tantivy::{DocAddress, Order, Searcher, TantivyDocument, Term};
use vigie_model::{Filter, Page, TenantId, Timestamp};

use crate::columns::{Columns, TIE};
use crate::index::{EventIndex, unreadable};
use crate::manifest::Span;
use crate::partition::Partition;
use crate::store::{SearchPage, SearchRequest};
use crate::{PartitionError, SearchError, StoredEvent, query};

/// A partition that may hold events that match, and what is asked of it.
pub(crate) struct Target {
    pub(crate) partition: Arc<Partition>,
    pub(crate) span: Span,
    pub(crate) query: Box<dyn Query>,
}

/// Returns the partitions that may hold events that match, those with the newest events first.
pub(crate) fn targets(
    index: &EventIndex,
    tenants: &[TenantId],
    filter: &Filter,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Vec<Target>, SearchError> {
    let mut tenants: Vec<&TenantId> = tenants.iter().collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut targets = Vec::new();
    for tenant in tenants {
        let query = query::lower(filter, &index.columns, tenant)?;
        for partition in index.partitions_of(tenant) {
            let Some(span) = partition.manifest().span.filter(|span| span.meets(from, until)) else { continue };
            let query = within(&index.columns, query.box_clone(), span, from, until);
            targets.push(Target { partition, span, query });
        }
    }
    targets.sort_by_key(|target| Reverse(target.span.max));
    Ok(targets)
}

/// Narrows a query to a range of time, unless the whole partition is within it.
fn within(
    columns: &Columns,
    query: Box<dyn Query>,
    span: Span,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Box<dyn Query> {
    let time = time_column(columns);
    let term = |time_value: Timestamp| Term::from_field_i64(time, time_value.as_micros());
    let from = from.filter(|from| from.as_micros() > span.min).map(term);
    let until = until.filter(|until| until.as_micros() <= span.max).map(term);
    if from.is_none() && until.is_none() {
        return query;
    }
    let low = from.map_or(Bound::Unbounded, Bound::Included);
    let high = until.map_or(Bound::Unbounded, Bound::Excluded);
    query::all_of(vec![query, Box::new(FastFieldRangeQuery::new(low, high))])
}

fn time_column(columns: &Columns) -> Field {
    columns.schema.get_field("time").expect("the table of fields has `time`")
}

/// A place in the order of events: newest first, of equal times the greater id first. An id stands there by its first 8
/// bytes: that two events of one microsecond share them is not to be expected before 2³² events in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    micros: i64,
    tie: u64,
}

impl Place {
    fn parse(text: &str) -> Result<Self, SearchError> {
        let parse = || {
            let (micros, tie) = text.strip_prefix("1.")?.split_once('.')?;
            Some(Self { micros: micros.parse().ok()?, tie: u64::from_str_radix(tie, 16).ok()? })
        };
        parse().ok_or_else(|| SearchError::Cursor(text.chars().take(80).collect()))
    }

    fn cursor(self) -> String {
        format!("1.{}.{:016x}", self.micros, self.tie)
    }
}

/// An event that matches, not yet loaded.
struct Hit {
    place: Place,
    target: usize,
    address: DocAddress,
}

/// Returns a page of the events that match.
pub(crate) fn search(index: &EventIndex, request: &SearchRequest) -> Result<SearchPage, SearchError> {
    let after = request.cursor.as_deref().map(Place::parse).transpose()?;
    let limit = request.limit.clamp(1, Page::LIMIT_MAX) as usize;
    let targets = targets(index, &request.tenants, &request.filter, request.from, request.until)?;
    let mut views = Vec::with_capacity(targets.len());
    let mut hits: Vec<Hit> = Vec::new();
    let mut total = 0;
    for (number, target) in targets.iter().enumerate() {
        let view = index.view(&target.partition)?;
        let broken = |error| unreadable(&target.partition, PartitionError::from(error));
        // One more than the page holds says whether there is a next page.
        let full = hits.get(limit).is_some_and(|last| last.place.micros > target.span.max);
        let passed = after.is_some_and(|after| target.span.min > after.micros);
        total += view.search(&target.query, &Count).map_err(broken)? as u64;
        if !full && !passed {
            let found = newest(&index.columns, &view, target, after, limit + 1).map_err(broken)?;
            hits.extend(found.into_iter().map(|(place, address)| Hit { place, target: number, address }));
            hits.sort_by_key(|hit| Reverse(hit.place));
            hits.dedup_by_key(|hit| hit.place);
            hits.truncate(limit + 1);
        }
        views.push(view);
    }
    let more = hits.len() > limit;
    hits.truncate(limit);
    let next = hits.last().filter(|_| more).map(|hit| hit.place.cursor());
    let load = |hit: &Hit| load(&index.columns, &targets[hit.target].partition, &views[hit.target], hit.address);
    let events = hits.iter().map(load).collect::<Result<_, _>>()?;
    Ok(SearchPage { events, next, total })
}

/// Returns the newest events of a partition that match and come after a place.
fn newest(
    columns: &Columns,
    view: &Searcher,
    target: &Target,
    after: Option<Place>,
    limit: usize,
) -> tantivy::Result<Vec<(Place, DocAddress)>> {
    let query = match after {
        Some(after) => query::all_of(vec![target.query.box_clone(), comes_after(columns, after)]),
        None => target.query.box_clone(),
    };
    let collector = by_place(limit);
    let found = view.search(&query, &collector)?;
    let place = |micros: Option<i64>, tie: Option<u64>| Place { micros: micros.unwrap_or(0), tie: tie.unwrap_or(0) };
    Ok(found.into_iter().map(|((micros, tie), address)| (place(micros, tie), address)).collect())
}

type Found = Vec<((Option<i64>, Option<u64>), DocAddress)>;

fn by_place(limit: usize) -> impl Collector<Fruit = Found> {
    let time = (SortByStaticFastValue::<i64>::for_field("time"), Order::Desc);
    let tie = (SortByStaticFastValue::<u64>::for_field(TIE), Order::Desc);
    TopDocs::with_limit(limit).order_by((time, tie))
}

fn comes_after(columns: &Columns, place: Place) -> Box<dyn Query> {
    let time = Term::from_field_i64(time_column(columns), place.micros);
    let tie = Term::from_field_u64(columns.tie, place.tie);
    let older = FastFieldRangeQuery::new(Bound::Unbounded, Bound::Excluded(time.clone()));
    let same = FastFieldRangeQuery::new(Bound::Included(time.clone()), Bound::Included(time));
    let lesser = FastFieldRangeQuery::new(Bound::Unbounded, Bound::Excluded(tie));
    query::any_of(vec![Box::new(older), query::all_of(vec![Box::new(same), Box::new(lesser)])])
}

/// Returns the event that stands at an address.
pub(crate) fn load(
    columns: &Columns,
    partition: &Partition,
    view: &Searcher,
    address: DocAddress,
) -> Result<StoredEvent, SearchError> {
    let row: TantivyDocument = view.doc(address).map_err(|error| unreadable(partition, error))?;
    StoredEvent::from_row(columns, &partition.key.tenant, &row).map_err(|error| unreadable(partition, error))
}
