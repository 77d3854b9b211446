//! The weekly report from the outside: its numbers, its page, and what hostile values do to it.

mod fixture;
mod golden;
mod hostile;
mod numbers;
