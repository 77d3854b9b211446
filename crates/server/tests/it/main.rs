//! The server from outside: a real one on port 0 with its own data folder, asked over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on should say where, and one that is skipped says so"
)]

mod access;
mod app;
mod audit;
mod auth;
mod aws;
mod case_desk;
mod clock;
mod erase;
mod events;
mod feeds;
mod ingest;
mod live;
mod notices;
mod page;
mod problems;
mod queue;
mod reports;
mod respond;
mod rules;
mod stream;
mod suppressions;
mod tenants;
mod thehive;
mod tls;
mod upkeep;
mod work;
