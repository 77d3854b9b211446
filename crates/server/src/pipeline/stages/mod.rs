//! The stages of the pipeline, a file each, in the order in which a record walks through them.

mod detect;
mod index;
mod ingest;
mod log;
mod settle;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;
use vigie_detect::RuleSet;
use vigie_events::{LogEntry, LogPosition};
use vigie_ingest::Settled;
use vigie_model::{DeadLetter, Event, SourceName, TenantId, Timestamp};

use super::budget::Hold;
use super::progress::Stage;

pub(super) use detect::{CheckpointClock, DetectStage};
pub(super) use index::IndexStage;
pub(super) use ingest::IngestStage;
pub(super) use log::LogStage;
pub(super) use settle::SettleStage;

/// How many events each tenant's sources gave.
type Counts = BTreeMap<(TenantId, SourceName), u64>;

/// What the log stage hands on.
pub(super) enum IngestJob {
    Logged(Logged),
    Flush(Arc<Flush>),
}

/// Records of one batch that are in the log.
pub(super) struct Logged {
    pub(super) entries: Vec<LogEntry>,
    /// Who waits for an acknowledgement.
    pub(super) done: Option<oneshot::Sender<Settled>>,
    /// When they reached the pipeline.
    pub(super) since: Instant,
    pub(super) hold: Hold,
}

/// What the ingest stage hands on to the index.
pub(super) enum IndexJob {
    Portion(Arc<Portion>),
    Flush(Arc<Flush>),
}

/// What the ingest stage, or an operator, hands on to detection.
pub(super) enum DetectJob {
    Portion(Arc<Portion>, Vec<DeadLetter>),
    Rules(RuleSet),
    Flush(Arc<Flush>),
}

/// The events of one entry of the log. Index and detection share it.
pub(super) struct Portion {
    pub(super) position: LogPosition,
    pub(super) end: LogPosition,
    /// The time that the entry carries: a replay goes by the same.
    pub(super) now: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) taken: Counts,
    /// When the records reached the pipeline.
    pub(super) since: Instant,
    pub(super) _hold: Hold,
}

/// Goes through all stages behind everything that was sent before it. When the last stage has let go of it, whoever waits
/// is told.
pub(super) struct Flush {
    done: Option<oneshot::Sender<Settled>>,
}

impl Flush {
    pub(super) fn new(done: oneshot::Sender<Settled>) -> Arc<Self> {
        Arc::new(Self { done: Some(done) })
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            // Whoever gave up waiting does not mind.
            let _ = done.send(Settled::default());
        }
    }
}

/// Runs a stage on a thread of its own, under a name that `top -H` and the load generator show.
pub(super) fn spawn(stage: Stage, work: impl FnOnce() + Send + 'static) {
    let name = format!("vigie-{}", stage.as_str());
    let thread = thread::Builder::new().name(name).spawn(work);
    thread.expect("a machine that cannot start five threads cannot run a server");
}

/// Returns what a panic said.
pub(super) fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
