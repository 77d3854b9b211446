//! `/api/v1/reports`: the weekly report of a tenant, as a page and as figures.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use utoipa::IntoParams;
use vigie_events::{EventStore, SearchBudget, SearchError, TopRequest};
use vigie_model::{Comparison, Direction, Filter, Page, SourceName, TenantId, TenantScope, Timestamp, Value};
use vigie_report::{CaseFile, PreviousWeek, WeeklyInput, figures, weekly_html};
use vigie_store::{Listing, Rows, StoreError};

use super::events::ask;
use super::extract::Params;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

const DAY: Duration = Duration::from_hours(24);
/// How many alerts, cases or actions a report is made from.
const ROWS_MAX: usize = 20_000;
/// How many sources a report names.
const SOURCES_MAX: u32 = 50;
/// A report is one file with its style in it and nothing to run.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/reports/weekly", weekly), read("/api/v1/reports/weekly/figures", weekly_figures)]
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
    /// How many days before, 1 to 92; 7 where it is not said.
    days: Option<u32>,
}

/// Returns the report as one self-contained HTML file.
#[utoipa::path(get, path = "/api/v1/reports/weekly", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The report.", body = String, content_type = "text/html"),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn weekly(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Response, Problem> {
    let input = input(&app, &caller, &query).await?;
    let html = tokio::task::spawn_blocking(move || weekly_html(&input)).await.expect("drawing a report does not panic");
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, REPORT_POLICY),
        // The console shows it in a frame.
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, html).into_response())
}

/// Returns the report's figures.
#[utoipa::path(get, path = "/api/v1/reports/weekly/figures", tag = "reports", params(ReportQuery), responses(
    (status = 200, description = "The figures.", body = Object),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn weekly_figures(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ReportQuery>,
) -> Result<Json<serde_json::Value>, Problem> {
    let input = input(&app, &caller, &query).await?;
    let figures = serde_json::to_value(figures(&input)).expect("figures have text keys only");
    Ok(Json(figures))
}

async fn input(app: &Arc<App>, caller: &Caller, query: &ReportQuery) -> Result<WeeklyInput, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    let days = query.days.unwrap_or(7);
    if !(1..=92).contains(&days) {
        return Err(Problem::field("days", format!("{days} is not within 1 and 92")));
    }
    let to = query.until.unwrap_or_else(|| app.clock.now());
    weekly_input(app, &tenant, to.minus(DAY * days), to).await
}

impl App {
    /// Returns what a tenant's report of a span of time is made from; `to` is not in the span.
    ///
    /// # Errors
    /// Where there is no such tenant or a store fails, in words.
    pub async fn weekly_input(
        self: &Arc<Self>,
        tenant: &TenantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<WeeklyInput, String> {
        weekly_input(self, tenant, from, to).await.map_err(|problem| problem.body(None).detail)
    }
}

async fn weekly_input(
    app: &Arc<App>,
    tenant: &TenantId,
    from: Timestamp,
    to: Timestamp,
) -> Result<WeeklyInput, Problem> {
    let known = app.store.tenants().await?.into_iter().find(|known| known.id == *tenant);
    let Some(known) = known else { return Err(Problem::not_found("tenant")) };
    let scope = TenantScope::Only(vec![tenant.clone()]);
    let (store, within) = (&app.store, &scope);
    let alerts = all(from, to, |listing| Box::pin(async move { store.alerts(within, &listing).await })).await?;
    let actions = all(from, to, |listing| Box::pin(async move { store.actions(within, &listing).await })).await?;
    let opened = all(from, to, |listing| Box::pin(async move { store.cases(within, &listing).await })).await?;
    let mut cases = Vec::new();
    for case in opened {
        let Some(file) = app.store.case_file(&scope, case.id).await? else { continue };
        cases.push(CaseFile {
            case: file.case,
            alerts: file.alerts,
            observables: file.observables,
            timeline: file.timeline,
            tasks: file.tasks,
            comments: file.comments,
            actions: file.actions,
        });
    }
    let before = from.minus(to.since(from));
    let (events_per_day, events_per_source, events_before) = {
        let (tenant, asked) = (tenant.clone(), [tenant.clone()]);
        ask(app, &asked, move |events, budget| event_figures(events, budget, &tenant, (before, from, to))).await?
    };
    Ok(WeeklyInput {
        tenant: tenant.clone(),
        tenant_name: known.name,
        title: app.config.report.title.clone(),
        from,
        to,
        generated: app.clock.now(),
        events_per_day,
        events_per_source,
        alerts,
        cases,
        actions,
        previous: previous(app, &scope, before, from, events_before).await?,
    })
}

type EventFigures = (Vec<(Timestamp, u64)>, Vec<(SourceName, u64)>, u64);

fn event_figures(
    events: &dyn EventStore,
    budget: &SearchBudget,
    tenant: &TenantId,
    (before, from, to): (Timestamp, Timestamp, Timestamp),
) -> Result<EventFigures, SearchError> {
    let request = TopRequest {
        tenants: vec![tenant.clone()],
        filter: Filter::All,
        from: Some(from),
        until: Some(to),
        field: "source".to_owned(),
        limit: SOURCES_MAX,
    };
    let top = events.top(&request, budget)?;
    let named = |value: vigie_events::TopValue| Some((SourceName::new(&value.value).ok()?, value.count));
    let sources = top.values.into_iter().filter_map(named).collect();
    let earlier = events.per_day(tenant, before, from, budget)?.iter().map(|(_, count)| count).sum();
    Ok((events.per_day(tenant, from, to, budget)?, sources, earlier))
}

/// Returns the figures of the span before, or `None` where nothing is known of it.
async fn previous(
    app: &App,
    scope: &TenantScope,
    from: Timestamp,
    to: Timestamp,
    events: u64,
) -> Result<Option<PreviousWeek>, Problem> {
    let alerts = app.store.alert_statistics(scope, from, to).await?;
    let cases = app.store.case_statistics(scope, from, to).await?;
    if events == 0 && alerts.total == 0 && cases.total == 0 {
        return Ok(None);
    }
    let serious = alerts.by_severity.iter().filter(|(severity, _)| *severity >= vigie_model::Severity::High);
    let critical_and_high = serious.map(|(_, count)| count).sum();
    let store = &app.store;
    let actions = all(from, to, |listing| Box::pin(async move { store.actions(scope, &listing).await })).await?;
    let done = actions.iter().filter(|action| {
        use vigie_model::ActionStatus as Status;
        matches!(action.status, Status::Done | Status::Undone | Status::Expired)
    });
    Ok(Some(PreviousWeek {
        events,
        alerts: alerts.total,
        critical_and_high,
        cases: cases.total,
        actions_done: done.count() as u64,
    }))
}

/// Returns all rows made in a span of time, oldest first, up to [`ROWS_MAX`].
async fn all<'a, T>(
    from: Timestamp,
    to: Timestamp,
    list: impl Fn(Listing) -> BoxFuture<'a, Result<Rows<T>, StoreError>>,
) -> Result<Vec<T>, Problem> {
    let bound = |comparison, time: Timestamp| Filter::Field {
        name: "created".to_owned(),
        comparison,
        value: Value::Text(time.to_string()),
    };
    let span = Filter::And(vec![bound(Comparison::GreaterOrEqual, from), bound(Comparison::Less, to)]);
    let mut rows = Vec::new();
    let mut cursor = None;
    loop {
        let listing = Listing::first(Page::LIMIT_MAX)
            .filtered(span.clone())
            .sorted("created", Direction::Ascending)
            .after(cursor.take());
        let page = list(listing).await?;
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() || rows.len() >= ROWS_MAX {
            return Ok(rows);
        }
    }
}
