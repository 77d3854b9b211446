//! Running programs one after the other, with a line for each and the time that it took.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Returns the project's root folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lives in the project's root").to_owned()
}

/// Returns a command that runs in the root with the cargo that runs us.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// Runs a command with a headline, and fails with the headline where it fails.
pub(crate) fn step(headline: &str, command: &mut Command) -> Result<(), String> {
    println!("\n==> {headline}");
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("{headline}: start `{}`: {error}", program(command)))?;
    if !status.success() {
        return Err(format!("{headline}: `{}` failed ({status})", program(command)));
    }
    println!("    {headline}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Like [`step`], but all that is said goes to standard error: where standard output belongs to what follows.
pub(crate) fn step_aside(headline: &str, command: &mut Command) -> Result<(), String> {
    eprintln!("\n==> {headline}");
    let status = command
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| format!("{headline}: start `{}`: {error}", program(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{headline}: `{}` failed ({status})", program(command))) }
}

/// Returns what a command printed on its standard output.
pub(crate) fn output(headline: &str, command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{headline}: start `{}`: {error}", program(command)))?;
    if !output.status.success() {
        return Err(format!("{headline}: `{}` failed ({})", program(command), output.status));
    }
    Ok(output.stdout)
}

/// Returns whether a program answers, without a word on the terminal.
pub(crate) fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn program(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
