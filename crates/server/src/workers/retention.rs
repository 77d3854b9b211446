//! What is thrown away once its time is over.

use std::sync::Arc;
use std::time::Duration;

use vigie_events::{RetentionPolicy, TenantRetention};
use vigie_model::{Actor, ObjectKind, TenantScope, Verb};
use vigie_store::{AuditNote, FileError, StoreError};

use super::outbox::chain;
use crate::app::App;

/// How long suppressions that are over, and what they held back, are kept to be looked at.
const SUPPRESSED_KEPT: Duration = Duration::from_hours(90 * 24);
/// How long messages that left are remembered.
const OUTBOX_KEPT: Duration = Duration::from_hours(90 * 24);
/// How long a file is kept that no attachment names: far longer than the request lasts that brings it.
const FILES_KEPT: Duration = Duration::from_hours(6);

pub(super) async fn run(app: Arc<App>, period: Duration) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::error!(error = chain(&error), "what is over could not be thrown away");
        }
        if let Err(error) = sweep_events(&app).await {
            tracing::error!(error = chain(&error), "old events could not be thrown away");
        }
        if let Err(error) = sweep_files(&app).await {
            tracing::error!(error = chain(&error), "files that nothing names could not be thrown away");
        }
        if !super::wait(&app, period).await {
            return;
        }
    }
}

async fn sweep(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let dead_letters_kept = Duration::from_secs(u64::from(app.config.limits.dead_letter_days) * 86_400);
    let mut tx = app.store.begin().await?;
    let sessions = tx.expire_sessions(now).await?;
    let batches = tx.expire_batches(now).await?;
    let messages = tx.prune_outbox(now.minus(OUTBOX_KEPT)).await?;
    let letters = tx.prune_dead_letters(now.minus(dead_letters_kept)).await?;
    let suppressed = tx.prune_suppressed(now.minus(SUPPRESSED_KEPT), now).await?;
    let reports_kept = Duration::from_secs(u64::from(app.config.report.kept_days) * 86_400);
    let reports = tx.prune_reports(now.minus(reports_kept)).await?;
    tx.commit().await?;
    tracing::debug!(sessions, batches, messages, letters, suppressed, reports, "threw away what is over");
    Ok(())
}

/// Takes away the files that no attachment names any more, or whose upload broke off.
async fn sweep_files(app: &App) -> Result<(), FileError> {
    let swept = app.files.sweep(&app.store, FILES_KEPT).await?;
    if swept.files > 0 {
        tracing::info!(files = swept.files, bytes = swept.bytes, "threw away files that nothing names");
    }
    Ok(())
}

/// Returns for how long each tenant's events are kept, and what is held.
pub(crate) async fn policy(app: &App) -> Result<RetentionPolicy, StoreError> {
    let tenants = app.store.tenants().await?.into_iter().map(|tenant| {
        let (days, bytes) = app.config.events.retention_of(&tenant.id);
        TenantRetention { tenant: tenant.id, days: Some(days), bytes: (bytes > 0).then_some(bytes) }
    });
    Ok(RetentionPolicy { tenants: tenants.collect(), holds: app.store.legal_holds(&TenantScope::All).await? })
}

/// Deletes the days of events that have been kept long enough, and makes few segments of the many of those that stay.
async fn sweep_events(app: &Arc<App>) -> Result<(), StoreError> {
    let policy = policy(app).await?;
    let now = app.clock.now();
    let events = Arc::clone(&app.events);
    let work = move || (events.expire(&policy, now), events.compact(now));
    let (expiry, compacted) = match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => {
            tracing::error!("the event store's upkeep met a defect: {panic}");
            return Ok(());
        }
    };
    for (expired, reason) in &expiry.failed {
        tracing::info!(tenant = %expired.tenant, day = expired.day, "a day of events stays for now: {reason}");
    }
    for one in &compacted {
        let (before, after) = (one.segments_before, one.segments_after);
        tracing::debug!(tenant = %one.tenant, day = one.day, before, after, "made few segments of many");
    }
    if expiry.deleted.is_empty() {
        return Ok(());
    }
    let mut tx = app.store.begin().await?;
    for gone in &expiry.deleted {
        tracing::info!(tenant = %gone.tenant, day = gone.day, bytes = gone.bytes, "deleted the events of {}", gone.day);
        let note = AuditNote {
            at: now,
            tenant: Some(gone.tenant.clone()),
            actor: Actor::System("retention".to_owned()),
            verb: Verb::Expire,
            object: ObjectKind::Events,
            object_id: gone.day.clone(),
            details: serde_json::json!({"bytes": gone.bytes, "reason": gone.reason}),
        };
        tx.audit(&note).await?;
    }
    tx.commit().await
}
