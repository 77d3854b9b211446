//! `vigie config check`: what is in force, and where it came from.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::path::Path;

use vigie_server::Config;

use super::{Failure, Verdict};
use crate::cli::{ConfigCommand, Format, print_json};

pub(super) fn run(command: &ConfigCommand) -> Result<Verdict, Failure> {
    let ConfigCommand::Check { config, format } = command;
    let loaded = load(config.as_deref())?;
    let settings = loaded.explain();
    match format {
        Format::Table => settings.iter().for_each(|setting| println!("{setting}")),
        Format::Json => print_json(&settings),
        Format::Jsonl => {
            for setting in &settings {
                println!("{}", serde_json::to_string(setting)?);
            }
        }
    }
    Ok(Verdict::Good)
}

/// Loads a configuration file, or the defaults where none is named.
pub(super) fn load(path: Option<&Path>) -> Result<vigie_server::Loaded, Failure> {
    match path {
        Some(path) => Ok(Config::load(path)?),
        None => Ok(Config::parse("version = 1\n").map_err(|_| "the defaults do not load: this is a defect of Vigie")?),
    }
}
