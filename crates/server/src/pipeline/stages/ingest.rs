//! Records into events; and the answer to their senders.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use tracing::error;
use vigie_events::{LogEntry, fail_point};
use vigie_ingest::{Normalised, Settled, Sources, normalise};
use vigie_model::{DeadLetter, Event, Record, SourceName, TenantId};

use super::{Counts, DetectJob, IndexJob, IngestJob, Logged, Portion, said};
use crate::metrics::Metrics;
use crate::pipeline::budget::Budget;
use crate::pipeline::progress::{Progress, Stage};

/// Makes events of logged records, and tells their senders that they are safe.
pub(in crate::pipeline) struct IngestStage {
    pub(in crate::pipeline) jobs: Receiver<IngestJob>,
    pub(in crate::pipeline) index: Sender<IndexJob>,
    pub(in crate::pipeline) detect: Sender<DetectJob>,
    pub(in crate::pipeline) sources: Arc<Sources>,
    pub(in crate::pipeline) progress: Arc<Progress>,
    pub(in crate::pipeline) metrics: Metrics,
}

impl IngestStage {
    /// Works until the stage before has ended.
    pub(in crate::pipeline) fn run(self) {
        while let Ok(job) = self.jobs.recv() {
            match job {
                IngestJob::Logged(logged) => self.take(logged),
                IngestJob::Flush(flush) => {
                    let _ = self.index.send(IndexJob::Flush(Arc::clone(&flush)));
                    let _ = self.detect.send(DetectJob::Flush(flush));
                }
            }
        }
    }

    fn take(&self, logged: Logged) {
        let Logged { entries, done, since, hold } = logged;
        let mut settled = Settled::default();
        for entry in entries {
            self.read(entry, since, &mut settled);
        }
        if let Some(done) = done {
            fail_point("ingest.before_answer");
            // Whoever gave up waiting does not mind.
            let _ = done.send(settled);
            self.metrics.acknowledged(since.elapsed());
        }
        drop(hold);
    }

    /// Makes a portion of an entry and hands it on.
    fn read(&self, entry: LogEntry, since: Instant, settled: &mut Settled) {
        let bytes = entry.records.iter().map(|record| record.bytes.len()).sum();
        // A parsed document may take twenty times the bytes that it was written in: nothing is parsed before there is room.
        let hold = self.progress.parsed.take(Budget::weight(entry.records.len(), bytes));
        let began = Instant::now();
        let Normalised { events, dead } = normalise_safely(&self.sources, &entry.records);
        let taken = self.count(&entry.records, &events, &dead);
        let letters: Vec<DeadLetter> = entry.dead.into_iter().chain(dead).collect();
        settled.events += events.len() as u64;
        settled.dead += letters.len() as u64;
        self.metrics.stage(Stage::Ingest, began.elapsed());
        let (position, end, now) = (entry.position, entry.end, entry.now);
        let portion = Arc::new(Portion { position, end, now, events, taken, since, _hold: hold });
        self.progress.reached(Stage::Ingest, portion.end);
        // The stages behind end after this one.
        let _ = self.index.send(IndexJob::Portion(Arc::clone(&portion)));
        let _ = self.detect.send(DetectJob::Portion(portion, letters));
    }

    /// Counts what records became, and returns how many events each tenant's sources gave.
    fn count(&self, records: &[Record], events: &[Event], dead: &[DeadLetter]) -> Counts {
        let mut by_source: BTreeMap<(&TenantId, &SourceName), [u64; 3]> = BTreeMap::new();
        for record in records {
            by_source.entry((&record.tenant, &record.source)).or_default()[0] += 1;
        }
        for event in events {
            by_source.entry((&event.tenant, &event.source)).or_default()[1] += 1;
        }
        for letter in dead {
            by_source.entry((&letter.tenant, &letter.source)).or_default()[2] += 1;
        }
        let Some(last) = records.iter().map(|record| record.arrival).max() else { return Counts::new() };
        for (&source, &[records, events, dead]) in &by_source {
            self.metrics.batch(source.1.as_str(), records, events, dead);
            self.progress.seen(source, events, dead, last);
        }
        let gave = by_source.into_iter().filter(|(_, [_, events, _])| *events > 0);
        gave.map(|((tenant, source), [_, events, _])| ((tenant.clone(), source.clone()), events)).collect()
    }
}

/// Normalises records. One that a reader panics on becomes a dead letter: it is in the log, and would be met again at each
/// start.
pub(super) fn normalise_safely(sources: &Sources, records: &[Record]) -> Normalised {
    if let Ok(normalised) = catch_unwind(AssertUnwindSafe(|| normalise(sources, records))) {
        return normalised;
    }
    let mut all = Normalised::default();
    for record in records {
        let one = catch_unwind(AssertUnwindSafe(|| normalise(sources, std::slice::from_ref(record))));
        match one {
            Ok(mut one) => {
                all.events.append(&mut one.events);
                all.dead.append(&mut one.dead);
            }
            Err(panic) => {
                let said = said(panic.as_ref());
                error!(source = %record.source, "the reader of `{}` met a defect: {said}", record.source);
                let reason = format!("the reader of `{}` met a defect, please report it: {said}", record.source);
                all.dead.push(DeadLetter::of(record, "defect", reason));
            }
        }
    }
    all
}
