//! Everything that Vigie remembers but for the events: alerts, cases, indicators, actions, users, the audit log.
//!
//! This is the only crate with SQL. [`Store`] opens a SQLite database and reads it; every change is a method of [`Tx`],
//! which [`Store::begin`] gives, and happens with the others of that transaction or not at all. There is one writer at a
//! time; reads go on beside it (write-ahead log).
//!
//! # Tenants
//! Every read takes a [`TenantScope`](vigie_model::TenantScope), which is part of the statement's condition. What lies
//! outside it is not found. A row refers to its tenant, so [`Tx::ensure_tenant`] comes before any other.
//!
//! # Rows
//! An object is one row: its `body` is the whole object as JSON, its other columns are what lists filter and sort by,
//! and are written with the body in one place. Lists take the filter, sort and page of `model`; the fields that each
//! knows are in one table (`fields.rs`), and conditions become SQL in one module (`lower.rs`).
//!
//! # Changes that share a commit
//! What a change costs is mostly the wait for the disk. [`Store::grouped`] lets the small changes of many callers share it.
//!
//! # Changes that meet
//! Alerts and cases carry a version. Saving one names the version that the change was made from; where somebody was
//! faster, [`StoreError::Conflict`] says so and nothing is saved. What is derived (findings, actions, outbox messages,
//! dead letters, batches) has an id that says what it is, so a repeat changes nothing.
//!
//! # PostgreSQL
//! The statements are those that PostgreSQL takes too, with these exceptions: `PRAGMA`s and `BEGIN IMMEDIATE` in
//! `store.rs`; the index of terms (`fulltext.rs`, `statement.rs`, migration 0005) is FTS5's; `rowid` breaks ties; placeholders are written `?`; `LIKE` and `lower()` look at ASCII case only in SQLite.

mod actions;
mod alert_groups;
mod alerts;
mod answering;
mod audit;
mod case_parts;
mod cases;
mod chain;
mod checkpoint;
mod desk;
mod erase;
mod error;
mod fields;
mod files;
mod flush;
mod fulltext;
mod give;
mod group;
mod history;
mod hits;
mod holds;
mod indicators;
mod insert;
mod intake;
mod listing;
mod lower;
mod objects;
mod observables;
mod on_cases;
mod outbox;
mod people;
mod place;
mod plan;
mod reindex;
mod reports;
mod row;
mod scope;
mod sharing;
mod statement;
mod statistics;
mod store;
mod suppressions;
mod tags;
mod tally;
mod tenants;
mod terms;

pub use actions::Saved;
pub use alert_groups::{AlertGroup, AlertGrouping, AlertGroups, GROUPS_MAX};
pub use audit::AuditNote;
pub use cases::CaseFile;
pub use chain::Chain;
pub use erase::{Erased, Erasure, PSEUDONYM_BYTES_MAX};
pub use error::{OpenError, QueryError, StoreError};
pub use fields::List;
pub use files::{FileError, Files, Swept, Upload, Uploaded};
pub use group::GROUP_MAX;
pub use hits::{DayHits, HIT_RULES_MAX, RuleHits};
pub use indicators::IndicatorList;
pub use intake::DeadLetterCount;
pub use listing::{CURSOR_BYTES_MAX, Listing, Rows, SORTS_MAX, TOTAL_MAX};
pub use lower::{DEPTH_MAX, OWN_FIELD, TERMS_MAX, TEXT_BYTES_MAX, VALUES_MAX};
pub use objects::{AUDIT_TEXT_BYTES_MAX, Author, Cell, Object, difference};
pub use on_cases::ALIKE_MAX;
pub use outbox::{Claim, Claimed, OutboxMessage, OutboxState, back_off};
pub use people::{PasswordHash, Session, TokenHash};
pub use scope::{Reach, Within};
pub use sharing::Sharing;
pub use statistics::{
    AlertStatistics, AttackCount, CaseStatistics, EntityCount, EntityCounts, LATEST_MAX, RULES_MAX, RuleCount, Waiting,
};
pub use store::{Store, Tx};
pub use suppressions::{CountedSuppression, SUPPRESSED_KEPT_MAX, SUPPRESSIONS_MAX};
