//! The command line: what may be asked, and who answers.

mod arguments;
mod aws;
mod bench_arguments;
mod desk;
mod events;
mod import;
mod output;
mod reference;
mod upkeep;

pub use arguments::{
    Admin, Arguments, Command, ConfigCommand, Connection, DemoArguments, DoctorArguments, EraseArguments,
    IngestArguments, IntelCommand, KeyArguments, ReportArguments, ReportFormat, ReportKind, ReportLanguage,
    RespondCommand, RulesCommand, ServeArguments, Topic, UserArguments,
};
pub use aws::{
    AwsCommand, AwsExampleArguments, AwsListArguments, AwsPlanArguments, AwsRunArguments, AwsSettings,
    AwsUndoArguments, ExampleRole,
};
pub use bench_arguments::{BenchCommand, BenchServerArguments};
pub use desk::{
    AlertsCommand, AssignArguments, CasesCommand, ChangeArguments, CloseArguments, CloseCaseArguments,
    CommentArguments, ListArguments, MergeArguments, OneArguments, OpenArguments, VerdictWord,
};
pub use events::{ArchiveFormat, EventsCommand, ExportArguments, HoldCommand, PlaceArguments};
pub use import::{ImportCommand, ImportThehiveArguments};
pub use output::{Format, Table, print_json, print_rows, printable};
pub use reference::cli_reference;
pub use upkeep::{UpkeepArguments, VerifyArguments};
