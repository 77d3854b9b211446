//! `vigie reference`: the pages that the project's documentation is generated from.

#![expect(clippy::print_stdout, reason = "the page goes to standard output")]

use super::{Failure, Verdict};
use crate::cli::{Topic, cli_reference};

pub(super) fn run(topic: Topic) -> Result<Verdict, Failure> {
    match topic {
        Topic::Openapi => println!("{}", vigie_server::openapi().to_pretty_json()?),
        Topic::Cli => print!("{}", cli_reference()),
        Topic::Guardduty => print!("{}", vigie_respond::finding_responses_page()),
        Topic::AwsPermissions => print!("{}", vigie_aws::permissions_page()),
        Topic::AwsPolicy => print!("{}", vigie_aws::policy_template()),
        Topic::Thehive => print!("{}", vigie_server::thehive_routes_page()),
        Topic::Config => print!("{}", vigie_server::config_reference()),
    }
    Ok(Verdict::Good)
}
