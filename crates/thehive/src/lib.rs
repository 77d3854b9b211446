//! TheHive's door: its HTTP API, as its clients use it, over our cases and store.
//!
//! `/api/v1` as thehive4py 2.1 speaks it, `/api/status`, and of `/api` (version 0) what feeders of the last ten years send.
//! The facts are those of TheHive 5.7's OpenAPI description and of its client's own test suite, which runs unmodified
//! against this crate.
//!
//! # How a request goes
//! [`router`] has one table of routes ([`route_table`]), each with what it [`Need`]s. The gate (`gate.rs`) asks the
//! [`House`] who it is, picks the organisation (a tenant of ours) that the request is for, and refuses who may not; what is
//! left is a [`Visitor`], without which no handler runs. A handler that reads asks the store within the visitor's tenant. A
//! handler that changes something does so in a `Work` (`work.rs`): one transaction that holds the change, its row in the
//! audit log, and whoever is to be told.
//!
//! # What is ours and what is theirs
//! `wire/` says how an object of the model looks to TheHive's clients and how theirs becomes ours, one file for each kind;
//! `query/` lowers the query language to the filters and sorts of the model; `routes/` has the handlers, one file for each
//! kind; `v0/` the old API. An organisation is a tenant, an artifact an observable, an id `~` and a number.

mod body;
mod door;
mod fault;
mod forward;
mod gate;
mod id;
mod import;
mod page;
mod permission;
mod query;
mod rights;
mod route;
mod routes;
mod seed;
mod time;
mod v0;
mod visitor;
mod wire;
mod work;

pub use body::{Form, FormFile, download};
pub use door::{Change, Door, House, Identity, NewSecret, Session};
pub use fault::Fault;
pub use forward::{FORWARDED_OBSERVABLES_MAX, forwarded};
pub use import::{
    Credentials, FAILURES_MAX, Import, ImportError, ImportFailure, ImportOutcome, ImportProgress, ImportRow, Now,
    Patience, Source, SourceError, SourceSettings, Target, TenantMap, Told,
};
pub use page::routes_page;
pub use permission::{ADMIN_TENANT, PERMISSIONS, SYSTEM_USER, built_in_profiles};
pub use query::read_query;
pub use route::{Need, route_table, router};
pub use routes::{ATTACHMENTS_MAX, free_name};
pub use seed::seed;
pub use visitor::Visitor;
