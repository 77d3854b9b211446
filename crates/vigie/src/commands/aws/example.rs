//! `vigie aws example`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use vigie_respond::{FINDING_TYPES, FindingType, ResourceRole, example_finding};

use super::{Failure, Verdict};
use crate::cli::{AwsExampleArguments, ExampleRole, print_json};

pub(super) fn run(arguments: &AwsExampleArguments) -> Result<Verdict, Failure> {
    if arguments.finding_type == "list" {
        for kind in &FINDING_TYPES {
            println!("{}", kind.name);
        }
        return Ok(Verdict::Good);
    }
    let kind = FindingType::find(&arguments.finding_type).ok_or_else(|| {
        let name: String = arguments.finding_type.chars().filter(|letter| !letter.is_control()).take(100).collect();
        format!("no finding type `{name}` is known: `vigie aws example list` prints them all")
    })?;
    let role = match arguments.role {
        Some(ExampleRole::Target) => ResourceRole::Target,
        Some(ExampleRole::Actor) => ResourceRole::Actor,
        None => kind.roles.first().copied().unwrap_or(ResourceRole::Target),
    };
    print_json(&example_finding(kind, role));
    Ok(Verdict::Good)
}
