//! `vigie ingest`: send files to a running server, in batches that may be sent again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use vigie_ingest::{BatchName, BodyLimits, Sources, decode_body, normalise, split};
use vigie_model::{BatchContext, Logsource, TenantId, Timestamp};

use super::{Failure, Verdict};
use crate::cli::{IngestArguments, Table, print_rows};
use crate::client::{Client, query_value};

/// The largest file that is sent as one batch; larger ones are cut at line ends by `split(1)` or tailed by the server.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What became of a file.
#[derive(Debug, Serialize)]
struct Outcome {
    file: PathBuf,
    accepted: u64,
    dead: u64,
    duplicate: bool,
}

pub(super) fn run(arguments: &IngestArguments) -> Result<Verdict, Failure> {
    let mut outcomes = Vec::new();
    for file in &arguments.files {
        let outcome = if arguments.dry_run { read_only(arguments, file) } else { send(arguments, file) };
        outcomes.push(outcome.map_err(|problem| format!("{}: {problem}", file.display()))?);
    }
    print_rows(arguments.format, &outcomes, |outcomes| {
        let mut table = Table::new(&["file", "accepted", "dead", "known already"]);
        for outcome in outcomes {
            let known = if outcome.duplicate { "yes" } else { "no" };
            let (accepted, dead) = (outcome.accepted.to_string(), outcome.dead.to_string());
            table.row([outcome.file.display().to_string(), accepted, dead, known.to_owned()]);
        }
        table
    });
    Ok(Verdict::Good)
}

fn send(arguments: &IngestArguments, file: &Path) -> Result<Outcome, Failure> {
    let bytes = read(file)?;
    let mut path = format!("/api/v1/ingest/{}", arguments.source);
    let hints = [("product", &arguments.product), ("category", &arguments.category), ("service", &arguments.service)];
    let hints: Vec<String> =
        hints.iter().filter_map(|(name, hint)| Some(format!("{name}={}", query_value(hint.as_ref()?)))).collect();
    if !hints.is_empty() {
        path = format!("{path}?{}", hints.join("&"));
    }
    // The same bytes are the same batch, so that a command that is given twice counts once.
    let batch = batch_name(&bytes);
    let tenant = arguments.tenant.as_ref().map(ToString::to_string);
    let mut headers = vec![("X-Vigie-Batch-Id", batch.as_str()), ("Content-Type", "application/octet-stream")];
    headers.extend(encoding(&bytes).map(|encoding| ("Content-Encoding", encoding)));
    headers.extend(tenant.as_deref().map(|tenant| ("X-Vigie-Tenant", tenant)));
    let answer = Client::new(&arguments.connection).post_bytes(&path, &headers, &bytes)?;
    let number = |name: &str| answer.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let duplicate = answer.get("duplicate").and_then(serde_json::Value::as_bool).unwrap_or(false);
    Ok(Outcome { file: file.to_owned(), accepted: number("accepted"), dead: number("dead"), duplicate })
}

/// Reads a file as the server would, without one.
fn read_only(arguments: &IngestArguments, file: &Path) -> Result<Outcome, Failure> {
    let bytes = read(file)?;
    let encoding = encoding(&bytes);
    let body = decode_body(bytes.into(), encoding, &BodyLimits::default())?;
    let sources = Sources::builtin();
    let source = sources.get(&arguments.source).ok_or_else(|| {
        let known = sources.names().collect::<Vec<_>>().join(", ");
        format!("there is no source `{}`; known are {known}", arguments.source)
    })?;
    let part = |hint: &Option<String>| hint.clone().unwrap_or_default();
    let hint = Logsource::new(&part(&arguments.product), &part(&arguments.category), &part(&arguments.service));
    let context = BatchContext { logsource: (hint != Logsource::default()).then_some(hint), header: None };
    let tenant = arguments.tenant.clone().map_or_else(|| TenantId::new("default"), Ok)?;
    let arrival = Timestamp::from(jiff::Timestamp::now());
    let cut = split(source, &tenant, BatchName::new("dry-run"), body, Some(Arc::new(context)), arrival);
    let normalised = normalise(&sources, &cut.records);
    let dead = (cut.dead.len() + normalised.dead.len()) as u64;
    Ok(Outcome { file: file.to_owned(), accepted: normalised.events.len() as u64, dead, duplicate: false })
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let length = fs::metadata(file)?.len();
    if length > FILE_BYTES_MAX {
        let limit = FILE_BYTES_MAX / (1024 * 1024);
        return Err(format!(
            "is {length} bytes long; compress it, split it at line ends below {limit} MiB, or tail it"
        )
        .into());
    }
    Ok(fs::read(file)?)
}

/// Returns the content encoding that a file's first bytes tell (RFC 1952 §2.3.1, RFC 8878 §3.1.1).
fn encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

fn batch_name(bytes: &[u8]) -> String {
    format!("file-{}", vigie_model::EventId::derive([bytes]))
}
