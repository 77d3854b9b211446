//! `vigie events`: events in the data folder, worked on without a server or beside one.

mod export;
mod hold;
mod upkeep;

use super::{Failure, Verdict};
use crate::cli::EventsCommand;

pub(super) fn run(command: &EventsCommand) -> Result<Verdict, Failure> {
    match command {
        EventsCommand::Export(arguments) => export::run(arguments),
        EventsCommand::Verify(arguments) => upkeep::verify(arguments),
        EventsCommand::Repair(arguments) => upkeep::repair(arguments),
        EventsCommand::Compact(arguments) => upkeep::compact(arguments),
        EventsCommand::Hold(command) => hold::run(command),
    }
}
