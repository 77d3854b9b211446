//! What the stages of the pipeline count: how busy they are, how late, how full.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use vigie_events::LogCounters;

use super::LATENCY_BUCKETS;
use crate::pipeline::{Progress, Stage};

/// Which stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabel {
    stage: &'static str,
}

/// Which queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabel {
    queue: &'static str,
}

/// What the stages of the pipeline count.
#[derive(Clone)]
pub(super) struct StageMetrics {
    busy: Family<StageLabel, Counter<f64, std::sync::atomic::AtomicU64>>,
    position: Family<StageLabel, Gauge>,
    held_up: Family<StageLabel, Gauge>,
    queue_bytes: Family<QueueLabel, Gauge>,
    queue_bytes_max: Family<QueueLabel, Gauge>,
    acknowledged: Histogram,
    searchable: Histogram,
    settled: Histogram,
    log_bytes: Gauge,
    log_syncs: Gauge,
    log_sync: Histogram,
    log_written: Gauge,
    log_damage: Gauge,
    refused: Counter,
    defects: Counter,
    checkpoint_bytes: Gauge,
    checkpoint: Histogram,
}

impl StageMetrics {
    pub(super) fn new() -> Self {
        let latency = || Histogram::new(LATENCY_BUCKETS);
        Self {
            busy: Family::default(),
            position: Family::default(),
            held_up: Family::default(),
            queue_bytes: Family::default(),
            queue_bytes_max: Family::default(),
            acknowledged: latency(),
            searchable: latency(),
            settled: latency(),
            log_bytes: Gauge::default(),
            log_syncs: Gauge::default(),
            log_sync: latency(),
            log_written: Gauge::default(),
            log_damage: Gauge::default(),
            refused: Counter::default(),
            defects: Counter::default(),
            checkpoint_bytes: Gauge::default(),
            checkpoint: latency(),
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let seconds = || Unit::Seconds;
        registry.register_with_unit("stage_busy", "Time that a stage has worked", seconds(), self.busy.clone());
        registry.register("stage_position", "Up to where in the log a stage is through", self.position.clone());
        registry.register("stage_held_up", "Whether a stage waits for something that fails", self.held_up.clone());
        registry.register("queue_bytes", "What is on its way between stages", self.queue_bytes.clone());
        registry.register("queue_bytes_max", "What may be on its way between stages", self.queue_bytes_max.clone());
        let times = [
            (
                "acknowledged",
                "From a batch's arrival in the pipeline until it is safe and answered",
                &self.acknowledged,
            ),
            (
                "searchable",
                "From the arrival of the oldest event of a commit until it can be searched",
                &self.searchable,
            ),
            ("settled", "From the arrival of the oldest event of a finding until its alert is stored", &self.settled),
            ("log_sync", "Time of one fsync of the log", &self.log_sync),
            ("checkpoint", "Time to take down what detection remembers", &self.checkpoint),
        ];
        for (name, help, histogram) in times {
            registry.register_with_unit(name, help, seconds(), histogram.clone());
        }
        registry.register("log_bytes", "Size of the write-ahead log on disk", self.log_bytes.clone());
        registry.register("log_syncs", "Times that the log was synced since start", self.log_syncs.clone());
        registry.register("log_written_bytes", "Bytes written to the log since start", self.log_written.clone());
        registry.register("log_damage", "Places where the log was found damaged since start", self.log_damage.clone());
        registry.register("refused_batches", "Batches whose senders were told to send again", self.refused.clone());
        registry.register("defects", "Events and findings left out because of a defect", self.defects.clone());
        registry.register("checkpoint_bytes", "Size of what detection remembers", self.checkpoint_bytes.clone());
    }

    /// Takes over how far the stages are, for a reader of the metrics.
    pub(super) fn look_at(&self, progress: &Progress) {
        let troubles = progress.troubles();
        for stage in Stage::ALL {
            let label = StageLabel { stage: stage.as_str() };
            self.position.get_or_create(&label).set(signed(progress.position(stage).get()));
            self.held_up.get_or_create(&label).set(i64::from(troubles.contains_key(&stage)));
        }
        for (queue, budget) in [("logged", &progress.raw), ("parsed", &progress.parsed)] {
            let (held, max) = budget.use_of();
            let label = QueueLabel { queue };
            self.queue_bytes.get_or_create(&label).set(signed(held as u64));
            self.queue_bytes_max.get_or_create(&label).set(signed(max as u64));
        }
        self.log_damage.set(signed(progress.damage().len() as u64));
    }
}

impl super::Metrics {
    /// Counts time that a stage worked.
    pub(crate) fn stage(&self, stage: Stage, worked: Duration) {
        let label = StageLabel { stage: stage.as_str() };
        self.stages.busy.get_or_create(&label).inc_by(worked.as_secs_f64());
    }

    /// Returns for how many seconds a stage has worked since start.
    pub(crate) fn busy(&self, stage: Stage) -> f64 {
        self.stages.busy.get_or_create(&StageLabel { stage: stage.as_str() }).get()
    }

    /// Returns how many batches were refused since start.
    pub(crate) fn refused_so_far(&self) -> u64 {
        self.stages.refused.get()
    }

    /// States what the log has done since start, and its size.
    pub(crate) fn log(&self, counters: LogCounters, bytes: u64) {
        let before = self.stages.log_syncs.set(signed(counters.syncs));
        if signed(counters.syncs) > before {
            self.stages.log_sync.observe(counters.last_sync.as_secs_f64());
        }
        self.stages.log_written.set(signed(counters.bytes));
        self.stages.log_bytes.set(signed(bytes));
    }

    /// Counts batches whose senders were told to send again.
    pub(crate) fn refused(&self, batches: u64) {
        self.stages.refused.inc_by(batches);
    }

    /// Counts what a defect of ours left out.
    pub(crate) fn defect(&self) {
        self.stages.defects.inc();
    }

    /// Counts a batch that was answered, and the time since it reached the pipeline.
    pub(crate) fn acknowledged(&self, took: Duration) {
        self.batches.inc();
        self.stages.acknowledged.observe(took.as_secs_f64());
    }

    /// Counts a commit of the index, and how long its oldest event had waited for it.
    pub(crate) fn searchable(&self, took: Duration) {
        self.stages.searchable.observe(took.as_secs_f64());
    }

    /// Counts a round with findings that is stored, and the time since its oldest event reached the pipeline.
    pub(crate) fn settled(&self, took: Duration) {
        self.stages.settled.observe(took.as_secs_f64());
    }

    /// States how large what detection remembers is, and the time to take it down.
    pub(crate) fn checkpoint(&self, bytes: usize, took: Duration) {
        self.stages.checkpoint_bytes.set(signed(bytes as u64));
        self.stages.checkpoint.observe(took.as_secs_f64());
    }

    /// Takes over how far the stages are.
    pub(crate) fn look_at(&self, progress: &Progress) {
        self.stages.look_at(progress);
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
