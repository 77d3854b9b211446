//! Tests of the event store through its public door.

#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod aggregates;
mod budgets;
mod counting;
mod damage;
mod durability;
mod elastic;
mod export;
mod fixture;
mod grammar;
mod hostile;
mod language;
mod log;
mod oracle;
mod paging;
mod resume;
mod search;
mod tail;
mod upkeep;
