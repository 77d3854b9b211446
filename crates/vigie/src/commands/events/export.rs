//! `vigie events export`: a tenant's events as a file for other programs.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::io::IsTerminal as _;

use vigie_server::{ExportFormat, ExportRequest, count_events, export_events, parse_event_search};

use super::{Failure, Verdict};
use crate::cli::{ArchiveFormat, ExportArguments};
use crate::commands::config;

pub(super) fn run(arguments: &ExportArguments) -> Result<Verdict, Failure> {
    let config = config::load(arguments.config.as_deref())?.config;
    if let (Some(from), Some(until)) = (arguments.from, arguments.until)
        && from >= until
    {
        return Err("--from must be before --until".into());
    }
    let request = ExportRequest {
        tenant: arguments.tenant.clone(),
        filter: parse_event_search(&arguments.query, jiff::Timestamp::now().into())
            .map_err(|error| format!("--query: {error}"))?,
        from: arguments.from,
        until: arguments.until,
    };
    let output = arguments.output.display();
    if arguments.dry_run {
        println!("would write {} events to {output}", count_events(&config, &request)?);
        return Ok(Verdict::Good);
    }
    let format = match arguments.format {
        ArchiveFormat::Ndjson => ExportFormat::Ndjson,
        ArchiveFormat::Parquet => ExportFormat::Parquet,
    };
    let mut progress = Progress::new();
    let exported = export_events(&config, &request, format, &arguments.output, &mut |events| progress.tell(events));
    progress.end();
    let exported = exported?;
    println!("wrote {output}: {} events, {} bytes", exported.events, exported.bytes);
    Ok(Verdict::Good)
}

/// How far it is, on standard error: one line that changes on a terminal, a line for each million elsewhere.
struct Progress {
    terminal: bool,
    told: bool,
}

impl Progress {
    const STEP: u64 = 1_000_000;

    fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), told: false }
    }

    fn tell(&mut self, events: u64) {
        if self.terminal {
            eprint!("\r{events} events");
            self.told = true;
        } else if events > 0 && events.is_multiple_of(Self::STEP) {
            eprintln!("{events} events");
        }
    }

    fn end(&self) {
        if self.told {
            eprintln!();
        }
    }
}
