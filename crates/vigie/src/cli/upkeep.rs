//! `vigie events verify`, `repair` and `compact` with their options.

use std::path::PathBuf;

use clap::Args;

use super::Format;

/// `vigie events verify`
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Configuration file, which names the data folder; without it the defaults hold.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
    /// How to print what is damaged.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `vigie events repair` and `vigie events compact`
#[derive(Debug, Args)]
pub struct UpkeepArguments {
    /// Configuration file, which names the data folder; without it the defaults hold.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
    /// How to print what was done.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say what would be done, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}
