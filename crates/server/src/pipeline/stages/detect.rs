//! Events in front of rules, correlations and indicators.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tracing::error;
use vigie_detect::{Engine, Remembered, RuleSet};
use vigie_events::LogPosition;
use vigie_intel::Matcher;
use vigie_model::{DeadLetter, Event, Finding, Timestamp};

use super::{Counts, DetectJob, Flush, Portion, said};
use crate::metrics::Metrics;
use crate::pipeline::progress::{Progress, Stage};
use crate::swap::Swap;

/// How often what detection remembers is put on disk, at most.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);
/// What part of one core's time goes into that, at most: one in so many.
const CHECKPOINT_SHARE: u32 = 20;

/// Shows events to rules, correlations and indicators.
pub(in crate::pipeline) struct DetectStage {
    pub(in crate::pipeline) jobs: Receiver<DetectJob>,
    pub(in crate::pipeline) onward: mpsc::Sender<Round>,
    pub(in crate::pipeline) engine: Engine,
    pub(in crate::pipeline) matcher: Swap<Matcher>,
    pub(in crate::pipeline) progress: Arc<Progress>,
    pub(in crate::pipeline) metrics: Metrics,
    /// Everything before this was judged already, before a restart.
    pub(in crate::pipeline) end: LogPosition,
    pub(in crate::pipeline) checkpoints: CheckpointClock,
}

/// What detection remembered of everything before a position in the log.
pub(in crate::pipeline) struct Taken {
    pub(in crate::pipeline) position: LogPosition,
    pub(in crate::pipeline) remembered: Remembered,
    /// Whether it must be put on disk, also where the one before is not yet.
    pub(in crate::pipeline) must: bool,
}

/// When the next checkpoint is due.
pub(in crate::pipeline) struct CheckpointClock {
    taken: Instant,
    /// How large the log may grow before one is due at once.
    pub(in crate::pipeline) log_bytes_max: u64,
    /// Up to where the last one reached.
    last: LogPosition,
}

/// What detection made of a portion, on its way into the database.
#[derive(Default)]
pub(in crate::pipeline) struct Round {
    /// How many events each tenant's sources gave.
    pub(in crate::pipeline) taken: Counts,
    pub(in crate::pipeline) dead: Vec<DeadLetter>,
    pub(in crate::pipeline) findings: Vec<Finding>,
    /// Everything in the log before this is in here or in rounds before.
    pub(in crate::pipeline) until: LogPosition,
    /// When the oldest of its records reached the pipeline.
    pub(in crate::pipeline) since: Option<Instant>,
    /// What detection remembered at `until`, where that is to be put on disk.
    pub(in crate::pipeline) checkpoint: Option<Taken>,
    pub(in crate::pipeline) flushes: Vec<Arc<Flush>>,
}

impl CheckpointClock {
    pub(in crate::pipeline) fn new(log_bytes_max: u64, last: LogPosition) -> Self {
        Self { taken: Instant::now(), log_bytes_max, last }
    }
}

impl DetectStage {
    /// Works until the stage before has ended.
    pub(in crate::pipeline) fn run(mut self) {
        while let Ok(job) = self.jobs.recv() {
            let round = match job {
                DetectJob::Portion(portion, dead) => self.judge(&portion, dead),
                DetectJob::Rules(rules) => self.replace_rules(rules),
                DetectJob::Flush(flush) => {
                    let checkpoint = (self.end > self.checkpoints.last).then(|| self.checkpoint(true));
                    Round { flushes: vec![flush], checkpoint, until: self.end, ..Round::default() }
                }
            };
            if self.onward.blocking_send(round).is_err() {
                return;
            }
        }
    }

    fn judge(&mut self, portion: &Portion, dead: Vec<DeadLetter>) -> Round {
        let began = Instant::now();
        let taken = portion.taken.clone();
        let mut round = Round { taken, dead, since: Some(portion.since), ..Round::default() };
        // A checkpoint that reaches further has this portion in it: the index alone was behind.
        if portion.position >= self.end {
            round.findings = self.observe(&portion.events, portion.now);
            self.end = portion.end;
        }
        self.progress.reached(Stage::Detect, self.end);
        round.until = self.end;
        round.checkpoint = self.checkpoint_is_due().then(|| self.checkpoint(false));
        self.metrics.stage(Stage::Detect, began.elapsed());
        round
    }

    fn observe(&mut self, events: &[Event], now: Timestamp) -> Vec<Finding> {
        let (engine, matcher) = (&mut self.engine, self.matcher.get());
        let mut all_at_once = |events: &[Event]| {
            let mut findings = engine.observe(events, now);
            findings.extend(matcher.observe(events, now));
            findings
        };
        if let Ok(findings) = catch_unwind(AssertUnwindSafe(|| all_at_once(events))) {
            return findings;
        }
        // Once more, one by one, so that a defect costs one event's findings and not all of the portion's. What a
        // correlation has seen of them already it knows by their ids.
        let mut findings = Vec::new();
        for event in events {
            match catch_unwind(AssertUnwindSafe(|| all_at_once(std::slice::from_ref(event)))) {
                Ok(found) => findings.extend(found),
                Err(panic) => {
                    self.metrics.defect();
                    error!(event.id = %event.id, "detection met a defect and left out an event: {}", said(panic.as_ref()));
                }
            }
        }
        findings
    }

    fn replace_rules(&mut self, rules: RuleSet) -> Round {
        self.engine.replace_rules(rules);
        // At once: after a restart the new rules shall not be shown what came before them.
        Round { until: self.end, checkpoint: Some(self.checkpoint(true)), ..Round::default() }
    }

    fn checkpoint_is_due(&self) -> bool {
        let clock = &self.checkpoints;
        let rest = CHECKPOINT_EVERY.max(self.progress.checkpoint_took() * CHECKPOINT_SHARE);
        let large = self.end > clock.last && self.progress.log_bytes() > clock.log_bytes_max;
        clock.taken.elapsed() >= rest || large && clock.taken.elapsed() >= CHECKPOINT_EVERY
    }

    /// Returns what detection remembers now. It is written down by the stage behind, once all that was found before is stored.
    fn checkpoint(&mut self, must: bool) -> Taken {
        self.checkpoints.taken = Instant::now();
        self.checkpoints.last = self.end;
        Taken { position: self.end, remembered: self.engine.remembered(), must }
    }
}
