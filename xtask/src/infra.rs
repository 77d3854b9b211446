//! `cargo xtask infra`: what stands in `infra/`. Format, validation and tests against the provider's schema, a reduced
//! configuration really applied, and checkov's opinion.
//!
//! Validation and apply need a folder of scripts that is not part of the project, because it holds a provider's schema:
//! `VIGIE_TEST_TERRAFORM`, or the one beside the checkout. What is missing is named, and in CI it is an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{answers, root, step};
use crate::test::{report_missing, target_folder};

/// An example must stay short enough to be read before it is applied: lines of Terraform in its folder, not reached.
const EXAMPLE_LINES_MAX: usize = 300;
/// A release of our own choosing: a newer one finds more, when we say so.
const CHECKOV: &str = "3.3.30";
/// Where every variable of every module is explained.
const GUIDE: &str = "docs/guides/aws-respond.md";
/// What the reduced configuration shares with the responder module.
const POLICY_TEMPLATE: &str = "policy.json.tftpl";

/// Runs every check of `infra/`; fails at the first that does.
pub(crate) fn check() -> Result<(), String> {
    let must = std::env::var_os("CI").is_some();
    short_examples()?;
    explained_variables()?;
    if !answers("terraform", &["version"]) {
        return report_missing(must, "install terraform (1.7 or newer): the checks of infra/ are skipped");
    }
    step("Terraform: format", terraform().args(["fmt", "-check", "-diff", "-recursive", "infra"]))?;
    match scripts() {
        // Terraform mostly works on one core; the script takes turns where two would write the same.
        Some(scripts) => std::thread::scope(|scope| {
            let examples = scope.spawn(|| validate(&scripts, "examples"));
            let applied = scope.spawn(|| apply(&scripts));
            let modules = validate(&scripts, "modules");
            let broke = |_| Err("a check of infra/ broke off".to_owned());
            modules.and(examples.join().unwrap_or_else(broke)).and(applied.join().unwrap_or_else(broke))
        })?,
        None => report_missing(
            must,
            "set VIGIE_TEST_TERRAFORM to the folder of validate.sh and apply-moto.sh: Terraform is not validated and applied",
        )?,
    }
    match install_checkov() {
        Ok(checkov) => step(
            "Terraform: checkov",
            Command::new(checkov).current_dir(root()).args(["--config-file", "infra/.checkov.yaml", "-d", "infra"]),
        ),
        Err(problem) => report_missing(must, &format!("{problem}: checkov is skipped")),
    }
}

/// Terraform without the user's own settings, which may name other mirrors.
fn terraform() -> Command {
    let mut command = Command::new("terraform");
    command.current_dir(root()).env_remove("TF_CLI_CONFIG_FILE").env("CHECKPOINT_DISABLE", "1");
    command
}

fn short_examples() -> Result<(), String> {
    for example in configurations("examples")? {
        let lines = terraform_text(&example)?.lines().count();
        if lines >= EXAMPLE_LINES_MAX {
            return Err(format!(
                "{}: {lines} lines of Terraform; an example has fewer than {EXAMPLE_LINES_MAX}",
                example.display()
            ));
        }
    }
    Ok(())
}

fn explained_variables() -> Result<(), String> {
    let guide = fs::read_to_string(root().join(GUIDE)).map_err(|error| format!("read {GUIDE}: {error}"))?;
    for module in configurations("modules")? {
        let text = terraform_text(&module)?;
        let names = text.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next());
        for name in names {
            if !guide.contains(&format!("`{name}`")) {
                return Err(format!("{GUIDE}: does not explain the variable `{name}` of {}", module.display()));
            }
        }
    }
    Ok(())
}

/// Returns what the Terraform files of a folder say, one after the other.
fn terraform_text(folder: &Path) -> Result<String, String> {
    let mut text = String::new();
    for file in files(folder)?.iter().filter(|file| file.extension().is_some_and(|ending| ending == "tf")) {
        text += &fs::read_to_string(file).map_err(|error| format!("read {}: {error}", file.display()))?;
    }
    Ok(text)
}

/// Validates each of `infra/PARENT` against the provider's schema, and runs its tests.
fn validate(scripts: &Path, parent: &str) -> Result<(), String> {
    let mut command = Command::new(scripts.join("validate.sh"));
    // Modules call their siblings, so the script copies all of them.
    command.current_dir(root()).env("VIGIE_TF_ROOT", "infra");
    for folder in configurations(parent)? {
        command.arg(folder.strip_prefix(root()).unwrap_or(&folder));
    }
    step(&format!("Terraform: validate and test infra/{parent}"), &mut command)
}

/// Applies the reduced configuration to moto, plans it again and destroys it.
fn apply(scripts: &Path) -> Result<(), String> {
    let copy = target_folder().join("infra").join("apply_moto");
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(|error| format!("clear {}: {error}", copy.display()))?;
    }
    fs::create_dir_all(&copy).map_err(|error| format!("create {}: {error}", copy.display()))?;
    // The script takes one folder, so the template is put beside what renders it.
    let mut wanted = files(&root().join("infra/tests/apply_moto"))?;
    wanted.push(root().join("infra/modules/responder").join(POLICY_TEMPLATE));
    for file in wanted {
        let name = file.file_name().expect("files and the template have names");
        fs::copy(&file, copy.join(name)).map_err(|error| format!("copy {}: {error}", file.display()))?;
    }
    step("Terraform: apply, plan again, destroy", Command::new(scripts.join("apply-moto.sh")).arg(&copy))
}

/// Returns the folders of `infra/PARENT` in the order of their names.
fn configurations(parent: &str) -> Result<Vec<PathBuf>, String> {
    Ok(entries(&root().join("infra").join(parent))?.into_iter().filter(|path| path.is_dir()).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_file()).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("list {}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Makes checkov's virtual environment beside the build's output, and returns the program.
fn install_checkov() -> Result<PathBuf, String> {
    let folder = target_folder().join("checkov-venv");
    let python = folder.join("bin/python");
    let pinned = format!("import importlib.metadata as m; assert m.version('checkov') == '{CHECKOV}'");
    if !answers(&python.to_string_lossy(), &["-c", &pinned]) {
        let venv = ["-m", "venv", "--clear", &folder.to_string_lossy()].map(str::to_owned);
        step("make a Python environment for checkov", Command::new("python3").args(venv))?;
        let mut install = Command::new(&python);
        install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &format!("checkov=={CHECKOV}"),
        ]);
        step("install checkov", &mut install)?;
    }
    Ok(folder.join("bin/checkov"))
}

/// The scripts are not part of the project; a checkout that has them beside itself finds them there.
fn scripts() -> Option<PathBuf> {
    let folder =
        std::env::var_os("VIGIE_TEST_TERRAFORM").map_or_else(|| root().join("../shared/terraform"), PathBuf::from);
    let folder = folder.canonicalize().ok()?;
    folder.join("validate.sh").is_file().then_some(folder)
}
