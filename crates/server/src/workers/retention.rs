//! What is thrown away once its time is over.

use std::sync::Arc;
use std::time::Duration;

use vigie_store::StoreError;

use super::outbox::chain;
use crate::app::App;

/// How long messages that left are remembered.
const OUTBOX_KEPT: Duration = Duration::from_hours(90 * 24);

pub(super) async fn run(app: Arc<App>, period: Duration) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::error!(error = chain(&error), "what is over could not be thrown away");
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
    tx.commit().await?;
    tracing::debug!(sessions, batches, messages, letters, "threw away what is over");
    Ok(())
}
