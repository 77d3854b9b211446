//! Detection: Sigma rules and their correlations over events.
//!
//! [`RuleSet::load`] takes the texts of rule files and compiles them; what it cannot take it refuses, each with a stable
//! [`FailureCode`]. An [`Engine`] shows events to the rules and returns findings; what its correlations remember is
//! bytes. Rules are parsed with `rsigma-parser` and evaluated here. Nothing here reads a file, the clock or the network.
//!
//! # How an event is judged
//!
//! An event goes to the rules whose logsource is its own: every part that the rule names must be the event's. Rules for
//! the service `auth` of Linux also see what writes to that log (sshd, sudo, su, cron, …), and rules for
//! `registry_event` see `registry_set` and its kin. Lines of detections that are equal are one *item* for all rules; an
//! event's fields are looked up once, and each item is judged at most once. Of the rules of a logsource those are judged that
//! may match at all (`candidates`).
//!
//! # What the specification leaves open
//!
//! - Texts are compared without case, by Unicode's simple lower case (final sigma is sigma; the Turkish i's stay apart).
//! - A number and its decimal text are equal, a truth value and its word too. Whole numbers never become floats.
//! - `null` fits an absent field; `''` does not. `neq` is `not`: an absent field differs from every value, and a list
//!   means none of them.
//! - Of an array any element does. An object is read as its compact JSON text.
//! - A field is looked for by its name, then along its dots, then with spaces taken out on either side. `md5`, `sha1`,
//!   `sha256` and `imphash` are also found inside Sysmon's `Hashes`.
//! - Keywords look at every text, number and truth value at any depth, as `contains` does.
//! - `\w`, `\d`, `\s` and `\b` of `re` know ASCII, as in PCRE.
//! - A filter is joined as pySigma does: `(rule condition) and (filter condition)`.
//!
//! # Correlations
//!
//! Windows slide over the events' own times; the far edge is outside: `(time - timespan, time]`. A window is judged when
//! an event comes in, so conditions that hold of nothing (`lt`, `lte`, `neq`) are refused for counts. A correlation fires
//! once when its condition comes to hold, and again only after it has become false: after an event of the group of which
//! the window no longer fits, or after the window has slid past all that fitted.
//!
//! - Equal times are in the order of arrival. One event is not two steps of `temporal_ordered`, but may be two rules of
//!   `temporal`. The same event again, as after a replay, counts once.
//! - An event without a group-by field is left out of the correlation and counted; an empty text is a value. Group-by
//!   values are compared without case. Fields are looked for in the document, then in the envelope (`user`, `src.ip`,
//!   `dst.port`, `device`, …).
//! - Values that are no numbers are left out of sums, averages and percentiles (of the nearest rank).
//! - A late event joins the windows that hold its own time, as long as it arrives within 15 minutes and the timespan of
//!   those it belongs with. An event dated more than a day past its arrival counts as of its arrival. Forged times thus
//!   neither push others out of a window nor move a clock: there is none.
//! - A group keeps 10,000 events, or four times what its condition asks for; all groups together 256 MiB by default.
//!   What is dropped is counted.
//! - Tenant is part of every group.
//!
//! # Vigie's own attribute
//!
//! A rule may say by what its findings become one alert: `vigie: {group_by: [user, ip]}`; each name is a field of the
//! document, a part of the envelope, or a kind of entity. Otherwise it is the group of a correlation, or else
//! [`vigie_model::Finding::default_key`].

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod candidates;
mod draft;
mod engine;
mod failure;
mod load;
mod matcher;
mod names;
mod pipeline;
mod route;
mod rules;
mod snapshot;
mod state;
mod window;

pub use draft::{DRAFT_EVENTS_MAX, Draft, DraftRefusal, draft};
pub use engine::{Engine, EngineCounters, EngineLimits};
pub use failure::{CheckReport, FailureCode, LoadFailure};
pub use load::{Loaded, RULE_FILE_BYTES_MAX};
pub use pipeline::{PIPELINE_BYTES_MAX, Pipeline, PipelineError};
pub use route::reaches;
pub use rules::{RuleOrigin, RuleSet};
pub use snapshot::{Remembered, RestoreError, SNAPSHOT_BYTES_MAX};
