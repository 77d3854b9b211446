//! `vigie events`: events in the data folder, worked on without a server or beside one.

mod export;

use super::{Failure, Verdict};
use crate::cli::EventsCommand;

pub(super) fn run(command: &EventsCommand) -> Result<Verdict, Failure> {
    match command {
        EventsCommand::Export(arguments) => export::run(arguments),
    }
}
