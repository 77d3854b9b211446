//! Cases as archives with a password: out of one house, into another.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read as _, Write as _};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_cases::{ARCHIVE_FORMAT, ARCHIVE_PARTS_MAX, CaseArchive, Unpacked, Unpacking, unpack};
use vigie_model::{Attachment, Case, Filter, ObjectKind, Observable, Selection, TaskLog, Value as ModelValue, Verb};
use vigie_store::{AuditNote, Object, Uploaded};
use zip::AesMode;
use zip::write::SimpleFileOptions;

use super::{look_up, on, shares};
use crate::body::{Archive, Form, FormFile, Limits, bare_name, parse, stream_archive, unzip};
use crate::door::Door;
use crate::route::{Route, get, post};
use crate::wire::fields::definitions;
use crate::wire::share::ShareIn;
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many files an archive holds at most, besides the case.
pub(crate) const ARCHIVE_FILES_MAX: usize = 2_000;
/// How much longer an archive is than what is in it, for each entry, in bytes.
const ENTRY_BYTES: u64 = 512;
/// How long the case itself is at most, in bytes of JSON.
pub(crate) const ARCHIVE_CASE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The name of the entry that is the case.
const CASE: &str = "case.json";
/// The folder of the files, each named by its SHA-256.
const FILES: &str = "files";

pub(super) fn routes() -> Vec<Route> {
    vec![get("/api/v1/case/{id}/export", export), post("/api/v1/case/import", "manageCase/create", import).with_files()]
}

#[derive(Deserialize)]
struct ExportOptions {
    #[serde(default)]
    password: String,
}

/// Answers with an archive of a case, encrypted with AES-256. It is written in the audit log that it left.
async fn export(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(options): Query<ExportOptions>,
) -> Result<Response, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    if options.password.is_empty() {
        return Err(Fault::field("password", "missing: say with which password the archive is to be encrypted"));
    }
    let archive = Packer { door: &door, visitor: &visitor }.pack(case).await?;
    let text = serde_json::to_vec(&archive).map_err(|error| Fault::internal("write a case", &error))?;
    check_size(&door, &archive, text.len() as u64)?;
    let mut files = Vec::new();
    let digests: BTreeSet<String> = archive.attachments.iter().map(|file| file.sha256.clone()).collect();
    for digest in digests {
        let file = door.files.read(&digest).await?;
        files.push((digest, file));
    }
    note_export(&door, &visitor, &archive.case).await?;
    let name = format!("case-{}.thar", archive.case.number);
    Ok(stream_archive(&name, move |archive| write(archive, &options.password, &text, files)))
}

/// Refuses to write an archive that could not be read back: one is no longer than a file may be.
fn check_size(door: &Door, archive: &CaseArchive, case_bytes: u64) -> Result<(), Fault> {
    let parts = archive.parts();
    if parts > ARCHIVE_PARTS_MAX || case_bytes > ARCHIVE_CASE_BYTES_MAX {
        return Err(Fault::too_large(format!(
            "too much is on the case to export it: at most {ARCHIVE_PARTS_MAX} parts"
        )));
    }
    let sizes: BTreeMap<&str, u64> =
        archive.attachments.iter().map(|file| (file.sha256.as_str(), file.bytes)).collect();
    let entries = sizes.len() as u64 + 1;
    let bytes = sizes.values().sum::<u64>().saturating_add(case_bytes).saturating_add(entries * ENTRY_BYTES);
    let bytes_max = door.house.file_bytes_max();
    if sizes.len() > ARCHIVE_FILES_MAX || bytes > bytes_max {
        let files = ARCHIVE_FILES_MAX;
        let message = format!("the files of the case are too many or too long: at most {files}, and {bytes_max} bytes");
        return Err(Fault::too_large(message));
    }
    Ok(())
}

async fn note_export(door: &Door, visitor: &Visitor, case: &Case) -> Result<(), Fault> {
    let mut work = Work::begin(door, visitor).await?;
    let note = AuditNote {
        at: work.now,
        tenant: Some(case.tenant.clone()),
        actor: visitor.actor.clone(),
        verb: Verb::Export,
        object: ObjectKind::Case,
        object_id: case.id.to_string(),
        details: json!({"number": case.number, "organisation": visitor.tenant.id}),
    };
    work.tx.audit(&note).await?;
    work.commit().await
}

fn write(archive: &mut Archive, password: &str, case: &[u8], files: Vec<(String, File)>) -> io::Result<()> {
    // Files are packed as they are: most of them are packed already, and what is unpacked again is as long as it says.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let options = options.with_aes_encryption(AesMode::Aes256, password);
    archive.start_file(CASE, options).map_err(io::Error::other)?;
    archive.write_all(case)?;
    for (digest, mut file) in files {
        let options = options.large_file(file.metadata()?.len() >= u64::from(u32::MAX));
        archive.start_file(format!("{FILES}/{digest}"), options).map_err(io::Error::other)?;
        io::copy(&mut file, archive)?;
    }
    Ok(())
}

/// Gathers what is on a case.
struct Packer<'a> {
    door: &'a Door,
    visitor: &'a Visitor,
}

impl Packer<'_> {
    async fn pack(&self, case: Case) -> Result<CaseArchive, Fault> {
        let of = on(case.id);
        let logs: Vec<TaskLog> = self.all(&of).await?;
        let observables: Vec<Observable> = self.all(&of).await?;
        let mut attachments: Vec<Attachment> = self.all(&of).await?;
        attachments.extend(self.files("task_log", logs.iter().map(|log| log.id.to_string())).await?);
        let with_files = observables.iter().filter(|observable| observable.attachment.is_some());
        attachments.extend(self.files("observable", with_files.map(|observable| observable.id.to_string())).await?);
        Ok(CaseArchive {
            format: ARCHIVE_FORMAT,
            tasks: self.all(&of).await?,
            comments: self.all(&of).await?,
            procedures: self.all(&of).await?,
            pages: self.all(&of).await?,
            timeline: self.all(&of).await?,
            links: self.all(&of).await?,
            logs,
            observables,
            attachments,
            case,
        })
    }

    async fn files(&self, field: &str, ids: impl Iterator<Item = String>) -> Result<Vec<Attachment>, Fault> {
        let values: Vec<ModelValue> = ids.map(ModelValue::Text).collect();
        let mut files = Vec::new();
        for some in values.chunks(vigie_store::VALUES_MAX) {
            let filter = Filter::OneOf { name: field.to_owned(), values: some.to_vec() };
            files.extend(self.all(&filter).await?);
        }
        Ok(files)
    }

    async fn all<T: Object>(&self, filter: &Filter) -> Result<Vec<T>, Fault> {
        // One more than there may be: then it is too much, and said so.
        let selection = Selection::of(filter.clone(), ARCHIVE_PARTS_MAX as u64 + 1);
        Ok(self.door.store.select(&self.visitor.scope, &selection).await?)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImportOptions {
    password: String,
    #[serde(default)]
    sharing_parameters: Vec<ShareIn>,
}

/// Opens a new case from an archive.
async fn import(State(door): State<Door>, visitor: Visitor, mut form: Form) -> Result<Json<Value>, Fault> {
    let options: ImportOptions = form.value()?;
    let file =
        form.take("file").ok_or_else(|| Fault::field("file", "missing: send the archive in a part of this name"))?;
    let limits = Limits {
        field: "file",
        password: "password",
        entries_max: ARCHIVE_FILES_MAX + 1,
        bytes_max: door.house.file_bytes_max(),
    };
    let mut entries: HashMap<String, Uploaded> = HashMap::new();
    for FormFile { name, uploaded, .. } in unzip(&door, file, options.password, limits).await? {
        entries.entry(name).or_insert(uploaded);
    }
    let case = entries.remove(CASE).ok_or_else(|| Fault::field("file", format!("the archive holds no {CASE}")))?;
    let archive = read_case(case).await?;
    // What a file is called in the archive says nothing: what it holds does.
    let files: HashMap<String, Uploaded> =
        entries.into_values().map(|uploaded| (uploaded.sha256.clone(), uploaded)).collect();
    store(&door, &visitor, &archive, files, &options.sharing_parameters).await
}

async fn read_case(case: Uploaded) -> Result<CaseArchive, Fault> {
    if case.bytes > ARCHIVE_CASE_BYTES_MAX {
        return Err(Fault::too_large(format!(
            "{CASE} in the archive is too long: at most {ARCHIVE_CASE_BYTES_MAX} bytes"
        )));
    }
    let read = tokio::task::spawn_blocking(move || -> Result<CaseArchive, Fault> {
        let mut text = Vec::new();
        let mut file = case.open()?;
        file.read_to_end(&mut text).map_err(|error| Fault::internal("read a file", &error))?;
        parse(&text)
    });
    read.await.unwrap_or_else(|error| Err(Fault::internal("read an archive", &error)))
}

async fn store(
    door: &Door,
    visitor: &Visitor,
    archive: &CaseArchive,
    mut files: HashMap<String, Uploaded>,
    sharing: &[ShareIn],
) -> Result<Json<Value>, Fault> {
    let definitions = definitions(door).await?;
    let mut work = Work::begin(door, visitor).await?;
    let members = members(&work, archive).await;
    let number = work.tx.next_case_number(&visitor.tenant.id).await?;
    let unpacked = unpack(
        archive,
        &Unpacking {
            id: work.id(),
            tenant: visitor.tenant.id.clone(),
            number,
            definitions: &definitions,
            digests: &|digest| files.contains_key(digest),
            member: &|name| members.get(name).cloned(),
            warnings: &|kind, value| door.house.warning(kind, value),
            random: &|| door.house.id(),
            by: &work.by(),
            now: work.now,
        },
    )
    .map_err(|error| Fault::field("file", error))?;
    let case = unpacked.change.case.clone();
    work.create(&case).await?;
    work.tx.add_timeline(&unpacked.change.timeline).await?;
    create_parts(&mut work, &unpacked).await?;
    for attachment in &unpacked.attachments {
        let Some(uploaded) = files.get(&attachment.sha256) else { continue };
        let attachment = Attachment {
            name: bare_name(&attachment.name),
            media_type: attachment.media_type.chars().filter(char::is_ascii_graphic).take(255).collect(),
            bytes: uploaded.bytes,
            sha1: uploaded.sha1.clone(),
            md5: uploaded.md5.clone(),
            ..attachment.clone()
        };
        work.create(&attachment).await?;
    }
    let used: BTreeSet<&String> = unpacked.attachments.iter().map(|attachment| &attachment.sha256).collect();
    for digest in used {
        if let Some(uploaded) = files.remove(digest) {
            door.files.keep(uploaded).await?;
        }
    }
    shares::add(&mut work, &case, sharing).await?;
    work.commit().await?;
    Ok(Json(json!({
        "case": show(case, door, visitor).await?,
        "observables": Observable::show(unpacked.observables, door, visitor, &[]).await?,
        "procedures": vigie_model::Procedure::show(unpacked.procedures, door, visitor, &[]).await?,
        "errors": unpacked.errors,
    })))
}

/// Parts with files point at them: those of observables and logs are made after them.
async fn create_parts(work: &mut Work<'_>, unpacked: &Unpacked) -> Result<(), Fault> {
    work.create_all(&unpacked.tasks).await?;
    work.create_all(&unpacked.logs).await?;
    work.create_all(&unpacked.comments).await?;
    work.create_all(&unpacked.observables).await?;
    work.create_all(&unpacked.procedures).await?;
    work.create_all(&unpacked.pages).await?;
    work.create_all(&unpacked.notes).await?;
    work.create_all(&unpacked.links).await
}

/// Returns the accounts of those whom the archive names and who may be given work here.
async fn members(work: &Work<'_>, archive: &CaseArchive) -> HashMap<String, String> {
    /// How many names are looked up: more people than that do not work on one case.
    const NAMES_MAX: usize = 500;
    let of_tasks = archive.tasks.iter().filter_map(|task| task.assignee.clone());
    let names: BTreeSet<String> = archive.case.assignee.clone().into_iter().chain(of_tasks).collect();
    let mut members = HashMap::new();
    for name in names.into_iter().take(NAMES_MAX) {
        if let Ok(account) = work.member("assignee", &name).await {
            members.insert(name, account);
        }
    }
    members
}
