//! Detection from outside: rules as YAML, events as JSON, and what must come of them.

mod builder;
mod corpus;
mod regression;
