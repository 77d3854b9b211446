//! `vigie events` with its options.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use vigie_model::{TenantId, Timestamp};

/// `vigie events`
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Write a tenant's events to a file for other programs: NDJSON, or Parquet for DuckDB, Spark and Athena.
    Export(ExportArguments),
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
