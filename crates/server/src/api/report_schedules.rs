//! `/api/v1/report-schedules`: reports that are made again and again and mailed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{
    ArchivedReport, ObjectKind, ReportId, ReportLanguage, ReportPeriod, ReportRhythm, ReportSchedule, ReportScheduleId,
    Role, TenantId, Timestamp, Verb,
};
use vigie_report::{RhythmError, check_rhythm, next_due, span_of};
use vigie_store::AuditNote;

use super::extract::{Body, Id, Params};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::reports::{Order, make};
use crate::workers::{archive_report, zone_of};

/// How long a mail address is at most.
const ADDRESS_BYTES_MAX: usize = 254;

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Role(Role::Admin);
    vec![
        read("/api/v1/report-schedules", list),
        Route::new(Method::POST, "/api/v1/report-schedules", admin, create),
        Route::new(Method::PUT, "/api/v1/report-schedules/{id}", admin, update),
        Route::new(Method::DELETE, "/api/v1/report-schedules/{id}", admin, delete),
        Route::new(Method::POST, "/api/v1/report-schedules/{id}/run", admin, run),
    ]
}

impl From<RhythmError> for Problem {
    fn from(error: RhythmError) -> Self {
        let field = match &error {
            RhythmError::Day { .. } => "day",
            RhythmError::Hour { .. } => "hour",
        };
        Self::field(field, error.to_string())
    }
}

/// Whose schedules.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SchedulesQuery {
    /// One tenant's only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// A schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleBody {
    /// Whose report; may be left out by who may see one tenant only, and is not changed later.
    tenant: Option<TenantId>,
    /// Once a week or once a month.
    period: ReportPeriod,
    /// On which day: of the week, from 1 for Monday, or of the month; in a shorter month on its last day.
    day: u8,
    /// At which hour, 0 to 23.
    hour: u8,
    /// Where: a name of the IANA time zone database, `Europe/Paris`.
    zone: String,
    /// To whom, by mail address; to nobody, and only kept, where it is empty.
    #[serde(default)]
    recipients: Vec<String>,
    /// In which language; the tenant's own where it is not said.
    language: Option<ReportLanguage>,
}

impl ScheduleBody {
    /// Looks at a schedule and returns when it is due first.
    fn check(&self, app: &App, now: Timestamp) -> Result<(ReportRhythm, Timestamp), Problem> {
        let rhythm = ReportRhythm { period: self.period, day: self.day, hour: self.hour, zone: self.zone.clone() };
        check_rhythm(&rhythm)?;
        let known = zone_of(&self.zone).filter(|_| self.zone.len() <= 64);
        let zone = known.ok_or_else(|| {
            Problem::field("zone", "there is no such time zone: write one of the IANA database, such as `Europe/Paris`")
        })?;
        if self.recipients.len() > ReportSchedule::RECIPIENTS_MAX {
            let most = ReportSchedule::RECIPIENTS_MAX;
            return Err(Problem::field("recipients", format!("at most {most} are taken; name a list instead")));
        }
        let is_wrong =
            |address: &&String| address.len() > ADDRESS_BYTES_MAX || !vigie_actions::is_mail_address(address);
        if let Some(address) = self.recipients.iter().find(is_wrong) {
            let address: String = address.chars().take(80).collect();
            return Err(Problem::field("recipients", format!("`{}` is no mail address", address.escape_debug())));
        }
        if !self.recipients.is_empty() && app.config.smtp.is_none() {
            return Err(Problem::field("recipients", "the configuration has no `[smtp]`: name a relay first"));
        }
        let next = next_due(&rhythm, &zone, now);
        Ok((rhythm, next))
    }
}

/// Lists the schedules.
#[utoipa::path(get, path = "/api/v1/report-schedules", tag = "reports", params(SchedulesQuery), responses(
    (status = 200, description = "The schedules.", body = Vec<ReportSchedule>),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<SchedulesQuery>,
) -> Result<Json<Vec<ReportSchedule>>, Problem> {
    Ok(Json(app.store.report_schedules(&caller.narrowed(query.tenant.as_ref())?).await?))
}

/// Adds a schedule.
#[utoipa::path(post, path = "/api/v1/report-schedules", tag = "reports", request_body = ScheduleBody, responses(
    (status = 201, description = "The schedule.", body = ReportSchedule),
    (status = 400, description = "Something is missing or makes no sense.", body = ProblemBody),
))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<ScheduleBody>,
) -> Result<(StatusCode, Json<ReportSchedule>), Problem> {
    let tenant = caller.one_tenant(body.tenant.as_ref(), "tenant")?;
    if !app.store.tenants().await?.iter().any(|known| known.id == tenant) {
        return Err(Problem::not_found("tenant"));
    }
    let now = app.clock.now();
    let (rhythm, next) = body.check(&app, now)?;
    let schedule = ReportSchedule {
        id: ReportScheduleId::from_bytes(app.entropy.id()),
        tenant,
        rhythm,
        recipients: body.recipients,
        language: body.language,
        next,
        last: None,
        problem: None,
        version: 1,
    };
    let mut tx = app.store.begin().await?;
    let most = ReportSchedule::PER_TENANT_MAX;
    if tx.count_report_schedules(&schedule.tenant).await? >= most as u64 {
        return Err(Problem::conflict(format!("a tenant has at most {most} schedules: delete one first")));
    }
    tx.put_report_schedule(&schedule, next).await?;
    tx.audit(&note(&schedule, &caller, Verb::Create, now)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(schedule)))
}

/// Changes a schedule.
#[utoipa::path(put, path = "/api/v1/report-schedules/{id}", tag = "reports", params(("id" = String, Path, description = "The schedule's id.")), request_body = ScheduleBody, responses(
    (status = 200, description = "The schedule.", body = ReportSchedule),
    (status = 400, description = "Something is missing or makes no sense.", body = ProblemBody),
    (status = 404, description = "There is no such schedule.", body = ProblemBody),
))]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ReportScheduleId>,
    Body(body): Body<ScheduleBody>,
) -> Result<Json<ReportSchedule>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let before = tx.report_schedule(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("report schedule"))?;
    if body.tenant.as_ref().is_some_and(|tenant| *tenant != before.tenant) {
        return Err(Problem::field("tenant", "a schedule stays with its tenant: add another one"));
    }
    let (rhythm, next) = body.check(&app, now)?;
    let schedule = ReportSchedule {
        rhythm,
        next,
        recipients: body.recipients,
        language: body.language,
        problem: None,
        version: before.version + 1,
        ..before
    };
    tx.put_report_schedule(&schedule, next).await?;
    tx.audit(&note(&schedule, &caller, Verb::Update, now)).await?;
    tx.commit().await?;
    Ok(Json(schedule))
}

/// Deletes a schedule. The reports that were made on it stay.
#[utoipa::path(delete, path = "/api/v1/report-schedules/{id}", tag = "reports", params(("id" = String, Path, description = "The schedule's id.")), responses(
    (status = 200, description = "The schedule that is gone.", body = ReportSchedule),
    (status = 404, description = "There is no such schedule.", body = ProblemBody),
))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ReportScheduleId>,
) -> Result<Json<ReportSchedule>, Problem> {
    let mut tx = app.store.begin().await?;
    let gone = tx.delete_report_schedule(caller.scope(), id).await?;
    let schedule = gone.ok_or_else(|| Problem::not_found("report schedule"))?;
    tx.audit(&note(&schedule, &caller, Verb::Delete, app.clock.now())).await?;
    tx.commit().await?;
    Ok(Json(schedule))
}

/// Makes the report of a schedule now, over the period that ended last, keeps it and sends it. When it is due next stays.
#[utoipa::path(post, path = "/api/v1/report-schedules/{id}/run", tag = "reports", params(("id" = String, Path, description = "The schedule's id.")), responses(
    (status = 201, description = "The report.", body = ArchivedReport),
    (status = 404, description = "There is no such schedule.", body = ProblemBody),
))]
pub(crate) async fn run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ReportScheduleId>,
) -> Result<(StatusCode, Json<ArchivedReport>), Problem> {
    let found = app.store.report_schedules(caller.scope()).await?.into_iter().find(|schedule| schedule.id == id);
    let schedule = found.ok_or_else(|| Problem::not_found("report schedule"))?;
    let now = app.clock.now();
    let zone = zone_of(&schedule.rhythm.zone);
    let zone = zone.ok_or_else(|| Problem::conflict("the schedule's time zone is not known here any more"))?;
    let (from, to) = span_of(&schedule.rhythm, &zone, now);
    let order = Order {
        id: ReportId::from_bytes(app.entropy.id()),
        tenant: schedule.tenant,
        kind: schedule.rhythm.period,
        from,
        to,
        language: schedule.language,
        schedule: Some(id),
        made_by: caller.name(),
        recipients: schedule.recipients,
    };
    let report = make(&app, order).await?;
    let mut tx = app.store.begin().await?;
    archive_report(&mut tx, &report, &caller.actor(), now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok((StatusCode::CREATED, Json(report)))
}

fn note(schedule: &ReportSchedule, caller: &Caller, verb: Verb, at: Timestamp) -> AuditNote {
    let details: Value = json!(schedule);
    AuditNote {
        at,
        tenant: Some(schedule.tenant.clone()),
        actor: caller.actor(),
        verb,
        object: ObjectKind::ReportSchedule,
        object_id: schedule.id.to_string(),
        details,
    }
}
