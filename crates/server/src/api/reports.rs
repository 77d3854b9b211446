//! `/api/v1/reports`: the reports of a tenant and of its cases, as pages, PDFs and figures.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{CaseId, ReportLanguage, ReportPeriod, TenantId, Timestamp};
use vigie_report::{
    IncidentInput, PeriodInput, Report, figures, incident_figures, incident_report, period_before, period_report,
};
use vigie_store::Reach;

use super::extract::{Id, Params};
use super::problem::{Problem, ProblemBody};
use super::report_input::{case_file, period_input};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;
use crate::reports::{drawn, file_name, style_of};

const DAY: Duration = Duration::from_hours(24);
/// A report is one file with its style in it and nothing to run.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/reports/weekly", weekly),
        read("/api/v1/reports/weekly/figures", weekly_figures),
        read("/api/v1/reports/monthly", monthly),
        read("/api/v1/reports/monthly/figures", monthly_figures),
        read("/api/v1/cases/{id}/report", incident),
        read("/api/v1/cases/{id}/report/figures", incident_numbers),
    ]
}

/// How a report is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportFormat {
    /// One page that needs nothing else.
    #[default]
    Html,
    /// Sheets of A4.
    Pdf,
}

/// Whose report, over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// Whose report; may be left out by who may see one tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Until when, not included; now where it is not said.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// Of a weekly report how many days before, 1 to 92; 7 where it is not said. A monthly one is a month of the calendar.
    days: Option<u32>,
    /// In which language; the tenant's own where it is not said.
    #[param(inline)]
    language: Option<ReportLanguage>,
    /// As a page or as a PDF.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// How the report of a case is set.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaseReportQuery {
    /// In which language; the tenant's own where it is not said.
    #[param(inline)]
    language: Option<ReportLanguage>,
    /// As a page or as a PDF.
    #[serde(default)]
    #[param(inline)]
    format: ReportFormat,
}

/// Returns a tenant's week as one self-contained HTML file or as a PDF.
#[utoipa::path(get, path = "/api/v1/reports/weekly", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The report.", content((String = "text/html"), (String = "application/pdf"))),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn weekly(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Response, Problem> {
    over_period(&app, &caller, &query, ReportPeriod::Weekly).await
}

/// Returns the figures of a tenant's week.
#[utoipa::path(get, path = "/api/v1/reports/weekly/figures", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The figures.", body = Object),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn weekly_figures(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Json<serde_json::Value>, Problem> {
    Ok(numbers(&figures(&input(&app, &caller, &query, ReportPeriod::Weekly).await?)))
}

/// Returns a tenant's month as one self-contained HTML file or as a PDF.
#[utoipa::path(get, path = "/api/v1/reports/monthly", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The report.", content((String = "text/html"), (String = "application/pdf"))),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn monthly(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Response, Problem> {
    over_period(&app, &caller, &query, ReportPeriod::Monthly).await
}

/// Returns the figures of a tenant's month.
#[utoipa::path(get, path = "/api/v1/reports/monthly/figures", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The figures.", body = Object),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn monthly_figures(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Json<serde_json::Value>, Problem> {
    Ok(numbers(&figures(&input(&app, &caller, &query, ReportPeriod::Monthly).await?)))
}

/// Returns the report of a case as one self-contained HTML file or as a PDF.
#[utoipa::path(get, path = "/api/v1/cases/{id}/report", tag = "reports", params(("id" = String, Path, description = "The case's id."), CaseReportQuery), responses(
    (status = 200, description = "The report.", content((String = "text/html"), (String = "application/pdf"))),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn incident(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Params(query): Params<CaseReportQuery>,
) -> Result<Response, Problem> {
    let input = incident_input(&app, &caller, id, query.language).await?;
    let name = format!("vigie-{}-case-{}", input.file.case.tenant, input.file.case.number);
    answer(move || incident_report(&input), query.format, &name).await
}

/// Returns the figures of a case's report.
#[utoipa::path(get, path = "/api/v1/cases/{id}/report/figures", tag = "reports", params(("id" = String, Path, description = "The case's id."), CaseReportQuery), responses(
    (status = 200, description = "The figures.", body = Object),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn incident_numbers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Params(query): Params<CaseReportQuery>,
) -> Result<Json<serde_json::Value>, Problem> {
    Ok(numbers(&incident_figures(&incident_input(&app, &caller, id, query.language).await?)))
}

fn numbers(figures: &impl Serialize) -> Json<serde_json::Value> {
    Json(serde_json::to_value(figures).expect("figures have text keys only"))
}

async fn over_period(
    app: &Arc<App>,
    caller: &Caller,
    query: &ReportQuery,
    period: ReportPeriod,
) -> Result<Response, Problem> {
    let input = input(app, caller, query, period).await?;
    let name = file_name(input.tenant.as_str(), period.as_str(), input.to);
    answer(move || period_report(&input), query.format, &name).await
}

async fn answer(
    report: impl FnOnce() -> Report + Send + 'static,
    format: ReportFormat,
    name: &str,
) -> Result<Response, Problem> {
    let bytes = match format {
        ReportFormat::Html => drawn(report, |report| report.html().into_bytes()).await,
        ReportFormat::Pdf => {
            let pdf = drawn(report, Report::pdf).await;
            pdf.map_err(|error| Problem::internal("write a PDF", &error))?
        }
    };
    Ok(file_answer(bytes, format, name))
}

/// Returns a report as an answer that can do nothing, wherever it is opened; the console shows the page in a frame.
pub(super) fn file_answer(bytes: Vec<u8>, format: ReportFormat, name: &str) -> Response {
    let (media_type, ending) = match format {
        ReportFormat::Html => ("text/html; charset=utf-8", "html"),
        ReportFormat::Pdf => ("application/pdf", "pdf"),
    };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.{ending}\"")),
        (header::CONTENT_SECURITY_POLICY, REPORT_POLICY.to_owned()),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
    ];
    (headers, bytes).into_response()
}

async fn input(
    app: &Arc<App>,
    caller: &Caller,
    query: &ReportQuery,
    period: ReportPeriod,
) -> Result<PeriodInput, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    let to = query.until.unwrap_or_else(|| app.clock.now());
    let from = match (period, query.days) {
        (ReportPeriod::Weekly, Some(days)) if (1..=92).contains(&days) => to.minus(DAY * days),
        (ReportPeriod::Weekly, Some(days)) => {
            return Err(Problem::field("days", format!("{days} is not within 1 and 92")));
        }
        (ReportPeriod::Monthly, Some(_)) => {
            return Err(Problem::field("days", "a monthly report is a month of the calendar: leave it out"));
        }
        (period, None) => period_before(period, to),
    };
    let reach = Reach { tenants: caller.narrowed(Some(&tenant))?, ..caller.reach() };
    period_input(app, &reach, &tenant, (period, from, to), query.language).await
}

async fn incident_input(
    app: &Arc<App>,
    caller: &Caller,
    id: CaseId,
    language: Option<ReportLanguage>,
) -> Result<IncidentInput, Problem> {
    let file = app.store.case_file(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let tenant = file.case.tenant.clone();
    let style = style_of(&app.store, &tenant).await?;
    let known = app.store.tenants().await?.into_iter().find(|known| known.id == tenant);
    let mut decisions = Vec::new();
    for action in &file.actions {
        decisions.extend(app.store.decisions_of(action.id).await?);
    }
    Ok(IncidentInput {
        tenant_name: known.map_or_else(|| tenant.to_string(), |known| known.name),
        generated: app.clock.now(),
        language: language.unwrap_or(style.language),
        style: style.read().unwrap_or_default(),
        file: case_file(file),
        decisions,
    })
}
