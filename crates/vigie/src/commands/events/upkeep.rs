//! `vigie events verify`, `repair` and `compact`: the event store worked on while the server is stopped.

#![expect(clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::path::Path;

use vigie_model::Timestamp;
use vigie_server::{Clock as _, EventIndex, IndexSettings, Rehearsal, SystemClock};

use super::{Failure, Verdict};
use crate::cli::{Table, UpkeepArguments, VerifyArguments, print_rows};
use crate::commands::config;

/// Reads every file of the event store against its checksum; bad where anything is damaged.
pub(super) fn verify(arguments: &VerifyArguments) -> Result<Verdict, Failure> {
    let damage = open(arguments.config.as_deref())?.verify();
    print_rows(arguments.format, &damage, |damage| {
        let mut table = Table::new(&["tenant", "day", "path", "what"]);
        for one in damage {
            table.row([one.tenant.to_string(), one.day.clone(), one.path.display().to_string(), one.what.clone()]);
        }
        table
    });
    if damage.is_empty() {
        eprintln!("no damage");
        return Ok(Verdict::Good);
    }
    eprintln!("to search what is whole again: vigie events repair");
    Ok(Verdict::Bad)
}

/// Moves damaged segments away and brings the rest back; bad where a partition could not be repaired.
pub(super) fn repair(arguments: &UpkeepArguments) -> Result<Verdict, Failure> {
    let index = open(arguments.config.as_deref())?;
    index.verify();
    let repaired = index.repair(rehearsal(arguments));
    print_rows(arguments.format, &repaired, |repaired| {
        let mut table = Table::new(&["tenant", "day", "events kept", "events lost", "files moved", "problem"]);
        for one in repaired {
            table.row([
                one.tenant.to_string(),
                one.day.clone(),
                one.events_kept.to_string(),
                one.events_lost.to_string(),
                one.moved.len().to_string(),
                one.problem.clone().unwrap_or_default(),
            ]);
        }
        table
    });
    Ok(verdict(repaired.iter().any(|one| one.problem.is_some())))
}

/// Makes few segments of the many of each closed day; bad where a partition could not be compacted.
pub(super) fn compact(arguments: &UpkeepArguments) -> Result<Verdict, Failure> {
    let now: Timestamp = SystemClock.now();
    let compacted = open(arguments.config.as_deref())?.compact(now, rehearsal(arguments));
    print_rows(arguments.format, &compacted, |compacted| {
        let mut table = Table::new(&["tenant", "day", "segments", "then", "bytes", "then", "problem"]);
        for one in compacted {
            table.row([
                one.tenant.to_string(),
                one.day.clone(),
                one.segments_before.to_string(),
                one.segments_after.to_string(),
                one.bytes_before.to_string(),
                one.bytes_after.to_string(),
                one.problem.clone().unwrap_or_default(),
            ]);
        }
        table
    });
    Ok(verdict(compacted.iter().any(|one| one.problem.is_some())))
}

/// Opens the event store of a configuration's data folder; a running server has it and keeps it.
fn open(config: Option<&Path>) -> Result<EventIndex, Failure> {
    let folder = config::load(config)?.config.data_folder.join("events");
    if !folder.is_dir() {
        return Err(format!("there is no event store at `{}`: see `data_folder`", folder.display()).into());
    }
    Ok(EventIndex::open(&folder, IndexSettings::default())?)
}

fn rehearsal(arguments: &UpkeepArguments) -> Rehearsal {
    if arguments.dry_run { Rehearsal::DryRun } else { Rehearsal::InEarnest }
}

fn verdict(any_problem: bool) -> Verdict {
    if any_problem { Verdict::Bad } else { Verdict::Good }
}
