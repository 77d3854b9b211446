//! What the command line tool does, seen from outside.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a panic is the report of a test, and tables go with it")]

mod aws;
mod aws_served;
mod bad_input;
mod bench;
mod cli;
mod command;
mod demo;
mod desk;
mod import;
mod rules;
mod scenarios;
mod schema;
mod served;
mod test_server;
