//! Rules, playbooks, indicators and places: what the server is loaded with at start.

use std::fs;
use std::path::{Path, PathBuf};

use vigie_detect::{LoadFailure, PIPELINE_BYTES_MAX, Pipeline, RULE_FILE_BYTES_MAX, RuleSet};
use vigie_intel::{CSV_BYTES_MAX, Geo, Matcher, WarningList, parse_csv, parse_misp_event};
use vigie_model::Timestamp;
use vigie_respond::{
    Catalogue, Executors, NOTIFY_WEBHOOK, PLAYBOOK_BYTES_MAX, Playbook, PlaybookAction, is_playbook_file,
};
use vigie_store::Store;

use super::ServeError;
use crate::api::all_indicators;
use crate::app::App;
use crate::causes::chain;
use crate::config::{Config, IntelList, ListFormat};
use crate::content::{PIPELINES, PLAYBOOKS, RULES};
use crate::rules::{OwnRules, RuleBook, RuleFile, RuleFrom};

/// How many files one folder of rules may hold.
const FILES_MAX: usize = 100_000;
/// How deep a folder of rules is walked.
const DEPTH_MAX: usize = 32;

/// What was loaded and what could not be.
#[derive(Debug, Clone, Default)]
pub struct LoadReport {
    /// How many rules are in force.
    pub rules: usize,
    /// The rules that were refused, and why. The others are in force.
    pub failed: Vec<LoadFailure>,
    /// How many playbooks are in force.
    pub playbooks: usize,
    /// How many indicators are matched.
    pub indicators: usize,
}

pub(super) struct Loaded {
    pub(super) rules: RuleSet,
    pub(super) book: RuleBook,
    pub(super) pipeline: Pipeline,
    pub(super) playbooks: Vec<Playbook>,
    pub(super) matcher: Matcher,
    pub(super) geo: Geo,
}

pub(super) async fn load(config: &Config, store: &Store, now: Timestamp) -> Result<(Loaded, LoadReport), ServeError> {
    for list in &config.intel.list {
        import(store, list, now).await?;
    }
    let indicators = all_indicators(store).await?;
    let config = config.clone();
    let work = move || {
        let LoadedRules { loaded: detect, book, pipeline } = load_rules(&config)?;
        let playbooks = load_playbooks(&config)?;
        let geo = Geo::open_all(&config.intel.geo).map_err(|error| ServeError::Content {
            path: config.intel.geo.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        })?;
        let matcher = Matcher::new(indicators, WarningList::builtin());
        let report = LoadReport {
            rules: detect.rules.len(),
            failed: detect.failed,
            playbooks: playbooks.len(),
            indicators: matcher.len(),
        };
        Ok((Loaded { rules: detect.rules, book, pipeline, playbooks, matcher, geo }, report))
    };
    let loaded: Result<_, ServeError> = tokio::task::spawn_blocking(work).await.expect("loading does not panic");
    let (loaded, report) = loaded?;
    for failure in &report.failed {
        tracing::warn!(rule.path = failure.path, "a rule was refused: {}: {}", failure.path, failure.reason);
    }
    tracing::info!(
        rules = report.rules,
        playbooks = report.playbooks,
        indicators = report.indicators,
        "loaded {} rules, {} playbooks and {} indicators",
        report.rules,
        report.playbooks,
        report.indicators
    );
    Ok((loaded, report))
}

/// Reads the rules again and detects with them from now on. Those that cannot be read are left out and returned; where a
/// folder or a pipeline cannot be read at all, the rules stay as they are.
pub(crate) async fn reload_rules(app: &App) -> Result<LoadReport, ServeError> {
    let config = app.config.clone();
    let work = tokio::task::spawn_blocking(move || load_rules(&config)).await;
    let LoadedRules { loaded, book, pipeline } = work.expect("loading does not panic")?;
    let report = LoadReport { rules: loaded.rules.len(), failed: loaded.failed, ..LoadReport::default() };
    app.rules.set(book, pipeline);
    app.refused_rules.set(report.failed.clone());
    app.pipeline.replace_rules(loaded.rules);
    for failure in &report.failed {
        tracing::warn!(rule.path = failure.path, "a rule was refused: {}: {}", failure.path, failure.reason);
    }
    tracing::info!(rules = report.rules, "loaded {} rules again, {} were refused", report.rules, report.failed.len());
    Ok(report)
}

/// The rules that were loaded, and what they were loaded from.
struct LoadedRules {
    loaded: vigie_detect::Loaded,
    book: RuleBook,
    pipeline: Pipeline,
}

fn load_rules(config: &Config) -> Result<LoadedRules, ServeError> {
    let mut files: Vec<RuleFile> = Vec::new();
    let mut pipeline = Pipeline::none();
    if config.rules.builtin {
        let file = |(path, text): &(&str, &str)| RuleFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
            from: RuleFrom::Builtin,
        };
        files.extend(RULES.iter().map(file));
        for (path, text) in PIPELINES {
            pipeline = pipeline.then(parse_pipeline(Path::new(path), text)?);
        }
    }
    for path in &config.rules.pipelines {
        pipeline = pipeline.then(parse_pipeline(path, &read(path, PIPELINE_BYTES_MAX)?)?);
    }
    for folder in &config.rules.folders {
        let mut paths = Vec::new();
        walk(folder, DEPTH_MAX, &mut paths)?;
        paths.sort();
        for path in paths {
            let text = read(&path, RULE_FILE_BYTES_MAX)?;
            files.push(RuleFile { path: path.display().to_string(), text, from: RuleFrom::Folder });
        }
    }
    // Last, so that one of them never takes the id of a rule that was there before it.
    let own = OwnRules::of(&config.data_folder);
    let failed = |error| ServeError::Content { path: config.data_folder.join("rules"), reason: chain(&error) };
    files.extend(own.files().map_err(failed)?);
    let loaded = RuleSet::load(files.iter().map(|file| (file.path.clone(), file.text.clone())), &pipeline);
    let book = RuleBook::new(&loaded.rules, files);
    Ok(LoadedRules { loaded, book, pipeline })
}

fn parse_pipeline(path: &Path, text: &str) -> Result<Pipeline, ServeError> {
    let name = path.display().to_string();
    Pipeline::parse(&name, text)
        .map_err(|error| ServeError::Content { path: path.to_owned(), reason: error.to_string() })
}

/// Collects the YAML files below a folder. Folders named `pipelines` hold pipelines, not rules.
fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), ServeError> {
    let failed = |source| ServeError::File { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(failed)?;
        let is_yaml = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        if kind.is_dir() && depth > 0 && entry.file_name() != "pipelines" {
            walk(&path, depth - 1, found)?;
        } else if !kind.is_dir() && is_yaml {
            found.push(path);
        }
        if found.len() > FILES_MAX {
            let reason = format!("there are more than {FILES_MAX} rule files in it");
            return Err(ServeError::Content { path: folder.to_owned(), reason });
        }
    }
    Ok(())
}

/// A playbook that cannot be read stops the start: an answer that silently never comes is worse than none.
fn load_playbooks(config: &Config) -> Result<Vec<Playbook>, ServeError> {
    let catalogue = Catalogue::builtin();
    let parse = |path: &Path, text: &str| {
        Playbook::parse(&path.display().to_string(), text, &catalogue)
            .map_err(|error| ServeError::Content { path: path.to_owned(), reason: error.to_string() })
    };
    let mut playbooks: Vec<Playbook> = Vec::new();
    if config.playbooks.builtin {
        for (path, text) in PLAYBOOKS {
            playbooks.push(parse(Path::new(path), text)?);
        }
    }
    let Some(folder) = &config.playbooks.folder else { return Ok(playbooks) };
    let failed = |source| ServeError::File { path: folder.clone(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if is_playbook_file(&entry.file_name().to_string_lossy()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    for path in paths {
        let playbook = parse(&path, &read(&path, PLAYBOOK_BYTES_MAX)?)?;
        // The operator's own takes the place of ours of the same name.
        playbooks.retain(|known| known.id != playbook.id);
        playbooks.push(playbook);
    }
    Ok(playbooks)
}

/// Leaves out what nobody here can carry out: a message where no relay is configured, a webhook that has no address. The
/// log says so; a plan full of what cannot happen would hide what can.
pub(super) fn able(playbooks: Vec<Playbook>, executors: &Executors, config: &Config) -> Vec<Playbook> {
    let unable = |action: &PlaybookAction| {
        if executors.get(action.spec.kind).is_none() {
            return Some(format!("nothing here carries out `{}`: configure it", action.spec.kind));
        }
        let name = action.addressee()?;
        let known = config.webhook.iter().any(|hook| hook.name == name);
        (!known && action.spec.kind == NOTIFY_WEBHOOK.kind)
            .then(|| format!("no webhook is called `{name}`: configure it"))
    };
    let keep = |mut playbook: Playbook| {
        playbook.actions.retain(|action| {
            let Some(reason) = unable(action) else { return true };
            tracing::info!(playbook = %playbook.id, "an action of the playbook `{}` is left out: {reason}", playbook.id);
            false
        });
        (!playbook.actions.is_empty()).then_some(playbook)
    };
    playbooks.into_iter().filter_map(keep).collect()
}

async fn import(store: &Store, list: &IntelList, now: Timestamp) -> Result<(), ServeError> {
    let text = read(&list.path, CSV_BYTES_MAX)?;
    let parsed = match list.format {
        ListFormat::Csv => parse_csv(&list.tenant, &list.name, &text, now),
        ListFormat::Misp => parse_misp_event(&list.tenant, &text, now)
            .map_err(|error| ServeError::Content { path: list.path.clone(), reason: error.to_string() })?,
    };
    for failure in parsed.failed.iter().take(10) {
        tracing::warn!(list = list.name, "a line of the indicator list `{}` was left out: {failure}", list.name);
    }
    let mut tx = store.begin().await?;
    tx.upsert_indicators(&parsed.indicators).await?;
    tx.commit().await?;
    Ok(())
}

fn read(path: &Path, bytes_max: usize) -> Result<String, ServeError> {
    let failed = |source| ServeError::File { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > bytes_max as u64 {
        let reason = format!("it has {length} bytes: at most {bytes_max} are read");
        return Err(ServeError::Content { path: path.to_owned(), reason });
    }
    fs::read_to_string(path).map_err(failed)
}
