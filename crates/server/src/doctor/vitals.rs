//! What the doctor looks at.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use vigie_detect::LoadFailure;
use vigie_model::{SourceName, TenantId, Timestamp};

use crate::app::App;
use crate::pipeline::{SourceSeen, Stage};

/// How many samples make up the last minute.
pub(crate) const SAMPLES_MAX: usize = 7;

/// What counters stood at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    at: Instant,
    busy: [f64; Stage::ALL.len()],
    dropped: u64,
    refused: u64,
}

impl Sample {
    pub(crate) fn take(app: &App) -> Self {
        Self {
            at: Instant::now(),
            busy: Stage::ALL.map(|stage| app.metrics.busy(stage)),
            dropped: app.dropped_by_receivers(),
            refused: app.metrics.refused_so_far(),
        }
    }
}

/// What the doctor looks at. Times are those of the server's clock.
#[derive(Debug, Clone)]
pub(crate) struct Vitals {
    pub(crate) now: Timestamp,
    /// What share of the last minute each stage worked, 0 to 1.
    pub(crate) busy: Vec<(Stage, f64)>,
    /// What holds a stage up, and for how long.
    pub(crate) held_up: Vec<(Stage, String, Duration)>,
    pub(crate) replaying: bool,
    /// Bytes on their way and how many may be: logged, and parsed.
    pub(crate) queues: [(&'static str, usize, usize); 2],
    pub(crate) log_bytes: u64,
    pub(crate) log_bytes_max: u64,
    pub(crate) log_damage: Vec<String>,
    pub(crate) index_damage: Vec<String>,
    /// Bytes free to the server on the disk of the data folder, and its size; `None` where the system does not say.
    pub(crate) disk: Option<(u64, u64)>,
    /// Datagrams dropped: in the last minute, and since start.
    pub(crate) dropped: (u64, u64),
    /// Batches refused in the last minute.
    pub(crate) refused: u64,
    pub(crate) sources: BTreeMap<(TenantId, SourceName), SourceSeen>,
    /// What the configuration says should send, since the start.
    pub(crate) expected: Vec<(TenantId, SourceName, &'static str)>,
    pub(crate) started: Timestamp,
    pub(crate) refused_rules: Vec<LoadFailure>,
    pub(crate) rules: usize,
}

impl Vitals {
    pub(crate) fn of(app: &App) -> Self {
        let progress = app.pipeline.progress();
        let now = Sample::take(app);
        let first = app.vitals.lock().expect("no one panics while holding this lock").front().copied().unwrap_or(now);
        let seconds = now.at.duration_since(first.at).as_secs_f64();
        let share = |stage: Stage| {
            let worked = now.busy[stage as usize] - first.busy[stage as usize];
            (stage, if seconds > 0.5 { (worked / seconds).clamp(0.0, 1.0) } else { 0.0 })
        };
        let held_up = progress.troubles().into_iter();
        let (raw, parsed) = (progress.raw.use_of(), progress.parsed.use_of());
        let syslog = app.config.syslog.iter().map(|one| (one.tenant.clone(), one.source.clone(), "syslog listener"));
        let tail = app.config.tail.iter().map(|one| (one.tenant.clone(), one.source.clone(), "followed file"));
        Self {
            now: app.clock.now(),
            busy: Stage::ALL.into_iter().map(share).collect(),
            held_up: held_up.map(|(stage, trouble)| (stage, trouble.what, trouble.since.elapsed())).collect(),
            replaying: progress.is_replaying(),
            queues: [("logged", raw.0, raw.1), ("parsed", parsed.0, parsed.1)],
            log_bytes: progress.log_bytes(),
            log_bytes_max: app.config.events.log_bytes_max,
            log_damage: progress.damage().iter().map(ToString::to_string).collect(),
            index_damage: app.events.damaged().iter().map(ToString::to_string).collect(),
            disk: disk(&app.config.data_folder),
            dropped: (now.dropped - first.dropped, now.dropped),
            refused: now.refused - first.refused,
            sources: progress.sources(),
            expected: syslog.chain(tail).collect(),
            started: app.started,
            refused_rules: app.refused_rules.get().as_ref().clone(),
            rules: app.rules.book().entries().len(),
        }
    }
}

/// Returns the bytes free to us on a folder's disk, and its size.
fn disk(folder: &std::path::Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}
