//! The store against a real database file.

mod actions;
mod alerts;
mod audit;
mod cases;
mod filters;
mod intake;
mod isolation;
mod paging;
mod people;
mod samples;
mod schema;
mod statistics;
