//! Events into the event store, and the log's position with each commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{error, info};
use vigie_events::{EventStore, LogItem, LogPosition};
use vigie_ingest::Sources;
use vigie_model::Event;

use super::ingest::normalise_safely;
use super::{Flush, IndexJob, Portion, said};
use crate::causes::chain;
use crate::metrics::Metrics;
use crate::pipeline::PipelineParts;
use crate::pipeline::progress::{Backoff, Progress, Stage, lock};

/// How long appended events may wait until they can be searched.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// How often one entry may fail by a defect, before its events are left out of the index.
const DEFECTS_MAX: u32 = 3;

/// Makes events searchable.
pub(in crate::pipeline) struct IndexStage {
    jobs: Receiver<IndexJob>,
    events: Arc<dyn EventStore>,
    sources: Arc<Sources>,
    progress: Arc<Progress>,
    metrics: Metrics,
    /// Up to where everything was handed to the event store.
    end: LogPosition,
    /// When the oldest event that is not committed came in.
    oldest: Option<Instant>,
    /// Who waits for the next commit.
    flushes: Vec<Arc<Flush>>,
}

/// Why the event store did not take something.
enum Failed {
    Refused(String),
    /// A defect of ours or of the index, at this entry.
    Defect(LogPosition, String),
}

impl IndexStage {
    /// Returns a stage behind which everything before `end` is committed.
    pub(in crate::pipeline) fn new(
        jobs: Receiver<IndexJob>,
        parts: &PipelineParts,
        progress: &Arc<Progress>,
        end: LogPosition,
    ) -> Self {
        Self {
            jobs,
            events: Arc::clone(&parts.events),
            sources: Arc::clone(&parts.sources),
            progress: Arc::clone(progress),
            metrics: parts.metrics.clone(),
            end,
            oldest: None,
            flushes: Vec::new(),
        }
    }

    /// Works until the stage before has ended, and commits what is left.
    pub(in crate::pipeline) fn run(mut self) {
        let mut due = Instant::now();
        loop {
            let job = match self.oldest {
                None => self.jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => self.jobs.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match job {
                Ok(IndexJob::Portion(portion)) => {
                    if self.oldest.is_none() {
                        due = Instant::now() + COMMIT_EVERY;
                    }
                    self.take(&portion);
                }
                Ok(IndexJob::Flush(flush)) => {
                    self.flushes.push(flush);
                    due = Instant::now();
                    self.oldest.get_or_insert(due);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.commit();
                    return;
                }
            }
            if self.oldest.is_some() && Instant::now() >= due {
                self.commit();
            }
        }
    }

    fn take(&mut self, portion: &Portion) {
        self.oldest.get_or_insert(portion.since);
        let began = Instant::now();
        let appended = self.append(&portion.events, portion.position);
        self.end = self.end.max(portion.end);
        self.metrics.stage(Stage::Index, began.elapsed());
        if let Err(failed) = appended {
            self.recover(failed);
        }
    }

    fn append(&self, events: &[Event], at: LogPosition) -> Result<(), Failed> {
        if events.is_empty() {
            return Ok(());
        }
        match catch_unwind(AssertUnwindSafe(|| self.events.append(events, at))) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(problem)) => Err(Failed::Refused(chain(&problem))),
            Err(panic) => Err(Failed::Defect(at, said(panic.as_ref()).to_owned())),
        }
    }

    /// Commits what was appended. Returns only when that is done, however long the disk is full.
    fn commit(&mut self) {
        let began = Instant::now();
        if let Err(failed) = self.commit_once() {
            self.recover(failed);
        }
        self.metrics.stage(Stage::Index, began.elapsed());
        if let Some(oldest) = self.oldest.take() {
            self.metrics.searchable(oldest.elapsed());
        }
        self.progress.reached(Stage::Index, self.end);
        self.progress.trim();
        self.flushes.clear();
    }

    fn commit_once(&self) -> Result<(), Failed> {
        match catch_unwind(AssertUnwindSafe(|| self.events.commit(self.end))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(problem)) => Err(Failed::Refused(chain(&problem))),
            Err(panic) => Err(Failed::Defect(self.end, said(panic.as_ref()).to_owned())),
        }
    }

    /// Appends once more what the event store let go of: it is all in the log. Returns when it is committed.
    fn recover(&self, failed: Failed) {
        let mut backoff = Backoff::new();
        let mut failed = failed;
        let mut defects = 0;
        let mut skipped: Option<LogPosition> = None;
        loop {
            match failed {
                Failed::Refused(what) => self.progress.held_up(Stage::Index, what),
                Failed::Defect(at, said) => {
                    defects += 1;
                    self.progress.held_up(Stage::Index, format!("a defect at position {at} of the log: {said}"));
                    if defects >= DEFECTS_MAX {
                        error!(position = %at, "the events at position {at} of the log are left out of the index");
                        skipped = Some(at);
                    }
                }
            }
            thread::sleep(backoff.next());
            match self.append_again(skipped) {
                Ok(()) => break,
                Err(problem) => failed = problem,
            }
        }
        self.progress.works(Stage::Index);
    }

    fn append_again(&self, skipped: Option<LogPosition>) -> Result<(), Failed> {
        let from = self.events.position();
        let reader = lock(&self.progress.log).reader(from).map_err(|problem| Failed::Refused(chain(&problem)))?;
        let mut appended = 0;
        for item in reader {
            match item.map_err(|problem| Failed::Refused(chain(&problem)))? {
                LogItem::Damage(damage) => self.progress.damaged(damage),
                // What comes behind that is on its way to us.
                LogItem::Entry(entry) if entry.position >= self.end => break,
                LogItem::Entry(entry) if Some(entry.position) == skipped => {}
                LogItem::Entry(entry) => {
                    let events = normalise_safely(&self.sources, &entry.records).events;
                    appended += events.len();
                    self.append(&events, entry.position)?;
                }
            }
        }
        self.commit_once()?;
        info!(appended, "the index took {appended} events once more from position {from} of the log");
        Ok(())
    }
}
