//! `cargo xtask test`: everything that CI runs, in the order of what fails fastest.

use std::path::PathBuf;
use std::process::Command;

use crate::steps::{answers, cargo, root, step};
use crate::{infra, lambda, reference, tidy, web};

/// How much to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Everything,
    /// What needs neither peers nor a built binary.
    Quick,
}

/// Python packages that stand in for the real counterparts, pinned.
const PYTHON_PACKAGES: [&str; 7] = [
    "aiosmtpd==1.4.6",
    "boto3==1.44.8",
    "cryptography==45.0.7",
    "duckdb==2.0.1",
    "moto[server]==5.2.5",
    "pyspark==4.3.0",
    "schemathesis==4.32.5",
];

/// Lambda's Runtime API on this machine, to run the real binary against.
const CARGO_LAMBDA: &str = "cargo-lambda==1.9.2";

/// TheHive's Python client of version 0 of its API, which feeders of ten years use; its successor of the same name, whose own
/// suite runs as well, cannot be installed beside it.
const THEHIVE4PY_1: &str = "thehive4py==1.8.1";

/// Debian packages that the tests use, with a program of each that shows that it is there.
const DEBIAN_PACKAGES: [(&str, &str, &[&str]); 9] = [
    // For the console.
    ("chromium", "chromium", &["--version"]),
    ("nftables", "nft", &["--version"]),
    ("iproute2", "ip", &["-V"]),
    ("util-linux", "unshare", &["--version"]),
    ("e2fsprogs", "mkfs.ext4", &["-V"]),
    // For Spark.
    ("default-jre-headless", "java", &["-version"]),
    ("python3-venv", "python3", &["-c", "import ensurepip, venv"]),
    // For TheHive's Python client of version 0.
    ("libmagic1", "python3", &["-c", "import ctypes; ctypes.CDLL('libmagic.so.1')"]),
    // What reports in PDF are read with.
    ("poppler-utils", "pdftotext", &["-v"]),
];

/// Runs the checks and tests; fails at the first that does.
pub(crate) fn run(extent: Extent) -> Result<(), String> {
    step("formatting", &mut cargo(&["fmt", "--all", "--check"]))?;
    println!("\n==> tidy");
    tidy::run()?;
    let environment = if extent == Extent::Everything { prepare()? } else { Vec::new() };
    let with_environment = |mut command: Command| {
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command
    };
    step("lints", &mut cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    if extent == Extent::Quick {
        return tests(with_environment(cargo(&[])), &["--lib", "--bins"]);
    }
    if web::has_node() {
        web::build()?;
        web::check()?;
    } else {
        report_missing(std::env::var_os("CI").is_some(), "install Node 20.19 or later: the console is not tested")?;
    }
    step("build", &mut cargo(&["build", "--workspace", "--all-targets", "--quiet"]))?;
    println!("\n==> reference pages");
    reference::check()?;
    step("rule folders", &mut cargo(&["run", "--quiet", "--package", "vigie", "--", "rules", "test", "rules"]))?;
    // The targets' seeds without a fuzzer: a parser that breaks its promise on a known input fails here.
    let seeds = [
        "test",
        "--quiet",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--no-default-features",
        "--features",
        "aws,events,server,thehive",
    ];
    step("fuzz seeds", &mut cargo(&seeds))?;
    lambda::check(&lambda::build()?)?;
    infra::check()?;
    peers()?;
    if web::has_node() && answers("chromium", &["--version"]) {
        web::browse(&target_folder().join("debug/vigie"), &environment)?;
    }
    step("doctests", &mut with_environment(cargo(&["test", "--workspace", "--doc", "--quiet"])))?;
    tests(with_environment(cargo(&[])), &[])
}

/// Runs the test suites of our peers' clients against a server of ours. They are no part of the project: a checkout that has
/// them beside itself finds them there.
fn peers() -> Result<(), String> {
    let mut command = Command::new(root().join("tests/peers/thehive4py.sh"));
    command.arg("all").env("CARGO_TARGET_DIR", target_folder());
    if std::env::var_os("CI").is_some() {
        command.env("VIGIE_REQUIRE_PEERS", "1");
    }
    step("the suite of TheHive's client", &mut command)
}

/// Runs the tests with nextest where it is installed, else with cargo's own runner.
fn tests(mut command: Command, more: &[&str]) -> Result<(), String> {
    if answers("cargo-nextest", &["nextest", "--version"]) {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        println!("\ncargo-nextest is not installed (`cargo install cargo-nextest --locked`): using `cargo test`");
        command.args(["test", "--workspace", "--no-fail-fast"]);
        if more.is_empty() {
            command.arg("--all-targets");
        }
    }
    step("tests", command.args(more))
}

/// Installs what the tests use, or names it, and returns the environment that tells the tests where it is.
fn prepare() -> Result<Vec<(String, String)>, String> {
    let mut environment = Vec::new();
    let must = std::env::var_os("CI").is_some();
    let missing = install_debian_packages()?;
    if missing.is_empty() {
        if must {
            environment.push(("VIGIE_REQUIRE_NFT".to_owned(), "1".to_owned()));
            environment.push(("VIGIE_REQUIRE_MOUNT".to_owned(), "1".to_owned()));
            environment.push(("VIGIE_REQUIRE_POPPLER".to_owned(), "1".to_owned()));
        }
    } else {
        report_missing(
            must,
            &format!("install the packages {}: tests that need them are skipped", missing.join(", ")),
        )?;
    }
    match install_python_packages() {
        Ok(python) => {
            let emulator = PathBuf::from(&python).with_file_name("cargo-lambda");
            let schemathesis = PathBuf::from(&python).with_file_name("schemathesis");
            environment.push(("VIGIE_TEST_SCHEMATHESIS".to_owned(), schemathesis.to_string_lossy().into_owned()));
            environment.push(("VIGIE_TEST_CARGO_LAMBDA".to_owned(), emulator.to_string_lossy().into_owned()));
            if must {
                environment.push(("VIGIE_REQUIRE_CARGO_LAMBDA".to_owned(), "1".to_owned()));
                environment.push(("VIGIE_REQUIRE_SCHEMATHESIS".to_owned(), "1".to_owned()));
            }
            let client = install_thehive4py_1(&python)?;
            environment.push(("VIGIE_TEST_THEHIVE4PY_1".to_owned(), client.to_string_lossy().into_owned()));
            if must {
                environment.push(("VIGIE_REQUIRE_PEERS".to_owned(), "1".to_owned()));
            }
            environment.push(("VIGIE_TEST_PYTHON".to_owned(), python));
            environment.push(("VIGIE_REQUIRE_SMTP".to_owned(), "1".to_owned()));
            environment.push(("VIGIE_REQUIRE_MOTO".to_owned(), "1".to_owned()));
            if !missing.contains(&"default-jre-headless") {
                environment.push(("VIGIE_REQUIRE_ARCHIVE".to_owned(), "1".to_owned()));
            }
        }
        Err(problem) => report_missing(
            must,
            &format!("{problem}: tests against a real SMTP server, of the archive and of AWS are skipped"),
        )?,
    }
    match test_data() {
        Some(folder) => environment.push(("VIGIE_TEST_DATA".to_owned(), folder)),
        None => {
            report_missing(must, "set VIGIE_TEST_DATA to the folder of public sample data: those tests are skipped")?;
        }
    }
    if must {
        environment.push(("VIGIE_REQUIRE_DATA".to_owned(), "1".to_owned()));
    }
    Ok(environment)
}

/// In CI nothing may be skipped; elsewhere a skipped part is named and the rest runs.
pub(crate) fn report_missing(must: bool, what: &str) -> Result<(), String> {
    if must {
        return Err(format!("CI runs everything; {what}"));
    }
    println!("\nwarning: {what}");
    Ok(())
}

fn install_debian_packages() -> Result<Vec<&'static str>, String> {
    let missing = || -> Vec<&'static str> {
        DEBIAN_PACKAGES
            .iter()
            .filter(|(_, program, arguments)| !answers(program, arguments))
            .map(|(package, ..)| *package)
            .collect()
    };
    let wanted = missing();
    let root_user = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if wanted.is_empty() || !root_user || !answers("apt-get", &["--version"]) {
        return Ok(wanted);
    }
    step("refresh the package lists", Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&wanted);
    step("install Debian packages", &mut install)?;
    Ok(missing())
}

/// Makes a virtual environment beside the build's output, and returns its Python.
fn install_python_packages() -> Result<String, String> {
    let folder = target_folder().join("test-venv");
    let python = folder.join("bin/python");
    let python_text = python.to_string_lossy().into_owned();
    let emulator = folder.join("bin/cargo-lambda");
    let has_all = answers(
        &python_text,
        &["-c", "import aiosmtpd, boto3, cryptography, duckdb, moto.server, pyspark, schemathesis"],
    ) && answers(&emulator.to_string_lossy(), &["lambda", "--version"]);
    if !has_all {
        let venv = ["-m", "venv", "--clear", &folder.to_string_lossy()].map(str::to_owned);
        step("make a Python environment", Command::new("python3").args(venv))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        step("install Python packages", Command::new(&python).args(pip).args(PYTHON_PACKAGES))?;
        // A program in a wheel; what it depends on is a compiler of 400 MB for other targets than ours.
        step("install the emulator of Lambda", Command::new(&python).args(pip).args(["--no-deps", CARGO_LAMBDA]))?;
    }
    Ok(python_text)
}

/// Installs TheHive's Python client of version 0 into a folder of its own, and returns that.
fn install_thehive4py_1(python: &str) -> Result<PathBuf, String> {
    let folder = target_folder().join("thehive4py-1");
    // The marker is written last: a folder without it is half made.
    let marker = folder.join(".whole");
    if !marker.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        let mut install = Command::new(python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        step("install TheHive's client of version 0", install.arg(&folder).arg(THEHIVE4PY_1))?;
        std::fs::write(&marker, THEHIVE4PY_1).map_err(|error| format!("write {}: {error}", marker.display()))?;
    }
    Ok(folder)
}

/// Where the build's output goes, and what is installed for the tests beside it.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The sample data is not part of the project; a checkout that has it beside itself finds it there.
fn test_data() -> Option<String> {
    if let Some(folder) = std::env::var_os("VIGIE_TEST_DATA") {
        return Some(folder.to_string_lossy().into_owned());
    }
    let beside = root().join("../shared/data").canonicalize().ok()?;
    beside.is_dir().then(|| beside.to_string_lossy().into_owned())
}
