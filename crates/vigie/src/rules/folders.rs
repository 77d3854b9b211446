//! Rule files and rule folders below a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use vigie_detect::{FailureCode, LoadFailure, RULE_FILE_BYTES_MAX};

/// How many folders deep rules are looked for; a link that leads back up ends there.
pub const READ_DEPTH_MAX: usize = 32;

/// The folder beside rules that holds processing pipelines, which are YAML but no rules.
const PIPELINES: &str = "pipelines";

/// Rules cannot be read from a folder.
#[derive(Debug, thiserror::Error)]
pub enum ReadRulesError {
    /// The folder, or one below it, cannot be listed.
    #[error("list the folder `{}`", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// Folders are nested too deep.
    #[error("`{}` lies more than {READ_DEPTH_MAX} folders deep; does a link lead back up?", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to work on.
    #[error("no {wanted} below `{}`", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
    },
}

/// The rule files below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFiles {
    /// Path and text of each, sorted by path, as [`vigie_detect::RuleSet::load`] takes them.
    pub texts: Vec<(String, String)>,
    /// Those that are too long or no text.
    pub failed: Vec<LoadFailure>,
}

/// A rule's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFolder {
    /// The folder.
    pub path: PathBuf,
    /// The files that must make the rule speak, sorted.
    pub matches: Vec<PathBuf>,
    /// The files that must not, sorted.
    pub ignores: Vec<PathBuf>,
}

impl RuleFolder {
    /// Returns the file of the rule.
    pub fn rule(&self) -> PathBuf {
        self.path.join("rule.yml")
    }
}

/// Returns every `.yml` and `.yaml` file below a folder. Hidden folders and folders named `pipelines` are left out. A path to
/// one file gives that file.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn rule_files(folder: &Path) -> Result<RuleFiles, ReadRulesError> {
    let mut paths = Vec::new();
    if folder.is_file() {
        paths.push(folder.to_owned());
    } else {
        walk(folder, 0, &mut |path| {
            if path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml") {
                paths.push(path);
            }
        })?;
    }
    paths.sort();
    let mut files = RuleFiles::default();
    for path in paths {
        match read_rule(&path)? {
            Ok(text) => files.texts.push((path.display().to_string(), text)),
            Err(failure) => files.failed.push(failure),
        }
    }
    Ok(files)
}

/// Returns every folder at or below `folder` that holds a `rule.yml`, sorted.
///
/// # Errors
/// A folder that cannot be listed.
pub fn rule_folders(folder: &Path) -> Result<Vec<RuleFolder>, ReadRulesError> {
    let mut paths = Vec::new();
    walk(folder, 0, &mut |path| paths.push(path))?;
    paths.sort();
    let mut folders: Vec<RuleFolder> = paths
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "rule.yml"))
        .filter_map(|path| path.parent())
        .map(|path| RuleFolder { path: path.to_owned(), matches: Vec::new(), ignores: Vec::new() })
        .collect();
    folders.sort_by(|one, other| one.path.cmp(&other.path));
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(parent) = path.parent() else { continue };
        let Ok(place) = folders.binary_search_by(|folder| folder.path.as_path().cmp(parent)) else { continue };
        if name.starts_with("match-") {
            folders[place].matches.push(path);
        } else if name.starts_with("ignore-") {
            folders[place].ignores.push(path);
        }
    }
    Ok(folders)
}

fn walk(folder: &Path, depth: usize, found: &mut impl FnMut(PathBuf)) -> Result<(), ReadRulesError> {
    if depth > READ_DEPTH_MAX {
        return Err(ReadRulesError::TooDeep { path: folder.to_owned() });
    }
    let failed = |source| ReadRulesError::List { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if !path.is_dir() {
            found(path);
        } else if name != PIPELINES {
            walk(&path, depth + 1, found)?;
        }
    }
    Ok(())
}

/// Returns the text, or why this file is no rule although it could be read.
fn read_rule(path: &Path) -> Result<Result<String, LoadFailure>, ReadRulesError> {
    let failed = |source| ReadRulesError::Read { path: path.to_owned(), source };
    let refused =
        |code, reason: String| LoadFailure { path: path.display().to_string(), code, reason, line: None, column: None };
    // A file that is far too long is not even read.
    let bytes_count = fs::metadata(path).map_err(failed)?.len();
    if bytes_count > RULE_FILE_BYTES_MAX as u64 {
        let reason = format!("the file has {bytes_count} bytes; at most {RULE_FILE_BYTES_MAX} are read");
        return Ok(Err(refused(FailureCode::FileTooLarge, reason)));
    }
    let bytes = fs::read(path).map_err(failed)?;
    Ok(String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        refused(FailureCode::YamlSyntax, format!("the file is not UTF-8 at byte {place}; save it as UTF-8"))
    }))
}
