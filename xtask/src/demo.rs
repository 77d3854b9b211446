//! `cargo xtask demo`: build what is needed and run the demo.

use crate::steps::{cargo, step};
use crate::web;

/// Builds `vigie` and runs `vigie demo` with these arguments until it ends or is interrupted.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    if web::has_node() {
        web::build()?;
    } else {
        eprintln!("xtask: there is no Node 20.19 or later: the demo runs without its console");
    }
    // Standard output belongs to the demo: `cargo xtask demo --once --format json | jq` must work.
    let build = cargo(&["build", "--package", "vigie"]).status().map_err(|error| format!("build vigie: {error}"))?;
    if !build.success() {
        return Err("build vigie: the compiler's messages are above".to_owned());
    }
    let mut demo = cargo(&["run", "--quiet", "--package", "vigie", "--", "demo"]);
    demo.args(arguments);
    if arguments.contains(&"--once") {
        let status = demo.status().map_err(|error| format!("run the demo: {error}"))?;
        return if status.success() { Ok(()) } else { Err(format!("the demo failed ({status})")) };
    }
    step("demo", &mut demo)
}
