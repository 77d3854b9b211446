//! `vigie import` with its options.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;

/// `vigie import`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Copy organisations, users, alerts, cases and all that is on them from a TheHive, as often as you like.
    Thehive(ImportThehiveArguments),
}

/// `vigie import thehive`
#[derive(Debug, Args)]
pub struct ImportThehiveArguments {
    /// Address of the TheHive, such as https://thehive.example.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// API key of a user there; better given in the environment or a file than on the command line.
    #[arg(long, value_name = "KEY", env = "VIGIE_THEHIVE_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// File that holds the API key.
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    pub key_file: Option<PathBuf>,
    /// User to sign in as instead; the password is read from standard input.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Organisation to copy; may be given several times. All that the key is a member of where left out.
    #[arg(long, value_name = "NAME")]
    pub organisation: Vec<String>,
    /// TOML file that says which tenant an organisation becomes: lines `"Organisation" = "tenant"`.
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// PEM file of the authority that signed the TheHive's certificate, trusted instead of the public ones.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// What the source was called before its address changed: what was copied then is found again.
    #[arg(long, value_name = "NAME")]
    pub source_name: Option<String>,
    /// Count what there is to copy, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Configuration file, which names the data folder; without it the defaults hold.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
    /// How the reconciliation table is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}
