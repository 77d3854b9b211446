//! Detection from outside: rules as YAML, events as JSON, and what must come of them.

mod builder;
mod corpus;
mod correlations;
mod differential;
mod loading;
mod properties;
mod regression;
mod spec;
mod state;
