//! `vigie bench` with its options.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use vigie_model::TenantId;

use super::Format;
use crate::bench::{MIX_DEFAULT, Mix};

/// `vigie bench`
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Send made-up events to a server over the real protocols; measure rate, latency and cost, and check that nothing is
    /// lost or doubled.
    Server(BenchServerArguments),
}

/// `vigie bench server`
#[derive(Debug, Args)]
pub struct BenchServerArguments {
    /// Events a second; 0 sends as fast as the server takes them.
    #[arg(long, value_name = "N", default_value_t = 1_000.0, value_parser = rate)]
    pub rate: f64,
    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = seconds)]
    pub seconds: f64,
    /// Send the events of so many seconds all at once, then none until the next burst.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub burst: Option<f64>,
    /// Who sends, and which part: KIND=WEIGHT,… of auth, auth_udp, web, cloudtrail, windows, flow, eve.
    #[arg(long, value_name = "MIX", default_value = MIX_DEFAULT)]
    pub mix: Mix,
    /// Folder of Sigma rules to detect with, beside our own, such as SigmaHQ's.
    #[arg(long, value_name = "FOLDER")]
    pub rules: Option<PathBuf>,
    /// Changes what the events say.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// HTTP connections that send batches.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = connections)]
    pub connections: usize,
    /// Marker events a second, each of which raises an alert that is waited for; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = rate)]
    pub markers: f64,
    /// Settings that take the place of those that the server under test is given.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the temporary data folder is made; the system's folder for temporary files where left out.
    #[arg(long, value_name = "FOLDER")]
    pub data_folder: Option<PathBuf>,
    /// Keep the temporary data folder.
    #[arg(long)]
    pub keep: bool,
    /// Drive a running server instead of one of our own; everything goes over HTTP then.
    #[arg(long, value_name = "URL", requires = "tenant", conflicts_with_all = ["rules", "config", "keep", "data_folder"])]
    pub url: Option<String>,
    /// API key for that server: an administrator's, for one tenant or all; better given in the environment.
    #[arg(long, value_name = "KEY", env = "VIGIE_API_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// The tenant there that the events go to; nothing else should send to it meanwhile.
    #[arg(long, requires = "url")]
    pub tenant: Option<TenantId>,
    /// Say what would be sent, with a record of each kind, and start nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// How the result is printed; with `json` it is the last line of standard output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// The highest rate that may be asked for: far more than one machine sends.
const RATE_MAX: f64 = 10_000_000.0;
/// The longest run: a week.
const SECONDS_MAX: f64 = 604_800.0;
/// The most connections.
const CONNECTIONS_MAX: usize = 256;

fn rate(text: &str) -> Result<f64, String> {
    within(text, 0.0, RATE_MAX)
}

fn seconds(text: &str) -> Result<f64, String> {
    within(text, 0.1, SECONDS_MAX)
}

fn connections(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=CONNECTIONS_MAX).contains(count));
    count.ok_or_else(|| format!("expected a whole number from 1 to {CONNECTIONS_MAX}"))
}

fn within(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("expected a number from {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        assert_eq!((rate("0"), rate("10000000"), seconds("0.1")), (Ok(0.0), Ok(RATE_MAX), Ok(0.1)));
        for bad in ["-1", "10000001", "NaN", "inf", "x", ""] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert!(seconds("604801").is_err() && seconds("0").is_err());
        assert_eq!(
            (connections("256").is_ok(), connections("257").is_err(), connections("0").is_err()),
            (true, true, true)
        );
    }
}
