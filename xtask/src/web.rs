//! `cargo xtask web`: build the console, which the next build of `vigie` takes in.

use std::path::PathBuf;
use std::process::Command;

use crate::steps::{answers, root, step, step_aside};

/// The oldest Node that the console's tools run on.
const NODE_MIN: [u32; 2] = [20, 19];

/// Installs what the console is built with, as its lock file names it, and builds it into `web/dist`.
pub(crate) fn build() -> Result<(), String> {
    install()?;
    step_aside("build the console", &mut npm(&["run", "--silent", "build"]))
}

/// Formatting, lints, types and unit tests of the console.
pub(crate) fn check() -> Result<(), String> {
    step("lints of the console", &mut npm(&["run", "--silent", "lint"]))?;
    step("types of the console", &mut npm(&["run", "--silent", "check"]))?;
    step("unit tests of the console", &mut npm(&["run", "--silent", "test"]))
}

/// The console in a real browser, against real servers of this binary.
pub(crate) fn browse(binary: &std::path::Path, environment: &[(String, String)]) -> Result<(), String> {
    let mut command = npm(&["run", "--silent", "e2e"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    step("the console in a browser", command.env("VIGIE_TEST_BINARY", binary).env("CI", "true"))
}

/// Returns whether there is a Node that is new enough.
pub(crate) fn has_node() -> bool {
    let Ok(output) = Command::new("node").arg("--version").output() else { return false };
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let found = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    found >= NODE_MIN && answers("npm", &["--version"])
}

/// Installs the packages of the lock file, unless that was done since it changed.
fn install() -> Result<(), String> {
    if !has_node() {
        return Err(format!(
            "the console is built with Node {}.{} or later and npm: install them",
            NODE_MIN[0], NODE_MIN[1]
        ));
    }
    // npm writes this file last.
    let done = modified(folder().join("node_modules/.package-lock.json"));
    if done.is_some() && done >= modified(folder().join("package-lock.json")) {
        return Ok(());
    }
    step_aside(
        "install the console's packages",
        npm(&["ci", "--no-fund", "--no-audit"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )
}

fn modified(path: PathBuf) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|file| file.modified()).ok()
}

pub(crate) fn folder() -> PathBuf {
    root().join("web")
}

pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder());
    command
}
