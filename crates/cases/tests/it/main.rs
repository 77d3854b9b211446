//! Findings to alerts, alerts to cases, and what analysts do with them.

mod folding;
mod grouping;
mod life;
mod opening;
mod samples;
mod story;
