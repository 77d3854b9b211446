//! Records into the write-ahead log: one fsync for all senders that wait.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};
use vigie_events::{LogEntry, LogError, LogItem, LogPosition};
use vigie_ingest::{Batch, Settled};

use super::{Flush, IngestJob, Logged};
use crate::causes::chain;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::pipeline::budget::{Budget, Hold};
use crate::pipeline::progress::{Backoff, Progress, Stage, lock};

/// Records that share one fsync; a single batch may hold more.
const GROUP_RECORDS_MAX: usize = 8_192;

/// Writes records to the log and hands them on.
pub(in crate::pipeline) struct LogStage {
    pub(in crate::pipeline) batches: mpsc::Receiver<Batch>,
    pub(in crate::pipeline) onward: Sender<IngestJob>,
    pub(in crate::pipeline) progress: Arc<Progress>,
    pub(in crate::pipeline) clock: Arc<dyn Clock>,
    pub(in crate::pipeline) metrics: Metrics,
    /// From where the log is read again before anything new is written.
    pub(in crate::pipeline) replay_from: LogPosition,
}

impl LogStage {
    /// Works until every sender is gone.
    pub(in crate::pipeline) fn run(mut self) {
        self.replay();
        while let Some(first) = self.batches.blocking_recv() {
            let since = Instant::now();
            let group = self.gather(first);
            self.metrics.waiting(self.batches.len());
            self.take(group, since);
        }
    }

    /// Takes more of what waits, up to the size of a group.
    fn gather(&mut self, first: Batch) -> Vec<Batch> {
        let mut records = first.records.len();
        let mut group = vec![first];
        while records < GROUP_RECORDS_MAX {
            let Ok(batch) = self.batches.try_recv() else { break };
            records += batch.records.len();
            group.push(batch);
        }
        group
    }

    /// Makes a group of batches safe and hands them on. While the log refuses, those who can send again are told so at
    /// once; the records of those who cannot, as over TCP, are kept until it takes them, and meanwhile nothing more is read
    /// from them.
    fn take(&mut self, mut group: Vec<Batch>, since: Instant) {
        let mut backoff = Backoff::new();
        loop {
            let began = Instant::now();
            let (written, result) = self.write(group);
            self.metrics.stage(Stage::Log, began.elapsed());
            match result {
                Ok(()) => {
                    self.progress.works(Stage::Log);
                    self.hand_on(written, since);
                    return;
                }
                Err(problem) => {
                    self.progress.held_up(Stage::Log, chain(&problem));
                    group = self.keep(written, &problem);
                }
            }
            if self.batches.is_closed() && self.batches.is_empty() {
                let records: usize = group.iter().map(|batch| batch.records.len()).sum();
                error!(
                    "the server stops while the log refuses: {records} records of senders who cannot repeat are lost"
                );
                return;
            }
            thread::sleep(backoff.next());
            // Who waits meanwhile is heard, so that nobody hangs on a log that refuses.
            if let Ok(batch) = self.batches.try_recv() {
                let more = self.gather(batch);
                group.extend(more);
            }
            if group.is_empty() {
                return;
            }
        }
    }

    fn write(&self, group: Vec<Batch>) -> (Vec<Written>, Result<(), LogError>) {
        let now = self.clock.now();
        let mut log = lock(&self.progress.log);
        let mut written = Vec::with_capacity(group.len());
        let mut any = false;
        for Batch { records, dead, done } in group {
            let entries = log.append(now, records, dead);
            any |= !entries.is_empty();
            written.push(Written { entries, done });
        }
        let result = if any { log.sync() } else { Ok(()) };
        if result.is_ok() {
            self.progress.reached(Stage::Log, log.end());
        }
        self.progress.set_log_bytes(log.bytes());
        self.metrics.log(log.counters(), log.bytes());
        (written, result)
    }

    fn hand_on(&self, written: Vec<Written>, since: Instant) {
        for Written { entries, done } in written {
            let job = match done {
                // An empty batch is how a drain is asked for: see `PipelineHandle::drain`.
                Some(done) if entries.is_empty() => IngestJob::Flush(Flush::new(done)),
                done => IngestJob::Logged(Logged { hold: self.hold(&entries), entries, done, since }),
            };
            // The stages behind end after this one.
            let _ = self.onward.send(job);
        }
    }

    fn hold(&self, entries: &[LogEntry]) -> Hold {
        let records = entries.iter().map(|entry| entry.records.len()).sum();
        let bytes = entries.iter().flat_map(|entry| &entry.records).map(|record| record.bytes.len()).sum();
        self.progress.raw.take(Budget::weight(records, bytes))
    }

    /// Returns the batches of those who cannot send again; the others learn by the end of their channel that nothing of
    /// theirs is safe.
    fn keep(&self, written: Vec<Written>, problem: &LogError) -> Vec<Batch> {
        let mut refused = 0;
        let mut kept = Vec::new();
        for Written { entries, done } in written {
            let is_flush = entries.is_empty();
            if done.is_some() && !is_flush {
                refused += 1;
                continue;
            }
            let mut batch = Batch { done, ..Batch::default() };
            for entry in entries {
                batch.records.extend(entry.records);
                batch.dead.extend(entry.dead);
            }
            kept.push(batch);
        }
        if refused > 0 {
            self.metrics.refused(refused);
            warn!("{refused} batches were refused, their senders are told to send them again: {}", chain(problem));
        }
        kept
    }

    /// Reads again what was logged before the start and is not everywhere yet. What is there already changes nothing.
    ///
    /// Where the disk does not give it back, this waits for it to be mended rather than go on without: what comes in later
    /// would let the log be trimmed past what could not be read.
    fn replay(&self) {
        let began = Instant::now();
        let mut replayed = Replayed { next: self.replay_from, ..Replayed::default() };
        let mut backoff = Backoff::new();
        while let Err(problem) = self.replay_on(&mut replayed) {
            let what = format!(
                "the log cannot be read from position {} on: {}; mend the disk, or move the file away and give up what is in it",
                replayed.next,
                chain(&problem)
            );
            self.progress.held_up(Stage::Log, what);
            if self.batches.is_closed() {
                return;
            }
            thread::sleep(backoff.next());
        }
        self.progress.works(Stage::Log);
        if replayed.entries > 0 {
            let Replayed { entries, records, .. } = replayed;
            info!(entries, records, "read {records} records again from the log, in {:.1?}", began.elapsed());
        }
        self.progress.set_replaying(false);
    }

    fn replay_on(&self, replayed: &mut Replayed) -> Result<(), LogError> {
        let reader = lock(&self.progress.log).reader(replayed.next)?;
        for item in reader {
            match item? {
                LogItem::Entry(entry) => {
                    replayed.entries += 1;
                    replayed.records += entry.records.len() as u64;
                    replayed.next = entry.end;
                    self.hand_on(vec![Written { entries: vec![entry], done: None }], Instant::now());
                }
                LogItem::Damage(damage) => self.progress.damaged(damage),
            }
        }
        Ok(())
    }
}

/// How far the log was read again.
#[derive(Default)]
struct Replayed {
    next: LogPosition,
    entries: u64,
    records: u64,
}

/// A batch of which the records are appended to the log.
struct Written {
    entries: Vec<LogEntry>,
    done: Option<oneshot::Sender<Settled>>,
}
