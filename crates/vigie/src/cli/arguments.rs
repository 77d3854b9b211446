//! Every command with its options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vigie_model::{CaseId, Membership, Role, SourceName, TenantId, Timestamp};

use super::bench_arguments::BenchCommand;
use super::{AlertsCommand, AwsCommand, CasesCommand, EventsCommand, Format, ImportCommand};

/// A security operations centre in one binary.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, about, long_about = None, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: listen, detect, answer.
    Serve(ServeArguments),
    /// Show everything at once: a real server, and an attack in the noise of a normal day.
    Demo(DemoArguments),
    /// Move here from another house: a TheHive.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Send files to a running server.
    Ingest(IngestArguments),
    /// Check and test detection rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Look at what was planned and done, approve it, undo it.
    #[command(subcommand)]
    Respond(RespondCommand),
    /// Work on alerts: list, show, take, assign, close.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// Work on cases: list, show, open, take, assign, comment, merge, close.
    #[command(subcommand)]
    Cases(CasesCommand),
    /// Answer GuardDuty findings and CloudWatch alarms in an AWS account, as the Lambda does.
    #[command(subcommand)]
    Aws(AwsCommand),
    /// Say in words what is slow, full, silent or broken in a running server, and what to do.
    Doctor(DoctorArguments),
    /// Write a tenant's weekly report.
    Report(ReportArguments),
    /// Threat intelligence: load indicator lists.
    #[command(subcommand)]
    Intel(IntelCommand),
    /// Events in the data folder, read while the server is stopped or running.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Users, API keys and tenants, worked on in the data folder while the server is stopped or running.
    #[command(subcommand)]
    Admin(Admin),
    /// Measure how much a server takes.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Print the reference pages of the documentation.
    #[command(hide = true)]
    Reference {
        /// Which page.
        topic: Topic,
    },
}

/// Where the server is.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// Address of the server.
    #[arg(long, value_name = "URL", env = "VIGIE_URL", default_value = "http://127.0.0.1:8787")]
    pub server: String,
    /// API key; better given in the environment than on the command line.
    #[arg(long, value_name = "KEY", env = "VIGIE_API_KEY", hide_env_values = true)]
    pub key: Option<String>,
}

/// `vigie serve`
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Configuration file; without it the defaults hold.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `vigie demo`
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Changes addresses, users, times and order.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Stop when the story is told instead of staying up.
    #[arg(long)]
    pub once: bool,
    /// How the summary is printed; `json` prints nothing else on standard output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Detect with the rules in this folder instead of our own.
    #[arg(long, value_name = "FOLDER")]
    pub rules: Option<PathBuf>,
    /// Where the server listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Keep the data in this folder instead of a temporary one. The report is kept in any case.
    #[arg(long, value_name = "FOLDER")]
    pub data_folder: Option<PathBuf>,
}

/// `vigie ingest`
#[derive(Debug, Args)]
pub struct IngestArguments {
    /// Files to send; gzip and zstd files are sent as they are.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The source that reads them, such as cloudtrail, linux_auth or windows_event.
    #[arg(long)]
    pub source: SourceName,
    /// Whose they are; needed where the key is good for several tenants.
    #[arg(long)]
    pub tenant: Option<TenantId>,
    /// For the source `json`: the logsource's product.
    #[arg(long)]
    pub product: Option<String>,
    /// For the source `json`: the logsource's category.
    #[arg(long)]
    pub category: Option<String>,
    /// For the source `json`: the logsource's service.
    #[arg(long)]
    pub service: Option<String>,
    /// Read the files and say what would be sent, without a server.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How the outcome is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `vigie rules`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Load every rule below a folder; fails where one is refused.
    Check {
        /// The folder.
        folder: PathBuf,
        /// Processing pipeline, such as one that fills placeholders; may be given several times.
        #[arg(long, value_name = "FILE")]
        pipeline: Vec<PathBuf>,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Let a running server read its rules again; what correlations remember is kept.
    Reload {
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Run the events in each rule's folder: `match-*` must give a finding, `ignore-*` must not.
    Test {
        /// The folder.
        folder: PathBuf,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// `vigie doctor`
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How the findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `vigie respond`
#[derive(Debug, Subcommand)]
pub enum RespondCommand {
    /// List actions, newest first, or the decisions in force.
    List {
        /// Only actions in this state: planned, awaiting_approval, approved, simulated, done, failed, undone…
        #[arg(long)]
        status: Option<String>,
        /// List what is in force instead.
        #[arg(long)]
        decisions: bool,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the list is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Say what the playbooks would do about an alert, without doing it.
    Plan {
        /// The alert's id.
        alert: String,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the plan is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Approve an action, so that it is done.
    Run {
        /// The action's id.
        action: String,
        /// Say what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Take back an action that is in force.
    Undo {
        /// The action's id.
        action: String,
        /// Say what would be undone, and do nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// What `vigie report` is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportKind {
    /// A client's week.
    #[default]
    Weekly,
    /// A client's month.
    Monthly,
    /// A case.
    Incident,
}

/// How `vigie report` is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One HTML file.
    #[default]
    #[value(alias = "table")]
    Html,
    /// A PDF.
    Pdf,
    /// The figures in it, printed as JSON.
    Json,
}

/// In which language `vigie report` speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportLanguage {
    /// English.
    En,
    /// French.
    Fr,
}

/// `vigie report`
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// What it is about.
    #[arg(value_enum, default_value_t)]
    pub kind: ReportKind,
    /// Whose report; needed where the key is good for several tenants.
    #[arg(long)]
    pub tenant: Option<TenantId>,
    /// Where the week begins, RFC 3339; seven days before `until` where left out.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// Where week or month ends, RFC 3339; now where left out.
    #[arg(long)]
    pub until: Option<Timestamp>,
    /// Which case an incident's report is about, by its id.
    #[arg(long)]
    pub case: Option<CaseId>,
    /// In which language; the client's own where left out.
    #[arg(long, value_enum)]
    pub language: Option<ReportLanguage>,
    /// The file to write; `-` for standard output, `vigie-report.html` or `vigie-report.pdf` where left out.
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// What is written.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
}

/// `vigie intel`
#[derive(Debug, Subcommand)]
pub enum IntelCommand {
    /// Load a CSV list or a MISP event (JSON) into a running server.
    Import {
        /// The file.
        file: PathBuf,
        /// The list's name; the file's where left out.
        #[arg(long)]
        list: Option<String>,
        /// Whose list; needed where the key is good for several tenants.
        #[arg(long)]
        tenant: Option<TenantId>,
        /// Say what would be loaded, and load nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where the server is.
        #[command(flatten)]
        connection: Connection,
        /// How the outcome is printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// `vigie config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print what is in force and where it came from, or what is wrong.
    Check {
        /// Configuration file; without it the defaults are printed.
        #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
        config: Option<PathBuf>,
        /// How the settings are printed.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// `vigie admin`
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make a user; the password is read from standard input, or made up and printed once where that is empty.
    AddUser(UserArguments),
    /// Make an API key; it is printed once.
    AddKey(KeyArguments),
    /// Put a pseudonym in the place of a person wherever they are named, and close their account. The database is then written
    /// anew, so that nothing is left in the file: better while the server is stopped.
    ErasePerson(EraseArguments),
    /// Make a tenant.
    AddTenant {
        /// Its short name: a-z, 0-9, - and _.
        tenant: TenantId,
        /// Its name for people.
        #[arg(long)]
        name: Option<String>,
        /// Configuration file.
        #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
        config: Option<PathBuf>,
    },
}

/// `vigie admin add-user`
#[derive(Debug, Args)]
pub struct UserArguments {
    /// What they sign in with.
    pub name: String,
    /// reader, analyst or admin.
    #[arg(long, default_value = "analyst")]
    pub role: Role,
    /// For which tenants; those of `--member`, or all, where left out.
    #[arg(long)]
    pub tenant: Vec<TenantId>,
    /// What they may do in a tenant through TheHive's API, by a profile's name; the first tenant is where they begin.
    #[arg(long, value_name = "TENANT=PROFILE", value_parser = member)]
    pub member: Vec<Membership>,
    /// Take a short password too: for the test suites of clients, and only where the server listens on loopback.
    #[arg(long)]
    pub allow_weak_password: bool,
    /// Configuration file.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
}

fn member(text: &str) -> Result<Membership, String> {
    let (tenant, profile) = text.split_once('=').ok_or("expected TENANT=PROFILE, such as acme=analyst")?;
    let tenant = tenant.parse::<TenantId>().map_err(|error| error.to_string())?;
    if profile.is_empty() {
        return Err("the profile is missing: admin, org-admin, analyst, read-only, or one of your own".to_owned());
    }
    Ok(Membership { tenant, profile: profile.to_owned(), default: false })
}

/// `vigie admin add-key`
#[derive(Debug, Args)]
pub struct KeyArguments {
    /// What it is for.
    pub name: String,
    /// ingest, reader, analyst or admin.
    #[arg(long, default_value = "ingest")]
    pub role: Role,
    /// For which tenants; all where left out.
    #[arg(long)]
    pub tenant: Vec<TenantId>,
    /// Configuration file.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `vigie admin erase-person`
#[derive(Debug, Args)]
pub struct EraseArguments {
    /// The user's name; they need not have an account any more.
    pub name: String,
    /// What stands in its place; `erased-` and eight random digits where left out.
    #[arg(long)]
    pub pseudonym: Option<String>,
    /// Say how many rows would be changed, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// How the counts are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Configuration file.
    #[arg(long, short, value_name = "FILE", env = "VIGIE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// A page of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// The HTTP API as OpenAPI 3.1 JSON.
    Openapi,
    /// The command line, as Markdown.
    Cli,
    /// The configuration file, as Markdown.
    Config,
    /// What is done about each type of GuardDuty finding, as Markdown.
    Guardduty,
    /// Which permissions the actions on AWS need and why, as Markdown.
    AwsPermissions,
    /// The policy of the responder's role, as a template for Terraform.
    AwsPolicy,
    /// The routes of TheHive's API and what they need, as Markdown.
    Thehive,
}
