//! What the rest of the house asks of an event store, and what it answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_model::{Event, EventId, Filter, TenantId, Timestamp};

use crate::{AppendError, CommitError, LogPosition, SearchError, StoredEvent};

/// Keeps events and finds them again. The seam behind which a cluster engine may stand in place of [`crate::EventIndex`].
///
/// Every method blocks; from async code call it on a blocking thread. All of them may be called from several threads.
pub trait EventStore: Send + Sync {
    /// Takes in the events of one log entry, in order; the i-th has sequence `at + i`. They become searchable, and survive a
    /// crash, with the next [`Self::commit`]. One that its partition has committed already (its sequence is below what the
    /// partition has of the log), or whose id is known, changes nothing.
    ///
    /// Entries come in the order of the log, from one thread at a time. Returns how many of the events were new.
    fn append(&self, events: &[Event], at: LogPosition) -> Result<usize, AppendError>;

    /// Makes every event appended so far searchable and durable, and remembers that the log is not needed before `until`,
    /// which is the end of the last entry appended, or of a later one without events.
    fn commit(&self, until: LogPosition) -> Result<(), CommitError>;

    /// Returns from where the log must be read again after a start, and after an error of [`Self::append`] or
    /// [`Self::commit`]: after such an error everything uncommitted is let go of.
    fn position(&self) -> LogPosition;

    /// Returns a position at or after all that this store knows of the log: a log that was lost and begins anew must begin
    /// no earlier, or its events would be taken for known ones.
    fn end(&self) -> LogPosition;

    /// Returns the events that match, newest first.
    fn search(&self, request: &SearchRequest) -> Result<SearchPage, SearchError>;

    /// Returns how many events match in each interval of time.
    fn histogram(&self, request: &HistogramRequest) -> Result<Histogram, SearchError>;

    /// Returns the commonest values of a field among the events that match.
    fn top(&self, request: &TopRequest) -> Result<TopValues, SearchError>;

    /// Returns a tenant's event, or `None` where the tenant has none of that id.
    fn get(&self, tenant: &TenantId, id: EventId) -> Result<Option<StoredEvent>, SearchError>;

    /// Returns how many searchable events a tenant has.
    fn count(&self, tenant: &TenantId) -> Result<u64, SearchError>;

    /// Returns how many events a tenant has of each UTC day from the day of `from` up to, not including, `until`, days
    /// without events included. For reports.
    fn per_day(
        &self,
        tenant: &TenantId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Timestamp, u64)>, SearchError> {
        let histogram = self.histogram(&HistogramRequest {
            tenants: vec![tenant.clone()],
            filter: Filter::All,
            from: Some(from),
            until: Some(until),
            interval: Interval::Fixed(Duration::from_hours(24)),
        })?;
        Ok(histogram.buckets.into_iter().map(|bucket| (bucket.start, bucket.count)).collect())
    }
}

/// Which events to find.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// Whose events; none finds nothing.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy; see [`crate::parse_search`] and [`crate::search_fields`].
    pub filter: Filter,
    /// The earliest event time, included.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included.
    pub until: Option<Timestamp>,
    /// How many events to return, held within 1 and [`vigie_model::Page::LIMIT_MAX`].
    pub limit: u32,
    /// [`SearchPage::next`] of the page before; `None` for the first page.
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// Returns a request for the newest events of one tenant that satisfy a filter.
    pub fn newest(tenant: &TenantId, filter: Filter, limit: u32) -> Self {
        Self { tenants: vec![tenant.clone()], filter, from: None, until: None, limit, cursor: None }
    }
}

/// One page of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchPage {
    /// The events, newest first by event time; of equal times the greater id first.
    pub events: Vec<StoredEvent>,
    /// The cursor of the next page, or `None` where this is the last. It names a place in time, not a number of rows, so
    /// that events which arrive meanwhile neither repeat nor hide others.
    pub next: Option<String>,
    /// How many events match in all, those of earlier pages included, at the time of this request.
    pub total: u64,
}

/// How wide the intervals of a histogram are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// So wide, at least a millisecond; counted from 1970, so that days begin at midnight UTC.
    Fixed(Duration),
    /// The narrowest of a list of customary widths (1 s to 1,000 years) that needs no more than so many intervals.
    AtMost(u32),
}

/// Which events to count over time.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramRequest {
    /// Whose events.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy.
    pub filter: Filter,
    /// The earliest event time, included; `None` begins at the earliest event that matches.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included; `None` ends after the latest event that matches.
    pub until: Option<Timestamp>,
    /// How wide the intervals are.
    pub interval: Interval,
}

/// Events over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// The width of each interval in milliseconds.
    pub interval_ms: u64,
    /// The intervals in order, empty ones included; at most [`Histogram::BUCKETS_MAX`].
    pub buckets: Vec<Bucket>,
    /// How many events match in all.
    pub total: u64,
}

impl Histogram {
    /// How many intervals a histogram has at most.
    pub const BUCKETS_MAX: u64 = 10_000;
}

/// One interval of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// When it begins.
    pub start: Timestamp,
    /// How many events fall within it.
    pub count: u64,
}

/// Which values to count.
#[derive(Debug, Clone, PartialEq)]
pub struct TopRequest {
    /// Whose events.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy.
    pub filter: Filter,
    /// The earliest event time, included.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included.
    pub until: Option<Timestamp>,
    /// The field, by its name or an alias; one whose [`crate::SearchField::countable`] is true.
    pub field: String,
    /// How many values to return, held within 1 and [`TopValues::LIMIT_MAX`].
    pub limit: u32,
}

/// The commonest values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValues {
    /// The field's own name.
    pub field: String,
    /// The values, commonest first; of equal counts the lesser first.
    pub values: Vec<TopValue>,
    /// How many of the events that match have a value that is not listed.
    pub other: u64,
    /// How many of the events that match have no value.
    pub missing: u64,
    /// How many events match in all.
    pub total: u64,
}

impl TopValues {
    /// How many values are returned at most.
    pub const LIMIT_MAX: u32 = 1_000;
}

/// One value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    /// The value, as the events write it.
    pub value: String,
    /// How many of the events that match have it.
    pub count: u64,
}
