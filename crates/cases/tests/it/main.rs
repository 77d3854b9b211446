//! Findings to alerts, alerts to cases, and what analysts do with them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod desk;
mod folding;
mod grouping;
mod inbound;
mod life;
mod misp;
mod notices;
mod opening;
mod samples;
mod sla;
mod story;
