//! `cargo xtask`: the project's own chores. `cargo xtask help` lists them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod demo;
mod infra;
mod lambda;
mod new_source;
mod reference;
mod steps;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  demo [ARGS]        build what is needed and run `vigie demo ARGS`
  test [--quick]     everything that CI runs; installs or names what it needs
                     (--quick: formatting, lints, tidy and unit tests only)
  web                build the console, which the next build of `vigie` takes in
  lambda             build the AWS responder, check it, and write dist/vigie-responder.zip
  infra              Terraform: format, validation, tests, a real apply against moto, checkov
  tidy               arrows between crates, file lengths, names, rule folders, licences
  gen [--check]      write docs/reference and the policy of the responder, or check that it is current
  new source NAME    begin a log source from the template
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo", rest @ ..] => demo::run(rest),
        ["test"] => test::run(test::Extent::Everything),
        ["test", "--quick"] => test::run(test::Extent::Quick),
        ["infra"] => infra::check(),
        ["lambda"] => lambda::package(),
        ["web"] => web::build(),
        ["tidy"] => tidy::run(),
        ["gen"] => reference::write(),
        ["gen", "--check"] => reference::check(),
        ["new", "source", name] => new_source::run(name),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => Err(format!("unknown task `{}`; `cargo xtask help` lists the tasks", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
