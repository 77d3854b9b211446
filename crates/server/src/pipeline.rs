//! The one file that joins the stages: record → event → finding → alert → case → action.
//!
//! ```text
//! receivers, API ─► log: one fsync for all who wait ─► ingest: records → events ─┬─► index: append, commit each second
//!                                                      │                         └─► detect: rules, correlations, indicators
//!                                 acknowledge ◄────────┘                                        │ findings
//!                                                                                               ▼
//!        plan (respond) ◄── open or merge cases ◄── fold into alerts ◄── settle: one transaction a round
//! ```
//!
//! Each stage has a thread of its own, in `stages/`, and they meet in queues. What is on its way is bounded by a budget of
//! bytes (`budget.rs`): while it is spent, the stage before waits, and so do in the end the senders that can be slowed down.
//!
//! A batch is acknowledged when its records are in the write-ahead log and on disk, and were read (ADR 0004). From there on
//! nothing is lost: after a crash the log is read again from where the index and detection had come to. The index says so
//! with each commit; detection puts what its correlations remember on disk with the position that it belongs to
//! (`checkpoint.rs`), once all that came before is settled. Whatever is seen twice that way changes nothing, for the ids of
//! events, findings, alerts and actions are made of positions at the source.
//!
//! Nothing here may end the pipeline. What fails is tried again until it works; meanwhile the queues fill and the senders
//! wait. A panic in a stage costs the record or event that caused it, and is logged.

mod absorb;
mod answer;
mod budget;
mod checkpoint;
mod handle;
mod incident;
mod progress;
mod stages;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use vigie_detect::Engine;
use vigie_events::{EventStore, Log, LogDamage, LogPosition};
use vigie_ingest::Sources;
use vigie_intel::{Geo, Matcher, WarningList};
use vigie_model::Severity;
use vigie_respond::{NeverTouch, Playbook, RateLimits};
use vigie_store::Store;

pub use handle::PipelineHandle;
pub(crate) use progress::{Progress, SourceSeen, Stage};

use crate::causes::chain;
use crate::clock::{Clock, Entropy};
use crate::live::LiveBus;
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::swap::Swap;
use checkpoint::Checkpoint;
use stages::{DetectStage, IndexStage, IngestStage, LogStage, SettleStage};

/// Logged records that may wait to be read, in bytes with what they cost besides.
const RAW_BYTES_MAX: usize = 48 << 20;
/// Records that may be held as events, in bytes as they were written: as events they take up to twenty times as much.
const PARSED_BYTES_MAX: usize = 16 << 20;
/// Rounds that may wait for the database.
const ROUNDS_MAX: usize = 16;
/// What part of its limit the log may fill before what detection remembers is put on disk at once: one in so many.
const LOG_SHARE_BEFORE_CHECKPOINT: u64 = 2;

/// The write-ahead log, opened.
pub struct OpenedLog {
    /// The log.
    pub log: Log,
    /// What was found broken when it was opened.
    pub damage: Vec<LogDamage>,
    /// How large it may become, in bytes.
    pub bytes_max: u64,
    /// The folder for what detection remembers.
    pub checkpoints: PathBuf,
}

/// What the pipeline joins, besides the engine.
pub struct PipelineParts {
    /// Who reads records.
    pub sources: Arc<Sources>,
    /// The indicators of every tenant.
    pub matcher: Swap<Matcher>,
    /// What is never called malicious and links no alerts.
    pub warnings: WarningList,
    /// Where addresses are.
    pub geo: Arc<Geo>,
    /// Alerts, cases, actions.
    pub store: Store,
    /// Events.
    pub events: Arc<dyn EventStore>,
    /// What is done about alerts.
    pub playbooks: Swap<Vec<Playbook>>,
    /// What may never be blocked.
    pub never_touch: Swap<NeverTouch>,
    /// Who is told.
    pub live: Arc<LiveBus>,
    /// What is counted.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids of cases.
    pub entropy: Arc<dyn Entropy>,
    /// Rung when an action waits to be done.
    pub outbox_bell: Arc<Notify>,
    /// Who is told of what is new.
    pub(crate) notices: Notices,
    /// What the operator chose.
    pub settings: PipelineSettings,
}

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct PipelineSettings {
    /// Batches that may wait.
    pub queue_batches_max: usize,
    /// Whether incidents open cases by themselves.
    pub auto_open: bool,
    /// The least severity of an alert that may open a case or join one by itself.
    pub severity_min: Severity,
    /// How many actions playbooks may have done in an hour.
    pub rate_limits: RateLimits,
    /// Whether actions are only simulated.
    pub dry_run: bool,
}

/// Starts the pipeline on the current runtime: first what the log holds that is not everywhere yet, then what comes in.
pub fn start(mut engine: Engine, opened: OpenedLog, parts: PipelineParts) -> PipelineHandle {
    let OpenedLog { mut log, damage, bytes_max, checkpoints } = opened;
    let judged = take_up(&mut engine, &checkpoints);
    let indexed = parts.events.position();
    // A log that was lost or restored must not give positions again that the index or detection know.
    if let Err(problem) = log.skip_to(parts.events.end().max(judged)) {
        // The first write meets it again, and waits for it to be mended.
        tracing::error!("the log cannot begin a new file: {}", chain(&problem));
    }
    let progress = Arc::new(Progress::new(log, RAW_BYTES_MAX, PARSED_BYTES_MAX));
    for damage in damage {
        progress.damaged(damage);
    }
    progress.set_replaying(true);
    progress.reached(Stage::Index, indexed);
    progress.snapshot_written(judged);

    let parts = Arc::new(parts);
    let (batches, incoming) = mpsc::channel(parts.settings.queue_batches_max.max(1));
    let (to_ingest, ingest_jobs) = std::sync::mpsc::channel();
    let (to_index, index_jobs) = std::sync::mpsc::channel();
    let (to_detect, detect_jobs) = std::sync::mpsc::channel();
    let (to_settle, rounds) = mpsc::channel(ROUNDS_MAX);
    let handle = PipelineHandle::new(batches, to_detect.clone(), Arc::clone(&progress));
    let metrics = || parts.metrics.clone();

    let log = LogStage {
        batches: incoming,
        onward: to_ingest,
        progress: Arc::clone(&progress),
        clock: Arc::clone(&parts.clock),
        metrics: metrics(),
        replay_from: indexed.min(judged),
    };
    let ingest = IngestStage {
        jobs: ingest_jobs,
        index: to_index,
        detect: to_detect,
        sources: Arc::clone(&parts.sources),
        progress: Arc::clone(&progress),
        metrics: metrics(),
    };
    let index = IndexStage::new(index_jobs, &parts, &progress, indexed);
    let detect = DetectStage {
        jobs: detect_jobs,
        onward: to_settle,
        engine,
        matcher: parts.matcher.clone(),
        progress: Arc::clone(&progress),
        metrics: metrics(),
        end: judged,
        checkpoints: stages::CheckpointClock::new(bytes_max / LOG_SHARE_BEFORE_CHECKPOINT, judged),
    };
    let settle = SettleStage { rounds, parts, progress, folder: checkpoints, saving: None };
    stages::spawn(Stage::Log, move || log.run());
    stages::spawn(Stage::Ingest, move || ingest.run());
    stages::spawn(Stage::Index, move || index.run());
    stages::spawn(Stage::Detect, move || detect.run());
    tokio::spawn(settle.run());
    handle
}

/// Gives the engine back what it remembered, and returns the position up to which that goes. Where nothing whole is left,
/// it is made anew of the log.
fn take_up(engine: &mut Engine, folder: &std::path::Path) -> LogPosition {
    match Checkpoint::read(folder) {
        Ok(None) => {}
        Ok(Some(checkpoint)) => match engine.restore(&checkpoint.state) {
            Ok(()) => return checkpoint.position,
            Err(problem) => tracing::error!("what detection remembered cannot be taken up: {}", chain(&problem)),
        },
        Err(problem) => tracing::error!("what detection remembered cannot be taken up: {}", chain(&problem)),
    }
    LogPosition::default()
}
