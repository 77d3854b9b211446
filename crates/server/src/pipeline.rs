//! The one file that joins the stages: record → event → finding → alert → case → action.
//!
//! ```text
//! receivers, API ──bounded queue──► round ─ normalise ─► append to the event store ─► detect, match indicators
//!                                                                                       │
//!      acknowledge ◄── commit ◄── plan (respond) ◄── open or merge cases ◄── fold into alerts
//! ```
//!
//! A *round* is all the batches that wait, up to a limit: the unit of work. The first half of a round computes and runs on a
//! blocking thread; the second half is one transaction of the store, in `absorb`. A batch is acknowledged when both are
//! done (ADR 0003). The queue is bounded; while it is full, senders that can be slowed down are.
//!
//! Nothing here may end the pipeline. A database that fails is tried again until it takes the round; meanwhile the queue
//! fills and the senders wait. A panic in a stage, or a row that cannot be read, costs the round it happened in, which is
//! not acknowledged, and is logged.

mod absorb;
mod answer;
mod handle;
mod incident;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tracing::{error, warn};
use vigie_detect::{Engine, RuleSet};
use vigie_events::{EventStore, LogPosition};
use vigie_ingest::{Batch, Normalised, Settled, Sources, normalise, portions};
use vigie_intel::{Geo, Matcher, WarningList};
use vigie_model::{DeadLetter, Event, Finding, Record, Severity, SourceName, TenantId, Timestamp};
use vigie_respond::{NeverTouch, Playbook, RateLimits};
use vigie_store::{Store, StoreError};

use handle::Order;
pub use handle::PipelineHandle;

use crate::causes::chain;
use crate::clock::{Clock, Entropy};
use crate::live::LiveBus;
use crate::metrics::Metrics;
use crate::swap::Swap;

/// Records in one round; a single batch may hold more.
const ROUND_RECORDS_MAX: usize = 8_192;
/// How many events are held at a time.
const PORTION_EVENTS: usize = 1_000;
/// How long appended events may wait until they can be searched.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// How long to wait before a store that refused is asked again, at most.
const RETRY_WAIT_MAX: Duration = Duration::from_secs(5);
/// How often the store may refuse a round for a reason that waiting does not mend.
const REFUSALS_MAX: u32 = 5;

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
    /// What the operator chose.
    pub settings: PipelineSettings,
    /// The number of the next event, until there is a log that gives them out. It grows over restarts.
    pub next_sequence: AtomicU64,
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

/// Starts the pipeline on the current runtime.
pub fn start(engine: Engine, parts: PipelineParts) -> PipelineHandle {
    let (batches, incoming) = mpsc::channel(parts.settings.queue_batches_max.max(1));
    let (orders, ordered) = mpsc::channel(8);
    let rules = engine.rules().clone();
    let pipeline = Pipeline { engine: Some(engine), rules, parts: Arc::new(parts), uncommitted: false };
    tokio::spawn(pipeline.run(incoming, ordered));
    PipelineHandle::new(batches, orders)
}

struct Pipeline {
    /// Away while a round computes; gone where it panicked.
    engine: Option<Engine>,
    rules: RuleSet,
    parts: Arc<PipelineParts>,
    /// Whether events were appended since the last commit of the event store.
    uncommitted: bool,
}

impl Pipeline {
    async fn run(mut self, mut batches: mpsc::Receiver<Batch>, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(COMMIT_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(order) = orders.recv() => match order {
                    Order::ReplaceRules(rules) => self.replace_rules(rules),
                    Order::Drain(done) => {
                        while let Ok(batch) = batches.try_recv() {
                            self.round(gather(batch, &mut batches)).await;
                        }
                        self.commit().await;
                        let _ = done.send(());
                    }
                },
                batch = batches.recv() => {
                    let Some(batch) = batch else { break };
                    self.parts.metrics.queue_depth(batches.len());
                    self.round(gather(batch, &mut batches)).await;
                }
                _ = tick.tick() => self.commit().await,
            }
        }
        self.commit().await;
    }

    /// Takes one round through all stages, and acknowledges its batches.
    async fn round(&mut self, round: Vec<Batch>) {
        let start = Instant::now();
        let now = self.parts.clock.now();
        let Some(seen) = self.look(round, now).await else { return };
        if self.settle(&seen, now).await {
            for (done, settled) in seen.waiting {
                // Whoever gave up waiting does not mind.
                let _ = done.send(settled);
            }
        }
        self.parts.metrics.pipeline_done(start.elapsed());
    }

    /// The computing half: normalise, keep, detect. Returns `None` where a stage panicked.
    async fn look(&mut self, round: Vec<Batch>, now: Timestamp) -> Option<Seen> {
        let parts = Arc::clone(&self.parts);
        let mut engine = self.engine.take().unwrap_or_else(|| Engine::new(self.rules.clone()));
        let work = spawn_blocking(move || {
            let seen = look(&parts, &mut engine, round, now);
            (engine, seen)
        });
        match work.await {
            Ok((engine, seen)) => {
                self.engine = Some(engine);
                self.uncommitted = true;
                Some(seen)
            }
            Err(panic) => {
                error!(
                    "a round was lost to a defect in a stage, and its senders are not told that it arrived: {panic}"
                );
                None
            }
        }
    }

    /// The deciding half: one transaction, tried until the database takes it: a full disk is made room on, a locked file
    /// is let go. Returns false where something else is wrong again and again, which waiting does not mend.
    async fn settle(&self, seen: &Seen, now: Timestamp) -> bool {
        let mut wait = Duration::from_millis(50);
        let mut refusals = 0;
        loop {
            match absorb::absorb(&self.parts, &seen.findings, &seen.dead, now).await {
                Ok(absorbed) => {
                    absorbed.tell(&self.parts, &seen.taken);
                    return true;
                }
                Err(problem) => {
                    refusals += u32::from(!matches!(problem, StoreError::Database { .. }));
                    if refusals == REFUSALS_MAX {
                        let lost = seen.findings.len();
                        error!(
                            "{lost} findings of a round were lost, its senders are not told that it arrived: {}",
                            chain(&problem)
                        );
                        return false;
                    }
                    warn!("the store did not take a round, trying again in {wait:?}: {}", chain(&problem));
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY_WAIT_MAX);
        }
    }

    async fn commit(&mut self) {
        if !self.uncommitted {
            return;
        }
        let events = Arc::clone(&self.parts.events);
        let until = LogPosition::new(self.parts.next_sequence.load(Ordering::Relaxed));
        match spawn_blocking(move || events.commit(until)).await {
            Ok(Ok(())) => self.uncommitted = false,
            Ok(Err(problem)) => warn!("the event store did not commit, trying again: {}", chain(&problem)),
            Err(panic) => error!("the event store's commit met a defect: {panic}"),
        }
    }

    fn replace_rules(&mut self, rules: RuleSet) {
        self.rules = rules.clone();
        if let Some(engine) = &mut self.engine {
            engine.replace_rules(rules);
        }
    }
}

/// What the computing half of a round saw. The events themselves are in the event store by then and held no longer.
#[derive(Default)]
struct Seen {
    /// How many events each tenant's sources gave.
    taken: BTreeMap<(TenantId, SourceName), u64>,
    dead: Vec<DeadLetter>,
    findings: Vec<Finding>,
    /// Who waits for an acknowledgement, and what it says.
    waiting: Vec<(oneshot::Sender<Settled>, Settled)>,
}

/// Normalises records, keeps their events and detects, a portion at a time: a batch as large as a body may be would take
/// gigabytes as events. An event is kept before rules see it, because keeping may be repeated and observing may not.
fn look(parts: &PipelineParts, engine: &mut Engine, round: Vec<Batch>, now: Timestamp) -> Seen {
    let mut seen = Seen::default();
    // Events of several small batches are kept and judged together.
    let mut events = Vec::new();
    for Batch { records, mut dead, done } in round {
        let mut settled = Settled { events: 0, dead: dead.len() as u64 };
        seen.dead.append(&mut dead);
        for portion in portions(&records) {
            let mut normalised = normalise(&parts.sources, portion);
            count(parts, portion, &normalised);
            settled.events += normalised.events.len() as u64;
            settled.dead += normalised.dead.len() as u64;
            seen.dead.append(&mut normalised.dead);
            events.append(&mut normalised.events);
            if events.len() >= PORTION_EVENTS {
                judge(parts, engine, &mut events, &mut seen, now);
            }
        }
        seen.waiting.extend(done.map(|done| (done, settled)));
    }
    judge(parts, engine, &mut events, &mut seen, now);
    seen
}

/// Keeps events, runs the rules and the indicators over them, and lets go of them.
fn judge(parts: &PipelineParts, engine: &mut Engine, events: &mut Vec<Event>, seen: &mut Seen, now: Timestamp) {
    if events.is_empty() {
        return;
    }
    keep(parts, events);
    seen.findings.extend(engine.observe(events, now));
    seen.findings.extend(parts.matcher.get().observe(events, now));
    for event in events.drain(..) {
        *seen.taken.entry((event.tenant, event.source)).or_default() += 1;
    }
}

/// Hands events to the event store, again and again until it takes them.
fn keep(parts: &PipelineParts, events: &[Event]) {
    let mut wait = Duration::from_millis(50);
    let at = LogPosition::new(parts.next_sequence.fetch_add(events.len() as u64, Ordering::Relaxed));
    while let Err(problem) = parts.events.append(events, at) {
        warn!("the event store did not take a round, trying again in {wait:?}: {}", chain(&problem));
        std::thread::sleep(wait);
        wait = (wait * 2).min(RETRY_WAIT_MAX);
    }
}

/// Takes more of what waits, up to the size of a round.
fn gather(first: Batch, batches: &mut mpsc::Receiver<Batch>) -> Vec<Batch> {
    let mut records = first.records.len();
    let mut round = vec![first];
    while records < ROUND_RECORDS_MAX {
        let Ok(batch) = batches.try_recv() else { break };
        records += batch.records.len();
        round.push(batch);
    }
    round
}

fn count(parts: &PipelineParts, records: &[Record], normalised: &Normalised) {
    let mut by_source: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for record in records {
        by_source.entry(record.source.as_str()).or_default().0 += 1;
    }
    for event in &normalised.events {
        by_source.entry(event.source.as_str()).or_default().1 += 1;
    }
    for letter in &normalised.dead {
        by_source.entry(letter.source.as_str()).or_default().2 += 1;
    }
    for (source, (records, events, dead)) in by_source {
        parts.metrics.batch(source, records, events, dead);
    }
}
