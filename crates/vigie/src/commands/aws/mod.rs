//! `vigie aws`: what the Lambda does, from a terminal.

mod decisions;
mod example;
mod plan;
mod run;

use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};
use vigie_aws::{Call, Client, ClientOptions, Environment, Mode, Region, Settings, read_settings};
use vigie_model::Timestamp;
use vigie_respond::{CloudEvent, CloudPolicy, EVENT_BYTES_MAX, read_cloud_event};

use super::{Failure, Verdict};
use crate::cli::{AwsCommand, AwsSettings, printable};

pub(super) fn run(command: &AwsCommand) -> Result<Verdict, Failure> {
    match command {
        AwsCommand::Plan(arguments) => plan::run(arguments),
        AwsCommand::Run(arguments) => run::run(arguments),
        AwsCommand::Undo(arguments) => decisions::undo(arguments),
        AwsCommand::List(arguments) => decisions::list(arguments),
        AwsCommand::Doctor(arguments) => decisions::doctor(arguments),
        AwsCommand::Example(arguments) => example::run(arguments),
    }
}

/// The environment variable that the Lambda reads its settings from.
const VARIABLE: &str = "VIGIE_RESPONDER";

/// Returns what is decided and what the account has for it.
fn settings(arguments: &AwsSettings) -> Result<(CloudPolicy, Settings), Failure> {
    let text = match &arguments.settings {
        Some(path) => fs::read_to_string(path).map_err(|error| format!("read `{}`: {error}", path.display()))?,
        None => std::env::var(VARIABLE).unwrap_or_default(),
    };
    Ok(read_settings(&text)?)
}

/// Returns the way to AWS.
fn client(arguments: &AwsSettings, mode: Mode) -> Result<Client, Failure> {
    let region = arguments.region.as_deref().map(Region::new).transpose()?;
    let mut options = ClientOptions::from_environment_in(&Environment::of_process(), region)?;
    options.mode = mode;
    Ok(Client::new(options))
}

/// Reads an event or finding; `-` is standard input.
fn read_event(path: &Path) -> Result<Vec<CloudEvent>, Failure> {
    let mut bytes = Vec::new();
    let limit = EVENT_BYTES_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        let file = fs::File::open(path).map_err(|error| format!("read `{}`: {error}", path.display()))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(read_cloud_event(&bytes).map_err(|error| format!("`{}`: {error}", path.display()))?)
}

/// A call for people and programs.
fn shown(call: &Call) -> Value {
    json!({
        "service": call.operation.service.signing_name(),
        "operation": call.operation.name,
        "parameters": call.input.to_json(),
    })
}

/// A line for a terminal, which a finding's text cannot steer.
fn line(text: &str) -> String {
    printable(text) + "\n"
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH.plus(since)
}
