//! `vigie events` with its options.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use vigie_model::{HoldId, TenantId, Timestamp};

use super::{Connection, Format, UpkeepArguments, VerifyArguments};

/// `vigie events`
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Write a tenant's events to a file for other programs: NDJSON, or Parquet for DuckDB, Spark and Athena.
    Export(ExportArguments),
    /// Read every file against its checksum and name what is damaged. The server is stopped meanwhile.
    Verify(VerifyArguments),
    /// Move damaged segments away, into the folder `damaged` of their day, and search what is whole again.
    Repair(UpkeepArguments),
    /// Make few segments of the many of each day that is over, for faster searches; the server does so by itself.
    Compact(UpkeepArguments),
    /// Legal holds: events that retention must leave alone. Asks the running server.
    #[command(subcommand)]
    Hold(HoldCommand),
}

/// `vigie events hold`
#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// List the holds in force.
    List {
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the list is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Keep a tenant's events whatever the limits say.
    Place(PlaceArguments),
    /// End a hold; what is too old by then is deleted by the next sweep.
    Lift {
        /// The hold's id.
        id: HoldId,
        /// Say which hold it is, and lift nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the hold is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// `vigie events hold place`
#[derive(Debug, Args)]
pub struct PlaceArguments {
    /// Whose events; needed where the key is good for several tenants.
    #[arg(long)]
    pub tenant: Option<TenantId>,
    /// The first moment of arrival to keep, RFC 3339; all from the first event on where it is not said.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// The moment of arrival to keep no more, RFC 3339; all that will come where it is not said.
    #[arg(long)]
    pub until: Option<Timestamp>,
    /// Why, for those who find it years later.
    #[arg(long)]
    pub reason: String,
    /// Say what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How the hold is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `vigie events export`
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Configuration file, which names the data folder; without it the defaults hold.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Whose events.
    #[arg(long)]
    pub tenant: TenantId,
    /// The earliest event time, included, RFC 3339.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included, RFC 3339.
    #[arg(long)]
    pub until: Option<Timestamp>,
    /// Only events that a search finds, such as `class:authentication AND src.ip:203.0.113.0/24`.
    #[arg(long, value_name = "SEARCH", default_value = "", hide_default_value = true)]
    pub query: String,
    /// What kind of file to write.
    #[arg(long, value_enum)]
    pub format: ArchiveFormat,
    /// The file; it must not be there yet.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Say how many events there are, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What kind of file an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ArchiveFormat {
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}
