//! Reports that are due: each is made, kept and put into the outbox once, also where the server was down when it was due.
//!
//! A schedule names the time that it is due next. The report of that time has an id made of both, and the row in the
//! archive, the letter in the outbox and the next time are written in one transaction, and only where the schedule still
//! names that time. Of several times that were missed the last one counts.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;
use vigie_model::{Actor, ArchivedReport, ObjectKind, ReportId, ReportSchedule, TenantScope, Timestamp, Verb};
use vigie_report::{next_due, span_of};
use vigie_store::{AuditNote, OutboxMessage, StoreError, Tx};

use super::outbox::{Errand, chain};
use super::wait;
use crate::app::App;
use crate::reports::{Order, make};

/// How many reports are made in one round.
const DUE_MAX: u32 = 20;
/// How long to wait until a report that could not be made is tried again.
const AGAIN: Duration = Duration::from_mins(5);
/// How many times that were missed are gone through.
const MISSED_MAX: usize = 10_000;

pub(super) async fn run(app: Arc<App>, period: Duration) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::error!(error = chain(&error), "reports that are due could not be looked at");
        }
        if !wait(&app, period).await {
            return;
        }
    }
}

async fn round(app: &Arc<App>) -> Result<(), StoreError> {
    let now = app.clock.now();
    for schedule in app.store.report_schedules_due(now, DUE_MAX).await? {
        if app.stop.is_cancelled() {
            return Ok(());
        }
        let Some(zone) = zone_of(&schedule.rhythm.zone) else {
            put_off(app, schedule, "the time zone is not known here any more", now).await?;
            continue;
        };
        let due = last_missed(&schedule, &zone, now);
        let span = span_of(&schedule.rhythm, &zone, due);
        let order = Order {
            id: ReportId::derive([schedule.id.to_string().as_str(), &due.as_micros().to_string()]),
            tenant: schedule.tenant.clone(),
            kind: schedule.rhythm.period,
            from: span.0,
            to: span.1,
            language: schedule.language,
            schedule: Some(schedule.id),
            made_by: "schedule".to_owned(),
            recipients: schedule.recipients.clone(),
        };
        match make(app, order).await {
            Ok(report) => note(app, &schedule, &report, next_due(&schedule.rhythm, &zone, now), now).await?,
            Err(problem) => put_off(app, schedule, problem.detail(), now).await?,
        }
    }
    Ok(())
}

/// Returns a time zone of the IANA database.
pub(crate) fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

fn last_missed(schedule: &ReportSchedule, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let mut due = schedule.next;
    for _ in 0..MISSED_MAX {
        let later = next_due(&schedule.rhythm, zone, due);
        if later > now {
            break;
        }
        due = later;
    }
    due
}

async fn note(
    app: &App,
    made_for: &ReportSchedule,
    report: &ArchivedReport,
    next: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = app.store.begin().await?;
    let found = tx.report_schedule(&TenantScope::All, made_for.id).await?;
    // It was changed, deleted or made meanwhile: what was made is forgotten.
    let Some(schedule) = found.filter(|found| found.next == made_for.next && found.version == made_for.version) else {
        return Ok(());
    };
    let changed = ReportSchedule { next, last: Some(now), problem: None, version: schedule.version + 1, ..schedule };
    tx.put_report_schedule(&changed, next).await?;
    let actor = Actor::System("report schedule".to_owned());
    archive(&mut tx, report, &actor, now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    tracing::info!(tenant = %report.tenant, report = %report.id, "made the {} report", report.kind.as_str());
    Ok(())
}

/// Notes a report in the archive, and its letter in the outbox where it goes to somebody.
pub(crate) async fn archive(
    tx: &mut Tx,
    report: &ArchivedReport,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !tx.archive_report(report).await? {
        return Ok(());
    }
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(report.tenant.clone()),
        actor: actor.clone(),
        verb: Verb::Create,
        object: ObjectKind::Report,
        object_id: report.id.to_string(),
        details: json!({
            "kind": report.kind,
            "from": report.from,
            "to": report.to,
            "language": report.language,
            "schedule": report.schedule,
            "recipients": report.recipients,
            "html_sha256": report.html_sha256,
            "pdf_sha256": report.pdf_sha256,
        }),
    })
    .await?;
    if report.recipients.is_empty() {
        return Ok(());
    }
    let message = OutboxMessage {
        key: format!("report/{}", report.id),
        tenant: report.tenant.clone(),
        channel: "report".to_owned(),
        action: None,
        body: json!(Errand::Report { report: report.id, to: report.recipients.clone() }),
        created: now,
        due: now,
    };
    tx.enqueue(&message).await.map(|_| ())
}

/// Says why a report could not be made, and tries again in a while.
async fn put_off(app: &App, schedule: ReportSchedule, reason: &str, now: Timestamp) -> Result<(), StoreError> {
    tracing::warn!(tenant = %schedule.tenant, schedule = %schedule.id, reason, "a report could not be made");
    let mut tx = app.store.begin().await?;
    let found = tx.report_schedule(&TenantScope::All, schedule.id).await?;
    if let Some(found) = found.filter(|found| found.version == schedule.version) {
        let reason: String = reason.chars().take(500).collect();
        let changed = ReportSchedule { problem: Some(reason), version: found.version + 1, ..found };
        tx.put_report_schedule(&changed, now.plus(AGAIN)).await?;
    }
    tx.commit().await
}
