//! What the rest of the house asks of an event store, and what it answers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_model::{Aggregation, AggregationKind, Event, EventId, Filter, Interval, TenantId, Timestamp};

use crate::partition::Partition;
use crate::{
    AggregateAnswer, AggregateRequest, AppendError, Bucket, CommitError, Compacted, Counted, Damage, Expiry, Histogram,
    HistogramRequest, LogPosition, PartitionError, RetentionPolicy, SearchBudget, SearchError, StoredEvent, TailPage,
    TailRequest, TopRequest, TopValue, TopValues,
};

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
    fn search(&self, request: &SearchRequest, budget: &SearchBudget) -> Result<SearchPage, SearchError>;

    /// Returns how many events match: in intervals of time, by value, nested once.
    fn aggregate(&self, request: &AggregateRequest, budget: &SearchBudget) -> Result<AggregateAnswer, SearchError>;

    /// Returns events in the order in which they became searchable, from a position on. What follows a page begins at its
    /// `next`, so that who goes on from there, also after a restart, misses none and sees none twice.
    fn tail(&self, request: &TailRequest, budget: &SearchBudget) -> Result<TailPage, SearchError>;

    /// Returns a tenant's event, or `None` where the tenant has none of that id.
    fn get(&self, tenant: &TenantId, id: EventId, budget: &SearchBudget) -> Result<Option<StoredEvent>, SearchError>;

    /// Returns how many searchable events a tenant has.
    fn count(&self, tenant: &TenantId, budget: &SearchBudget) -> Result<u64, SearchError>;

    /// Deletes what has been kept long enough, but for what is held, and says what went.
    fn expire(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry;

    /// Returns what [`Self::expire`] would do, and does nothing.
    fn expire_dry_run(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry;

    /// Rearranges what is complete at `now` for faster searches; what that is, the engine knows.
    fn compact(&self, now: Timestamp) -> Vec<Compacted>;

    /// Returns what is damaged and left out of searches.
    fn damaged(&self) -> Vec<Damage>;

    /// Returns how many events match in each interval of time.
    fn histogram(&self, request: &HistogramRequest, budget: &SearchBudget) -> Result<Histogram, SearchError> {
        let kind = AggregationKind::Histogram { field: "time".to_owned(), interval: request.interval };
        let request = AggregateRequest {
            tenants: request.tenants.clone(),
            filter: request.filter.clone(),
            from: request.from,
            until: request.until,
            aggregations: only(kind),
        };
        let AggregateAnswer { total, mut aggregations, skipped } = self.aggregate(&request, budget)?;
        let mut histogram = Histogram { interval_ms: 0, buckets: Vec::new(), total, skipped };
        if let Some(Counted::Histogram { interval_ms, intervals }) = aggregations.remove(ONLY) {
            histogram.interval_ms = interval_ms;
            histogram.buckets =
                intervals.into_iter().map(|interval| Bucket { start: interval.start, count: interval.count }).collect();
        }
        Ok(histogram)
    }

    /// Returns the commonest values of a field among the events that match.
    fn top(&self, request: &TopRequest, budget: &SearchBudget) -> Result<TopValues, SearchError> {
        let request = AggregateRequest {
            tenants: request.tenants.clone(),
            filter: request.filter.clone(),
            from: request.from,
            until: request.until,
            aggregations: only(AggregationKind::Top { field: request.field.clone(), limit: request.limit }),
        };
        let AggregateAnswer { total, mut aggregations, skipped } = self.aggregate(&request, budget)?;
        let mut top = TopValues { field: String::new(), values: Vec::new(), other: 0, missing: 0, total, skipped };
        if let Some(Counted::Top { field, values, other, missing }) = aggregations.remove(ONLY) {
            let values = values.into_iter().map(|value| TopValue { value: value.value, count: value.count });
            top = TopValues { field, values: values.collect(), other, missing, ..top };
        }
        Ok(top)
    }

    /// Returns how many events a tenant has of each UTC day from the day of `from` up to, not including, `until`, days
    /// without events included. For reports.
    fn per_day(
        &self,
        tenant: &TenantId,
        from: Timestamp,
        until: Timestamp,
        budget: &SearchBudget,
    ) -> Result<Vec<(Timestamp, u64)>, SearchError> {
        let request = HistogramRequest {
            tenants: vec![tenant.clone()],
            filter: Filter::All,
            from: Some(from),
            until: Some(until),
            interval: Interval::Fixed(Duration::from_hours(24)),
        };
        let histogram = self.histogram(&request, budget)?;
        Ok(histogram.buckets.into_iter().map(|bucket| (bucket.start, bucket.count)).collect())
    }
}

const ONLY: &str = "only";

fn only(kind: AggregationKind) -> BTreeMap<String, Aggregation> {
    BTreeMap::from([(ONLY.to_owned(), Aggregation::from(kind))])
}

/// A partition that could not be read, so that an answer is known to be partial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Whose events are missing.
    pub tenant: TenantId,
    /// Of which day of arrival, `YYYY-MM-DD`, UTC.
    pub day: String,
    /// Why, in words.
    pub reason: String,
}

impl Skipped {
    pub(crate) fn new(partition: &Partition, error: &PartitionError) -> Self {
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            reason.push_str(": ");
            reason.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(path = %partition.folder.display(), "a partition cannot be searched: {reason}");
        Self { tenant: partition.key.tenant.clone(), day: partition.key.day.clone(), reason }
    }

    pub(crate) fn same_place(&self, other: &Self) -> bool {
        (&self.tenant, &self.day) == (&other.tenant, &other.day)
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
    /// The partitions that could not be read: their events are not, or not all, among these.
    pub skipped: Vec<Skipped>,
}
