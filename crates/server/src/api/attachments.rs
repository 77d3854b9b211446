//! `/api/v1/cases/{id}/attachments`: the files of a case.
//!
//! What comes in is written to disk while it comes; what goes out is a download, whatever it holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::json;
use utoipa::ToSchema;
use vigie_model::{Attachment, AttachmentId, AttachmentOwner, Case, CaseId, Role, Selection, Stamp, Timestamp, Verb};
use vigie_store::{Author, Reach, Tx};
use vigie_thehive::{ATTACHMENTS_MAX, Fault, Form, download, free_name};

use super::cases::load;
use super::extract::Id;
use super::listing::equal;
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;
use crate::notices::change_of;

pub(super) fn routes() -> Vec<Route> {
    let analyst = Access::Role(Role::Analyst);
    vec![
        read("/api/v1/cases/{id}/attachments", list),
        work("/api/v1/cases/{id}/attachments", add).with_files(),
        read("/api/v1/cases/{id}/attachments/{attachment}", bytes),
        Route::new(Method::DELETE, "/api/v1/cases/{id}/attachments/{attachment}", analyst, remove),
    ]
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let code = match fault.status() {
            StatusCode::PAYLOAD_TOO_LARGE => return Self::too_large(fault.message()),
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::INSUFFICIENT_STORAGE => "disk_full",
            status if status.is_server_error() => "internal",
            _ => "invalid",
        };
        Self::new(fault.status(), code, fault.message())
    }
}

/// Lists the files of a case, oldest first.
#[utoipa::path(get, path = "/api/v1/cases/{id}/attachments", tag = "cases", params(("id" = String, Path, description = "The case's id.")), responses(
    (status = 200, description = "The files.", body = Vec<Attachment>),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
) -> Result<Json<Vec<Attachment>>, Problem> {
    let reach = caller.reach();
    app.store.case(&reach, id).await?.ok_or_else(|| Problem::not_found("case"))?;
    Ok(Json(app.store.select(&reach, &of(id)).await?))
}

fn of(case: CaseId) -> Selection {
    Selection::of(equal("case", case.to_string()), ATTACHMENTS_MAX as u64)
}

/// The files to put on a case.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes a form, which is read as it comes in")]
pub(crate) struct FilesBody {
    /// Their bytes.
    #[schema(value_type = Vec<String>, format = Binary)]
    attachments: Vec<Vec<u8>>,
}

/// Puts files on a case. Each may have `limits.attachment_bytes_max` bytes; a name that is taken gets a number.
#[utoipa::path(post, path = "/api/v1/cases/{id}/attachments", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body(content = FilesBody, content_type = "multipart/form-data"), responses(
    (status = 201, description = "The files.", body = Vec<Attachment>),
    (status = 400, description = "There is no file in the form.", body = ProblemBody),
    (status = 404, description = "There is no such case.", body = ProblemBody),
    (status = 413, description = "A file is too long.", body = ProblemBody),
))]
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    request: Request,
) -> Result<(StatusCode, Json<Vec<Attachment>>), Problem> {
    // Nobody fills the disk with files of a case that they cannot see.
    let seen = app.store.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    caller.needs_own(&seen.tenant)?;
    let files = Form::from_request(request, &crate::thehive::door(&app)).await?.into_files();
    if files.is_empty() {
        return Err(Problem::field("attachments", "missing: send files in a form, in parts of this name"));
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let known: Vec<Attachment> = tx.select(&caller.reach(), &of(id)).await?;
    let mut names: Vec<String> = known.into_iter().map(|attachment| attachment.name).collect();
    let mut added = Vec::new();
    for file in files {
        if names.len() >= ATTACHMENTS_MAX {
            let said = format!("the case holds {ATTACHMENTS_MAX} files, which is the most: take some off first");
            return Err(Problem::conflict(said));
        }
        let attachment = Attachment {
            id: new_id(&app, id),
            tenant: case.tenant.clone(),
            owner: AttachmentOwner::Case(id),
            name: free_name(&file.name, &names),
            media_type: file.media_type,
            bytes: file.uploaded.bytes,
            sha256: file.uploaded.sha256.clone(),
            sha1: file.uploaded.sha1.clone(),
            md5: file.uploaded.md5.clone(),
            stamp: Stamp::new(caller.name(), now),
        };
        app.files.keep(file.uploaded).await.map_err(|error| Problem::from(Fault::from(error)))?;
        tx.create(&attachment, Author { actor: &caller.actor(), now }).await?;
        names.push(attachment.name.clone());
        added.push(attachment);
    }
    let changes: Vec<_> = added.iter().map(|file| change_of(Verb::Create, json!(null), file)).collect();
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    finish(&app, tx, &case).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Returns an id whose first half is the case's: so its history finds what was taken off again.
fn new_id(app: &App, case: CaseId) -> AttachmentId {
    let mut id = app.entropy.id();
    id[..8].copy_from_slice(&case.as_bytes()[..8]);
    AttachmentId::from_bytes(id)
}

/// Returns the bytes of a file, as a download that no browser shows or runs.
#[utoipa::path(get, path = "/api/v1/cases/{id}/attachments/{attachment}", tag = "cases",
    params(("id" = String, Path, description = "The case's id."), ("attachment" = String, Path, description = "The file's id.")),
    responses((status = 200, description = "Its bytes.", content_type = "application/octet-stream"), (status = 404, description = "It is not on the case.", body = ProblemBody)))]
pub(crate) async fn bytes(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id((id, attachment)): Id<(CaseId, AttachmentId)>,
) -> Result<Response, Problem> {
    let reach: Reach = caller.reach();
    app.store.case(&reach, id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let found: Option<Attachment> = app.store.get(&reach, &attachment.to_string()).await?;
    let found = found.filter(|found| found.owner == AttachmentOwner::Case(id));
    let found = found.ok_or_else(|| Problem::not_found("attachment"))?;
    Ok(download(&crate::thehive::door(&app), &found).await?)
}

/// Takes a file off a case. Its bytes go once nothing names them.
#[utoipa::path(delete, path = "/api/v1/cases/{id}/attachments/{attachment}", tag = "cases",
    params(("id" = String, Path, description = "The case's id."), ("attachment" = String, Path, description = "The file's id.")),
    responses((status = 204, description = "It is off the case."), (status = 404, description = "It is not on the case.", body = ProblemBody)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id((id, attachment)): Id<(CaseId, AttachmentId)>,
) -> Result<StatusCode, Problem> {
    let now: Timestamp = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let found: Option<Attachment> = tx.get(&caller.reach(), &attachment.to_string()).await?;
    let found = found.filter(|found| found.owner == AttachmentOwner::Case(id));
    let found = found.ok_or_else(|| Problem::not_found("attachment"))?;
    tx.remove(&found, Author { actor: &caller.actor(), now }).await?;
    finish(&app, tx, &case).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn finish(app: &App, tx: Tx, case: &Case) -> Result<(), Problem> {
    tx.commit().await?;
    app.outbox_bell.notify_one();
    app.tell(LiveKind::Case, &case.tenant, case);
    Ok(())
}
