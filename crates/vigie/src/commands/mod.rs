//! One module for each command of the command line.

mod admin;
mod aws;
mod bench;
mod config;
mod desk;
mod doctor;
mod events;
mod import;
mod ingest;
mod intel;
mod reference;
mod report;
mod respond;
mod rules;
mod serve;

use serde_json::Value;

use crate::cli::{Arguments, Command, printable};
use crate::demo;

/// What went wrong, for the person at the terminal: one line for each cause.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How a command that ran to its end came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As wished.
    Good,
    /// It ran, and found something that is not as it should be.
    Bad,
}

/// Carries out a command.
pub fn run(arguments: Arguments) -> Result<Verdict, Failure> {
    match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Import(command) => import::run(&command),
        Command::Ingest(arguments) => ingest::run(&arguments),
        Command::Rules(command) => rules::run(&command),
        Command::Respond(command) => respond::run(&command),
        Command::Alerts(command) => desk::alerts(&command),
        Command::Cases(command) => desk::cases(&command),
        Command::Aws(command) => aws::run(&command),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Intel(command) => intel::run(&command),
        Command::Events(command) => events::run(&command),
        Command::Config(command) => config::run(&command),
        Command::Admin(command) => admin::run(&command),
        Command::Bench(command) => bench::run(&command),
        Command::Reference { topic } => reference::run(topic),
    }
}

/// A list's rows, or the array that the answer is.
fn rows_of(answer: Value) -> Vec<Value> {
    match answer {
        Value::Array(rows) => rows,
        Value::Object(mut fields) => match fields.remove("rows").or_else(|| fields.remove("actions")) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A value on one line. What a log may have brought in cannot move the cursor.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}
