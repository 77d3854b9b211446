//! How far the stages have come, and what holds them up: written by them, read by metrics, `/readyz` and the doctor.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vigie_events::{Log, LogDamage, LogPosition};
use vigie_model::{SourceName, TenantId, Timestamp};

use super::budget::Budget;

/// How many reports of damage to the log are kept for people to read.
const DAMAGE_MAX: usize = 100;

/// The stages of the pipeline, each on a thread of its own but the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Writes records to the write-ahead log.
    Log,
    /// Makes events of records.
    Ingest,
    /// Makes events searchable.
    Index,
    /// Shows events to rules, correlations and indicators.
    Detect,
    /// Takes findings into the database.
    Settle,
}

impl Stage {
    pub(crate) const ALL: [Self; 5] = [Self::Log, Self::Ingest, Self::Index, Self::Detect, Self::Settle];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Ingest => "ingest",
            Self::Index => "index",
            Self::Detect => "detect",
            Self::Settle => "settle",
        }
    }
}

/// What holds a stage up.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    /// In words, with the causes.
    pub(crate) what: String,
    /// Since when.
    pub(crate) since: Instant,
}

/// What one source of one tenant sent since start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceSeen {
    /// How many events.
    pub(crate) events: u64,
    /// How many records that could not be read.
    pub(crate) dead: u64,
    /// When the first came.
    pub(crate) first: Timestamp,
    /// When the last came.
    pub(crate) last: Timestamp,
}

/// How far the stages have come.
pub(crate) struct Progress {
    /// The write-ahead log itself.
    pub(crate) log: Mutex<Log>,
    /// Records that are logged and not yet read.
    pub(crate) raw: Arc<Budget>,
    /// Events that are not yet indexed and judged.
    pub(crate) parsed: Arc<Budget>,
    positions: [AtomicU64; Stage::ALL.len()],
    /// Up to where detection's state is on disk.
    snapshot: AtomicU64,
    /// The size of the log on disk.
    log_bytes: AtomicU64,
    /// How long it took to put detection's state on disk the last time, in microseconds.
    checkpoint_micros: AtomicU64,
    replaying: AtomicBool,
    troubles: Mutex<BTreeMap<Stage, Trouble>>,
    damage: Mutex<Vec<LogDamage>>,
    sources: Mutex<BTreeMap<(TenantId, SourceName), SourceSeen>>,
}

impl Progress {
    pub(crate) fn new(log: Log, raw_bytes_max: usize, parsed_bytes_max: usize) -> Self {
        Self {
            log_bytes: AtomicU64::new(log.bytes()),
            log: Mutex::new(log),
            raw: Budget::new(raw_bytes_max),
            parsed: Budget::new(parsed_bytes_max),
            positions: Default::default(),
            snapshot: AtomicU64::new(0),
            checkpoint_micros: AtomicU64::new(0),
            replaying: AtomicBool::new(false),
            troubles: Mutex::default(),
            damage: Mutex::default(),
            sources: Mutex::default(),
        }
    }

    /// Says that a stage is through with everything before a position.
    pub(crate) fn reached(&self, stage: Stage, position: LogPosition) {
        self.positions[stage as usize].store(position.get(), Ordering::Release);
    }

    pub(crate) fn position(&self, stage: Stage) -> LogPosition {
        LogPosition::new(self.positions[stage as usize].load(Ordering::Acquire))
    }

    /// Returns up to where detection's state is on disk.
    pub(crate) fn snapshot(&self) -> LogPosition {
        LogPosition::new(self.snapshot.load(Ordering::Acquire))
    }

    pub(crate) fn snapshot_written(&self, position: LogPosition) {
        self.snapshot.store(position.get(), Ordering::Release);
    }

    /// Returns how long it took to put detection's state on disk the last time.
    pub(crate) fn checkpoint_took(&self) -> Duration {
        Duration::from_micros(self.checkpoint_micros.load(Ordering::Relaxed))
    }

    pub(crate) fn set_checkpoint_took(&self, took: Duration) {
        self.checkpoint_micros.store(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Throws away the part of the log that nobody needs any more: what is indexed, judged and settled.
    pub(crate) fn trim(&self) {
        let until = self.position(Stage::Index).min(self.snapshot());
        let mut log = lock(&self.log);
        if let Err(error) = log.trim(until) {
            tracing::warn!("old segments of the log could not be deleted: {}", crate::causes::chain(&error));
        }
        self.set_log_bytes(log.bytes());
    }

    /// Returns the size of the log on disk, without waiting for whoever writes to it.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.log_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn set_log_bytes(&self, bytes: u64) {
        self.log_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_replaying(&self, replaying: bool) {
        self.replaying.store(replaying, Ordering::Release);
    }

    /// Returns whether what was logged before the start is still being read.
    pub(crate) fn is_replaying(&self) -> bool {
        self.replaying.load(Ordering::Acquire)
    }

    /// Says that a stage is held up, and logs it where it is news.
    pub(crate) fn held_up(&self, stage: Stage, what: String) {
        let mut troubles = lock(&self.troubles);
        let since = troubles.get(&stage).map(|trouble| trouble.since);
        if since.is_none() {
            tracing::error!(stage = stage.as_str(), "the stage `{}` is held up: {what}", stage.as_str());
        }
        troubles.insert(stage, Trouble { what, since: since.unwrap_or_else(Instant::now) });
    }

    /// Says that a stage works.
    pub(crate) fn works(&self, stage: Stage) {
        if let Some(trouble) = lock(&self.troubles).remove(&stage) {
            let lasted = trouble.since.elapsed();
            tracing::info!(stage = stage.as_str(), "the stage `{}` works again, after {lasted:.1?}", stage.as_str());
        }
    }

    pub(crate) fn troubles(&self) -> BTreeMap<Stage, Trouble> {
        lock(&self.troubles).clone()
    }

    /// Keeps a report of damage to the log, and logs it.
    pub(crate) fn damaged(&self, damage: LogDamage) {
        let mut all = lock(&self.damage);
        // It is met when the log is opened and again when it is read.
        if all.contains(&damage) {
            return;
        }
        tracing::error!("the write-ahead log is damaged, and what was there is skipped: {damage}");
        if all.len() < DAMAGE_MAX {
            all.push(damage);
        }
    }

    pub(crate) fn damage(&self) -> Vec<LogDamage> {
        lock(&self.damage).clone()
    }

    /// Notes that a source sent events, and records that could not be read.
    pub(crate) fn seen(&self, source: (&TenantId, &SourceName), events: u64, dead: u64, at: Timestamp) {
        let mut sources = lock(&self.sources);
        let seen = sources.entry((source.0.clone(), source.1.clone()));
        let seen = seen.or_insert(SourceSeen { events: 0, dead: 0, first: at, last: at });
        seen.events += events;
        seen.dead += dead;
        seen.last = seen.last.max(at);
    }

    pub(crate) fn sources(&self) -> BTreeMap<(TenantId, SourceName), SourceSeen> {
        lock(&self.sources).clone()
    }
}

/// How long to wait before something that failed is tried again: ever longer, up to a limit.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    const FIRST: Duration = Duration::from_millis(50);
    const MAX: Duration = Duration::from_secs(2);

    pub(crate) fn new() -> Self {
        Self(Self::FIRST)
    }

    /// Returns how long to wait this time.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(Self::MAX);
        wait
    }
}

/// A panic elsewhere leaves what these locks guard whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
