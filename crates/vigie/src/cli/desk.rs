//! `vigie alerts` and `vigie cases`.

use clap::{Args, Subcommand, ValueEnum};

use super::{Connection, Format};

/// What can be done with alerts.
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// List alerts, the newest first.
    List(ListArguments),
    /// Show one alert: what it is about, and what it is like.
    Show(OneArguments),
    /// Take an alert up: it is in progress, and yours where it was nobody's.
    Take(ChangeArguments),
    /// Give an alert to somebody, or to nobody.
    Assign(AssignArguments),
    /// Close an alert.
    Close(CloseArguments),
    /// Open a closed alert again.
    Reopen(ChangeArguments),
}

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum CasesCommand {
    /// List cases, the newest first.
    List(ListArguments),
    /// Show one case with its alerts, observables, tasks and timeline.
    Show(OneArguments),
    /// Open a case for alerts.
    Open(OpenArguments),
    /// Take a case up: it is in progress, and yours where it was nobody's.
    Take(ChangeArguments),
    /// Give a case to somebody, or to nobody.
    Assign(AssignArguments),
    /// Write a comment on a case.
    Comment(CommentArguments),
    /// Merge alerts into a case.
    Merge(MergeArguments),
    /// Close a case, and with it those of its alerts that are open.
    Close(CloseCaseArguments),
    /// Open a closed case again.
    Reopen(ChangeArguments),
}

/// Which of them, and how they are printed.
#[derive(Debug, Clone, Args)]
pub struct ListArguments {
    /// Which ones, in the search language: `status:new severity:>=high`.
    #[arg(value_name = "QUERY", default_value = "")]
    pub query: String,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// One of them.
#[derive(Debug, Clone, Args)]
pub struct OneArguments {
    /// Its id; for a case, its number will do.
    pub id: String,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A change of several.
#[derive(Debug, Clone, Args)]
pub struct ChangeArguments {
    /// Their ids; for cases, their numbers will do.
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Giving them to somebody.
#[derive(Debug, Clone, Args)]
pub struct AssignArguments {
    /// The user's name; nobody where it is left out.
    #[arg(long, value_name = "USER")]
    pub to: Option<String>,
    /// What is changed.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// What it turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum VerdictWord {
    /// An attack.
    TruePositive,
    /// The rule is wrong.
    FalsePositive,
    /// What the rule says, and allowed.
    Benign,
    /// Known already.
    Duplicate,
    /// Nobody can say.
    Indeterminate,
}

/// Closing alerts.
#[derive(Debug, Clone, Args)]
pub struct CloseArguments {
    /// What it turned out to be.
    #[arg(long, value_enum)]
    pub verdict: VerdictWord,
    /// What happened, in a sentence.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub summary: String,
    /// What is closed.
    #[command(flatten)]
    pub change: ChangeArguments,
}

/// Closing cases.
#[derive(Debug, Clone, Args)]
pub struct CloseCaseArguments {
    /// Cancel tasks that are not done; otherwise the case stays open until they are.
    #[arg(long)]
    pub cancel_tasks: bool,
    /// What it turned out to be, and what is closed.
    #[command(flatten)]
    pub close: CloseArguments,
}

/// Opening a case.
#[derive(Debug, Clone, Args)]
pub struct OpenArguments {
    /// The alerts; title and severity follow from them where they are not given.
    #[arg(value_name = "ALERT")]
    pub alerts: Vec<String>,
    /// One line.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Whose it is, where no alert says so.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// Show what would be opened, and open nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the server is.
    #[command(flatten)]
    pub connection: Connection,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A comment on a case.
#[derive(Debug, Clone, Args)]
pub struct CommentArguments {
    /// The text; `-` for standard input.
    #[arg(long, value_name = "TEXT")]
    pub text: String,
    /// Which case.
    #[command(flatten)]
    pub case: OneArguments,
}

/// Merging alerts into a case.
#[derive(Debug, Clone, Args)]
pub struct MergeArguments {
    /// The alerts.
    #[arg(long = "alert", required = true, value_name = "ALERT")]
    pub alerts: Vec<String>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Into which case.
    #[command(flatten)]
    pub case: OneArguments,
}
