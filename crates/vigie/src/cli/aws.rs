//! `vigie aws`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// What can be done about findings in AWS, from here.
#[derive(Debug, Subcommand)]
pub enum AwsCommand {
    /// Say what would be done about a finding or an alarm, with the exact calls; asks nobody and changes nothing.
    Plan(AwsPlanArguments),
    /// Answer a finding or an alarm as the Lambda would, whatever its mode, with your own credentials.
    Run(AwsRunArguments),
    /// Take a decision back.
    Undo(AwsUndoArguments),
    /// List the decisions in force.
    List(AwsListArguments),
    /// Say what is enabled, what is missing, and which permission is not there.
    Doctor(AwsListArguments),
    /// Print an example event of a finding type, as EventBridge delivers it.
    Example(AwsExampleArguments),
}

/// Where the settings come from.
#[derive(Debug, Clone, Args)]
pub struct AwsSettings {
    /// The responder's settings, JSON: `terraform output -raw settings`. Else what `VIGIE_RESPONDER` holds.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// The Region; else that of the environment or profile.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// `vigie aws plan`
#[derive(Debug, Clone, Args)]
pub struct AwsPlanArguments {
    /// The event or finding, JSON; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub finding: PathBuf,
    /// Where the settings come from.
    #[command(flatten)]
    pub settings: AwsSettings,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `vigie aws run`
#[derive(Debug, Clone, Args)]
pub struct AwsRunArguments {
    /// The event or finding, JSON; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub finding: PathBuf,
    /// Ask AWS what is there, and print the calls that would change something instead of sending them.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the settings come from.
    #[command(flatten)]
    pub settings: AwsSettings,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `vigie aws undo`
#[derive(Debug, Clone, Args)]
pub struct AwsUndoArguments {
    /// The decision's id, from `vigie aws list` or the message.
    pub id: String,
    /// Print the calls that would change something instead of sending them.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the settings come from.
    #[command(flatten)]
    pub settings: AwsSettings,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `vigie aws list` and `vigie aws doctor`
#[derive(Debug, Clone, Args)]
pub struct AwsListArguments {
    /// Where the settings come from.
    #[command(flatten)]
    pub settings: AwsSettings,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `vigie aws example`
#[derive(Debug, Clone, Args)]
pub struct AwsExampleArguments {
    /// The finding type, such as `Recon:EC2/Portscan`; `list` for all of them.
    pub finding_type: String,
    /// Which part our resource plays; the type's usual one where it is left out.
    #[arg(long, value_enum)]
    pub role: Option<ExampleRole>,
}

/// Which part our resource plays in an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExampleRole {
    /// Ours is attacked.
    Target,
    /// Ours attacks.
    Actor,
}
