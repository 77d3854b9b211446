//! Files of organisations, and what the files of alerts, cases, logs and observables have in common.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use vigie_model::{Attachment, AttachmentId, AttachmentOwner, Comparison, Filter, Stamp, TenantId};

use crate::body::{Form, FormFile, download};
use crate::door::Door;
use crate::id::WireId as _;
use crate::route::{Route, delete, get, post};
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many files one alert, case, log or organisation holds.
pub const ATTACHMENTS_MAX: usize = 1_000;
/// The part of a form that files come in.
pub(crate) const PART: &str = "attachments";

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/attachment", "manageAttachment", create).with_files(),
        get("/api/v1/attachment/{id}", read),
        get("/api/v1/attachment/{id}/download", read_bytes),
        delete("/api/v1/attachment/{id}", "manageAttachment", remove),
    ]
}

async fn create(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<Response, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    add(work, Shelf { tenant: visitor.tenant.id.clone(), owner: AttachmentOwner::Tenant }, form).await
}

/// Shows any file of the organisation: of its alerts and cases too.
async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(any(&door, &visitor, &id).await?, &door, &visitor).await?))
}

async fn read_bytes(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Fault> {
    download(&door, &any(&door, &visitor, &id).await?).await
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    take_off(work, AttachmentOwner::Tenant, &id).await
}

async fn any(door: &Door, visitor: &Visitor, id: &str) -> Result<Attachment, Fault> {
    let found = door.store.get(&visitor.scope, &AttachmentId::expect(id)?.to_string()).await?;
    found.ok_or_else(|| missing(id))
}

/// Puts the files of a form on what the caller has looked up, and answers with them.
pub(crate) async fn add(mut work: Work<'_>, shelf: Shelf, mut form: Form) -> Result<Response, Fault> {
    let files = form.take_all(PART);
    if files.is_empty() {
        return Err(Fault::field(PART, "missing: send files in parts of this name"));
    }
    let naming = if form.is_on("canRename") == Some(false) { Naming::AsSent } else { Naming::Unique };
    let added = store_files(&mut work, &shelf, files, naming).await?;
    let (door, visitor) = (work.door, work.visitor);
    work.commit().await?;
    let shown = Attachment::show(added, door, visitor, &[]).await?;
    Ok((StatusCode::CREATED, Json(json!({"attachments": shown}))).into_response())
}

/// Where files hang.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    /// Whose they are: the tenant of what they hang on.
    pub(crate) tenant: TenantId,
    /// What they hang on.
    pub(crate) owner: AttachmentOwner,
}

/// What becomes of a file whose name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// It gets a number.
    Unique,
    /// It is refused.
    AsSent,
}

/// Keeps files and puts them on their owner.
pub(crate) async fn store_files(
    work: &mut Work<'_>,
    shelf: &Shelf,
    files: Vec<FormFile>,
    naming: Naming,
) -> Result<Vec<Attachment>, Fault> {
    let known: Vec<Attachment> = work.all(on(shelf.owner)).await?;
    let mut names: Vec<String> = known.into_iter().map(|attachment| attachment.name).collect();
    let mut added = Vec::new();
    for file in files {
        if names.len() >= ATTACHMENTS_MAX {
            return Err(Fault::field(PART, format!("too many: at most {ATTACHMENTS_MAX}; delete some first")));
        }
        let name = match naming {
            Naming::Unique => free_name(&file.name, &names),
            Naming::AsSent if names.contains(&file.name) => {
                return Err(Fault::create(format!("there is a file {} already: rename it", file.name)));
            }
            Naming::AsSent => file.name.clone(),
        };
        names.push(name.clone());
        let id = work.id();
        added.push(store_file(work, id, shelf, FormFile { name, ..file }).await?);
    }
    Ok(added)
}

/// Keeps a file and puts it on its owner, under the name that it has.
pub(crate) async fn store_file(
    work: &mut Work<'_>,
    id: AttachmentId,
    shelf: &Shelf,
    file: FormFile,
) -> Result<Attachment, Fault> {
    let FormFile { name, media_type, uploaded, .. } = file;
    let attachment = Attachment {
        id,
        tenant: shelf.tenant.clone(),
        owner: shelf.owner,
        name,
        media_type,
        bytes: uploaded.bytes,
        sha256: uploaded.sha256.clone(),
        sha1: uploaded.sha1.clone(),
        md5: uploaded.md5.clone(),
        stamp: Stamp::new(work.by(), work.now),
    };
    work.door.files.keep(uploaded).await?;
    work.create(&attachment).await?;
    Ok(attachment)
}

/// Shows a file of what the caller has looked up.
pub(crate) async fn of(door: &Door, visitor: &Visitor, owner: AttachmentOwner, id: &str) -> Result<Attachment, Fault> {
    let attachment = any(door, visitor, id).await?;
    if attachment.owner == owner { Ok(attachment) } else { Err(missing(id)) }
}

/// Takes a file off what the caller has looked up. Its bytes go once nothing names them.
pub(crate) async fn take_off(mut work: Work<'_>, owner: AttachmentOwner, id: &str) -> Result<StatusCode, Fault> {
    let attachment: Attachment = work.get(AttachmentId::expect(id)?).await?;
    if attachment.owner != owner {
        return Err(missing(id));
    }
    work.remove(&attachment).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns the filter for the files of an owner.
pub(crate) fn on(owner: AttachmentOwner) -> Filter {
    let (name, id) = match owner {
        AttachmentOwner::Alert(id) => ("alert", id.to_string()),
        AttachmentOwner::Case(id) => ("case", id.to_string()),
        AttachmentOwner::Log(id) => ("task_log", id.to_string()),
        AttachmentOwner::Observable(id) => ("observable", id.to_string()),
        AttachmentOwner::Tenant => {
            let none = |name: &str| Filter::Not(Box::new(Filter::Exists(name.to_owned())));
            return Filter::And(["alert", "case", "task_log", "observable"].map(none).into());
        }
    };
    let value = vigie_model::Value::Text(id);
    Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value }
}

fn missing(id: &str) -> Fault {
    Fault::not_found(AttachmentId::KIND, id)
}

/// Returns the name, with a number before its ending where it is taken.
pub fn free_name(name: &str, taken: &[String]) -> String {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let numbered = (1..).map(|number| format!("{stem} ({number}){ending}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken: Vec<String> = ["a.txt", "a (1).txt", ".bashrc", "x"].map(String::from).into();
        for (name, expected) in
            [("b.txt", "b.txt"), ("a.txt", "a (2).txt"), (".bashrc", ".bashrc (1)"), ("x", "x (1)"), ("x.y", "x.y")]
        {
            assert_eq!(free_name(name, &taken), expected);
        }
    }
}
