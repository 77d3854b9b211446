//! `/api/v1/reports`: the reports that were made, as they were made.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{ArchivedReport, ReportId, ReportLanguage, ReportPeriod, TenantId, Timestamp};
use vigie_report::period_before;

use super::extract::{Body, Id, Params};
use super::problem::{Problem, ProblemBody};
use super::reports::{ReportFormat, file_answer};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::Caller;
use crate::reports::{Order, make, read_file, report_file_name};
use crate::workers::archive_report;

/// How many reports a page of the list has.
const PAGE: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/reports", list), work("/api/v1/reports", create), read("/api/v1/reports/{id}", get)]
}

/// Whose reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArchiveQuery {
    /// One tenant's only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Only those before this place: what `next` of the page before says.
    cursor: Option<String>,
}

/// Reports that were made, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArchivePage {
    /// The reports.
    rows: Vec<ArchivedReport>,
    /// Where the next page begins; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists the reports that were made.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", params(ArchiveQuery), responses(
    (status = 200, description = "The reports.", body = ArchivePage),
    (status = 400, description = "The place cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ArchiveQuery>,
) -> Result<Json<ArchivePage>, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let before = query.cursor.as_deref().map(place).transpose()?;
    let mut rows = app.store.reports(&scope, before, PAGE + 1).await?;
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(|last| format!("{}-{}", last.created.as_micros(), last.id));
    Ok(Json(ArchivePage { rows, next }))
}

fn place(cursor: &str) -> Result<(Timestamp, ReportId), Problem> {
    let parts = cursor.split_once('-').and_then(|(created, id)| Some((created.parse().ok()?, id.parse().ok()?)));
    let wrong = || Problem::field("cursor", "expected what `next` of the page before says");
    parts.map(|(created, id)| (Timestamp::from_micros(created), id)).ok_or_else(wrong)
}

/// A report to make and keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    /// Whose; may be left out by who may see one tenant only.
    tenant: Option<TenantId>,
    /// Over which period.
    kind: ReportPeriod,
    /// Until when, not included; now where it is not said.
    until: Option<Timestamp>,
    /// In which language; the tenant's own where it is not said.
    language: Option<ReportLanguage>,
}

/// Makes a report and keeps it.
#[utoipa::path(post, path = "/api/v1/reports", tag = "reports", request_body = NewReport, responses(
    (status = 201, description = "The report.", body = ArchivedReport),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewReport>,
) -> Result<(StatusCode, Json<ArchivedReport>), Problem> {
    let tenant = caller.one_tenant(new.tenant.as_ref(), "tenant")?;
    let to = new.until.unwrap_or_else(|| app.clock.now());
    let order = Order {
        id: ReportId::from_bytes(app.entropy.id()),
        tenant,
        kind: new.kind,
        from: period_before(new.kind, to),
        to,
        language: new.language,
        schedule: None,
        made_by: caller.name(),
        recipients: Vec::new(),
    };
    let report = make(&app, order).await?;
    let mut tx = app.store.begin().await?;
    archive_report(&mut tx, &report, &caller.actor(), app.clock.now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(report)))
}

/// How a report is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormatQuery {
    /// As a page or as a PDF.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// Returns a report, byte for byte as it was made.
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "reports", params(("id" = String, Path, description = "The report's id."), FormatQuery), responses(
    (status = 200, description = "The report.", content((String = "text/html"), (String = "application/pdf"))),
    (status = 404, description = "There is no such report.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ReportId>,
    Params(query): Params<FormatQuery>,
) -> Result<Response, Problem> {
    let report = app.store.report(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("report"))?;
    let sha256 = match query.format {
        ReportFormat::Html => &report.html_sha256,
        ReportFormat::Pdf => &report.pdf_sha256,
    };
    let bytes = read_file(&app, sha256).await.map_err(|error| Problem::internal("read a report", &error))?;
    Ok(file_answer(bytes, query.format, &report_file_name(&report)))
}
