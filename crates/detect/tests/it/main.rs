//! Detection from outside: rules as YAML, events as JSON, and what must come of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "says why a test was skipped, and figures")]

mod builder;
mod candidates;
mod corpus;
mod correlations;
mod differential;
mod draft;
mod loading;
mod properties;
mod regression;
mod spec;
mod state;
