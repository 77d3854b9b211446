//! `vigie import`: move here from another house.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::runtime::Runtime;
use vigie_model::{TenantId, Timestamp};
use vigie_server::{
    Credentials, Import, ImportFailure, ImportOutcome, ImportProgress, Patience, Source, SourceSettings, Target,
    TenantMap,
};
use vigie_server::{PASSWORD_BYTES_MAX, open_store_and_files};

use super::{Failure, Verdict, config};
use crate::cli::{Format, ImportCommand, ImportThehiveArguments, Table, print_json, print_rows, printable};

/// How long a file that holds a key may be, in bytes.
const KEY_BYTES_MAX: u64 = 4 * 1024;
/// How long a file of certificates or of tenants may be, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How many failures are shown one by one in a table.
const FAILURES_SHOWN: usize = 50;
/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(2);

pub(super) fn run(command: &ImportCommand) -> Result<Verdict, Failure> {
    match command {
        ImportCommand::Thehive(arguments) => thehive(arguments),
    }
}

fn thehive(arguments: &ImportThehiveArguments) -> Result<Verdict, Failure> {
    let source = Source::new(&SourceSettings {
        url: arguments.url.clone(),
        credentials: credentials(arguments)?,
        certificates: arguments.ca_file.as_deref().map(|path| bytes(path, FILE_BYTES_MAX)).transpose()?,
        name: arguments.source_name.clone(),
        patience: Patience::default(),
    })?;
    if source.is_open() {
        eprintln!("warning: the key goes to {} without TLS: whoever is on the way can read it", arguments.url);
    }
    let tenants = arguments.map.as_deref().map(tenants).transpose()?.unwrap_or_default();
    let teller = Teller::default();
    let tell = |progress: &ImportProgress| teller.tell(progress);
    let now = || Timestamp::from(jiff::Timestamp::now());
    let import =
        Import { source: &source, organisations: &arguments.organisation, tenants: &tenants, tell: &tell, now: &now };
    let runtime = Runtime::new()?;
    if arguments.dry_run {
        let outcome = runtime.block_on(import.survey())?;
        print_survey(arguments.format, &outcome);
        return Ok(if outcome.failure_count == 0 { Verdict::Good } else { Verdict::Bad });
    }
    let config = config::load(arguments.config.as_deref())?.config;
    let outcome = runtime.block_on(async {
        let (store, files) = open_store_and_files(&config).await?;
        let file_bytes_max = config.limits.attachment_bytes_max;
        let outcome = import.run(Target { store: &store, files: &files, file_bytes_max }).await?;
        store.close().await;
        Ok::<_, Failure>(outcome)
    })?;
    print(arguments.format, &outcome);
    Ok(if outcome.is_equal() { Verdict::Good } else { Verdict::Bad })
}

fn credentials(arguments: &ImportThehiveArguments) -> Result<Credentials, Failure> {
    if let Some(user) = &arguments.user {
        let mut password = String::new();
        std::io::stdin().take(PASSWORD_BYTES_MAX as u64 + 2).read_to_string(&mut password)?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        if password.is_empty() {
            return Err("the password is missing: give it on standard input".into());
        }
        return Ok(Credentials::Password { user: user.clone(), password });
    }
    if let Some(path) = &arguments.key_file {
        let key = String::from_utf8(bytes(path, KEY_BYTES_MAX)?)
            .map_err(|_| format!("{} holds no key: it is not text", path.display()))?;
        return Ok(Credentials::Key(key));
    }
    let key = arguments.key.clone().filter(|key| !key.trim().is_empty());
    let missing = "a key is missing: give VIGIE_THEHIVE_KEY, --key-file, or --user and the password on standard input";
    Ok(Credentials::Key(key.ok_or(missing)?))
}

fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| format!("read {}: {error}", path.display());
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > bytes_max {
        return Err(format!("{} is longer than {bytes_max} bytes: it is another file", path.display()).into());
    }
    Ok(bytes)
}

fn tenants(path: &Path) -> Result<TenantMap, Failure> {
    let text =
        String::from_utf8(bytes(path, FILE_BYTES_MAX)?).map_err(|_| format!("{} is not text", path.display()))?;
    let table: toml::Table = text.parse().map_err(|error| format!("read {}: {error}", path.display()))?;
    let mut tenants = TenantMap::new();
    for (organisation, tenant) in table {
        let wrong = |reason: String| format!("{}: `{organisation}`: {reason}", path.display());
        let name = tenant.as_str().ok_or_else(|| wrong("expected a tenant's name as text".to_owned()))?;
        let tenant = TenantId::new(name).map_err(|error| wrong(error.to_string()))?;
        tenants.insert(organisation, tenant);
    }
    Ok(tenants)
}

/// Tells progress on standard error, a line now and then.
#[derive(Default)]
struct Teller(Mutex<Option<(String, Instant)>>);

impl Teller {
    fn tell(&self, progress: &ImportProgress) {
        let ImportProgress { organisation, list, read, imported } = progress;
        let what = if organisation.is_empty() { (*list).to_owned() } else { format!("{organisation}: {list}") };
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.as_ref().is_some_and(|(told, when)| *told == what && when.elapsed() < TELL_EVERY) {
            return;
        }
        eprintln!("{}: {read} read, {imported} new", printable(&what));
        *last = Some((what, Instant::now()));
    }
}

fn print_survey(format: Format, outcome: &ImportOutcome) {
    match format {
        Format::Table => {
            let mut table = Table::new(&["organisation", "list", "at the source"]);
            for row in &outcome.rows {
                table.row([named(&row.organisation), row.list.to_owned(), number(row.source)]);
            }
            print!("{table}");
            print_failures(outcome);
        }
        Format::Json => print_json(outcome),
        Format::Jsonl => print_rows(format, &outcome.rows, |_| Table::default()),
    }
}

fn print(format: Format, outcome: &ImportOutcome) {
    match format {
        Format::Table => {
            let headings =
                ["organisation", "list", "at the source", "imported", "already there", "changed", "failed", ""];
            let mut table = Table::new(&headings);
            for row in &outcome.rows {
                let verdict = if row.is_equal() { "equal" } else { "DIFFERS" };
                table.row([
                    named(&row.organisation),
                    row.list.to_owned(),
                    number(row.source),
                    row.imported.to_string(),
                    row.already_there.to_string(),
                    row.changed.to_string(),
                    row.failed.to_string(),
                    verdict.to_owned(),
                ]);
            }
            print!("{table}");
            print_failures(outcome);
            print_verdict(outcome);
        }
        Format::Json => print_json(&json!({"equal": outcome.is_equal(), "outcome": outcome})),
        Format::Jsonl => {
            print_rows(format, &outcome.rows, |_| Table::default());
            print_rows(format, &outcome.failures, |_| Table::default());
        }
    }
}

fn print_failures(outcome: &ImportOutcome) {
    for ImportFailure { organisation, list, id, field, reason } in outcome.failures.iter().take(FAILURES_SHOWN) {
        let parts = [named(organisation), (*list).to_owned(), id.clone(), field.clone()];
        let place: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        eprintln!("not copied: {}: {}", printable(&place.join(" ")), printable(reason));
    }
    let shown = outcome.failures.len().min(FAILURES_SHOWN) as u64;
    if outcome.failure_count > shown {
        eprintln!("and {} more: `--format json` lists them", outcome.failure_count - shown);
    }
}

fn print_verdict(outcome: &ImportOutcome) {
    let users: u64 = outcome.rows.iter().filter(|row| row.list == "users").map(|row| row.imported).sum();
    if users > 0 {
        eprintln!("{users} users came locked and without a password: unlock each and give them one");
    }
    if outcome.is_equal() {
        eprintln!("all that the source has is here");
        return;
    }
    let lists = outcome.rows.iter().filter(|row| !row.is_equal()).count();
    eprintln!(
        "{lists} lists differ and {} things could not be copied: mend what is said above and run it again, which brings \
         only what is missing",
        outcome.failure_count
    );
}

fn named(organisation: &str) -> String {
    if organisation.is_empty() { "(everybody)".to_owned() } else { organisation.to_owned() }
}

fn number(count: Option<u64>) -> String {
    count.map_or_else(|| "?".to_owned(), |count| count.to_string())
}
