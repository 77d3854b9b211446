//! What runs beside the pipeline and the API.

mod carry_out;
mod expiry;
mod guard_rails;
mod outbox;
mod reports;
mod retention;
mod sla;
mod tell;
mod vitals;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub(crate) use carry_out::note_on_case;
pub(crate) use guard_rails::never_touch;
pub(crate) use outbox::{Errand, enqueue_action, enqueue_undo};
pub(crate) use reports::{archive as archive_report, zone_of};
pub(crate) use retention::policy as retention_policy;
pub(crate) use sla::{policy_key as sla_policy_key, policy_of as sla_policy_of};

use crate::app::App;

/// How often the outbox is looked at where nobody rings.
const OUTBOX_PERIOD: Duration = Duration::from_secs(5);
/// How often decisions are looked through for those whose time is over.
const EXPIRY_PERIOD: Duration = Duration::from_secs(5);
/// How often the never-touch list is made anew: addresses come and go.
const GUARD_RAILS_PERIOD: Duration = Duration::from_mins(1);
/// How often cases are looked through for those that are late.
const SLA_PERIOD: Duration = Duration::from_secs(5);
/// How often schedules of reports are looked through for those that are due.
const REPORTS_PERIOD: Duration = Duration::from_secs(10);
/// How often old sessions, batch names and messages are thrown away.
const RETENTION_PERIOD: Duration = Duration::from_hours(1);

/// Starts every worker. They end when the server stops; what they have begun they finish.
pub(crate) fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(outbox::run(Arc::clone(app), OUTBOX_PERIOD));
    workers.spawn(expiry::run(Arc::clone(app), EXPIRY_PERIOD));
    workers.spawn(retention::run(Arc::clone(app), RETENTION_PERIOD));
    workers.spawn(sla::run(Arc::clone(app), SLA_PERIOD));
    workers.spawn(reports::run(Arc::clone(app), REPORTS_PERIOD));
    workers.spawn(vitals::run(Arc::clone(app)));
    workers.spawn(guard_rails::run(Arc::clone(app), GUARD_RAILS_PERIOD));
    workers
}

/// Waits for the period, or less where the server stops. Returns whether to go on.
async fn wait(app: &App, period: Duration) -> bool {
    tokio::select! {
        () = app.stop.cancelled() => false,
        () = tokio::time::sleep(period) => true,
    }
}
