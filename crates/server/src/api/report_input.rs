//! What reports are made from.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use vigie_events::{EventStore, SearchBudget, SearchError, TopRequest};
use vigie_model::{
    Case, Comparison, Direction, Filter, Page, ReportLanguage, ReportPeriod, SourceName, TenantId, TenantScope,
    Timestamp, Value,
};
use vigie_report::{CaseFile, PeriodInput, PreviousPeriod, period_before};
use vigie_store::{Listing, Reach, Rows, StoreError};

use super::events::ask;
use super::problem::Problem;
use crate::app::App;
use crate::config::Report;
use crate::reports::style_of;

/// How many alerts, cases or actions a report is made from.
const ROWS_MAX: usize = 20_000;
/// How many sources a report names.
const SOURCES_MAX: u32 = 50;

/// Returns what a tenant's report over a span of time is made from; its end is not in it. Cases that are closed to whom the
/// reach names are not in it, nor what was done for them; alerts are, as they are in the queue.
pub(crate) async fn period_input(
    app: &Arc<App>,
    within: &Reach,
    tenant: &TenantId,
    (kind, from, to): (ReportPeriod, Timestamp, Timestamp),
    language: Option<ReportLanguage>,
) -> Result<PeriodInput, Problem> {
    let known = app.store.tenants().await?.into_iter().find(|known| known.id == *tenant);
    let Some(known) = known else { return Err(Problem::not_found("tenant")) };
    let scope = TenantScope::Only(vec![tenant.clone()]);
    let (store, whole) = (&app.store, &scope);
    let alerts = all(from, to, |listing| Box::pin(async move { store.alerts(whole, &listing).await })).await?;
    let actions = all(from, to, |listing| Box::pin(async move { store.actions(within, &listing).await })).await?;
    let opened = all(from, to, |listing| Box::pin(async move { store.cases(within, &listing).await })).await?;
    let mut cases = Vec::new();
    for case in opened {
        cases.extend(app.store.case_file(within, case.id).await?.map(case_file));
    }
    let style = style_of(store, tenant).await?;
    let before = match kind {
        ReportPeriod::Weekly => from.minus(to.since(from)),
        ReportPeriod::Monthly => period_before(kind, from),
    };
    let (events_per_day, events_per_source, events_before) = {
        let (tenant, asked) = (tenant.clone(), [tenant.clone()]);
        ask(app, &asked, move |events, budget| event_figures(events, budget, &tenant, (before, from, to))).await?
    };
    Ok(PeriodInput {
        tenant: tenant.clone(),
        tenant_name: known.name,
        // The configured title is that of weekly reports, and in one language.
        title: Some(app.config.report.title.clone())
            .filter(|title| kind == ReportPeriod::Weekly && title != Report::TITLE),
        kind,
        language: language.unwrap_or(style.language),
        style: style.read().unwrap_or_default(),
        from,
        to,
        generated: app.clock.now(),
        events_per_day,
        events_per_source,
        alerts,
        cases,
        actions,
        previous: previous(app, within, before, from, events_before).await?,
    })
}

/// Returns a case as reports take it.
pub(super) fn case_file(file: vigie_store::CaseFile) -> CaseFile {
    CaseFile {
        case: file.case,
        alerts: file.alerts,
        observables: file.observables,
        timeline: file.timeline,
        tasks: file.tasks,
        comments: file.comments,
        actions: file.actions,
    }
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
    within: &Reach,
    from: Timestamp,
    to: Timestamp,
    events: u64,
) -> Result<Option<PreviousPeriod>, Problem> {
    let alerts = app.store.alert_statistics(&within.tenants, from, to).await?;
    let cases = app.store.count::<Case>(within, &made_in(from, to)).await?;
    if events == 0 && alerts.total == 0 && cases == 0 {
        return Ok(None);
    }
    let serious = alerts.by_severity.iter().filter(|(severity, _)| *severity >= vigie_model::Severity::High);
    let critical_and_high = serious.map(|(_, count)| count).sum();
    let store = &app.store;
    let actions = all(from, to, |listing| Box::pin(async move { store.actions(within, &listing).await })).await?;
    let done = actions.iter().filter(|action| {
        use vigie_model::ActionStatus as Status;
        matches!(action.status, Status::Done | Status::Undone | Status::Expired)
    });
    Ok(Some(PreviousPeriod {
        events,
        alerts: alerts.total,
        critical_and_high,
        cases,
        actions_done: done.count() as u64,
    }))
}

/// Returns all rows made in a span of time, oldest first, up to [`ROWS_MAX`].
async fn all<'a, T>(
    from: Timestamp,
    to: Timestamp,
    list: impl Fn(Listing) -> BoxFuture<'a, Result<Rows<T>, StoreError>>,
) -> Result<Vec<T>, Problem> {
    let span = made_in(from, to);
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

/// Returns the condition that something was made at `from` or later and before `to`.
fn made_in(from: Timestamp, to: Timestamp) -> Filter {
    let bound = |comparison, time: Timestamp| Filter::Field {
        name: "created".to_owned(),
        comparison,
        value: Value::Text(time.to_string()),
    };
    Filter::And(vec![bound(Comparison::GreaterOrEqual, from), bound(Comparison::Less, to)])
}
