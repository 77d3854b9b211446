//! The event store: keeps every event and finds it again in the time that a thought lasts.
//!
//! [`EventStore`] is what the rest of the house asks for; [`EventIndex`] is the store of the embedded profile, on tantivy.
//!
//! # Where things lie
//! `<folder>/<tenant>/<YYYY-MM-DD>/` is a *partition*: one tenant's events that *arrived* on one UTC day. Events say
//! themselves when they happened, and may lie; were partitions made by that time, one forged log line could make a folder
//! for every day since the year 1. A partition holds `index/`, a tantivy index with a column for each field of
//! [`search_fields`], and `manifest.json`, the range of its event times, by which a search skips partitions without
//! opening them. `lock` in the folder is held while the index is open: a second process is refused.
//!
//! # What is promised
//! * After [`EventStore::commit`] returns, the events appended before it are on disk and searchable. Events appended and
//!   *not* committed are lost in a crash, and let go of after any error; [`EventStore::position`] says from where the log has
//!   to be read again to have them back. Each partition's commit carries the position up to which it has its events, and
//!   refuses those that come again; so a log read from too early a position, or from its very beginning, changes nothing.
//! * An event is kept once however often it is appended, also across commits and restarts, and also where it arrives
//!   again on the next day. A copy that arrives two or more days later is stored again; [`EventStore::search`] shows it
//!   once, counts include both.
//! * The envelope, the entities and the native bytes come back exactly.
//! * A search of one tenant cannot see another's events: they are in different indexes.
//!
//! # The search language
//! [`parse_search`] turns text into a [`vigie_model::Filter`]; its grammar is in that function's documentation. Filters
//! made elsewhere work the same way.

mod aggregate;
mod budget;
mod columns;
mod compact;
mod damage;
mod directory;
mod elastic;
mod error;
mod export;
mod failpoint;
mod fields;
mod index;
mod known;
mod language;
mod log;
mod manifest;
mod merging;
mod newest;
mod partition;
mod partitions;
mod position;
mod priority;
mod query;
mod retention;
mod scan;
mod sealed;
mod search;
mod settings;
mod spans;
mod store;
mod stored;
mod tail;
mod targets;
mod tokenizers;
mod verify;
mod words;
mod writers;

pub use aggregate::{
    AggregateAnswer, AggregateRequest, Bucket, Counted, CountedInterval, CountedValue, Histogram, HistogramRequest,
    TopRequest, TopValue, TopValues,
};
pub use budget::{Cancellation, SearchBudget};
pub use compact::{Compacted, Rehearsal};
pub use damage::Damage;
pub use elastic::{AggregationSyntaxError, parse_aggregations, show_aggregations};
pub use error::{AppendError, CommitError, OpenError, PartitionError, SearchError};
pub use export::{
    ColumnKind, ExportColumn, ExportError, ExportFormat, ExportRequest, Exported, count_export, export, export_columns,
};
pub use failpoint::{FAIL_POINTS, fail_point};
pub use fields::{FieldKind, SearchField, search_fields};
pub use index::EventIndex;
pub use language::{SearchSyntaxError, TimeSyntaxError, parse_search, parse_time};
pub use log::{
    Log, LogCounters, LogDamage, LogEntry, LogError, LogFault, LogItem, LogPosition, LogReader, LogSettings,
};
pub use retention::{Expired, Expiry, ExpiryReason, RetentionPolicy, TenantRetention};
pub use settings::IndexSettings;
pub use store::{EventStore, SearchPage, SearchRequest, Skipped};
pub use stored::StoredEvent;
pub use tail::{TailPage, TailRequest};
pub use verify::Repaired;
pub use vigie_model::Interval;
