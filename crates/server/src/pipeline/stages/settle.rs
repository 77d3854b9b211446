//! Findings into the database: one transaction for what waits, tried until it is taken.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::{error, warn};
use vigie_events::fail_point;
use vigie_model::{DeadLetter, Finding};
use vigie_store::StoreError;

use super::Counts;
use super::detect::{Round, Taken};
use crate::causes::chain;
use crate::metrics::Metrics;
use crate::pipeline::checkpoint::Checkpoint;
use crate::pipeline::progress::{Backoff, Progress, Stage};
use crate::pipeline::{PipelineParts, absorb};

/// Findings and dead letters in one transaction; a single round may hold more.
const CHANGES_MAX: usize = 1_000;
/// How often the database may refuse for a reason that waiting does not mend.
const REFUSALS_MAX: u32 = 3;

/// Takes findings into the database, and puts checkpoints on disk once what they stand for is there.
pub(in crate::pipeline) struct SettleStage {
    pub(in crate::pipeline) rounds: mpsc::Receiver<Round>,
    pub(in crate::pipeline) parts: Arc<PipelineParts>,
    pub(in crate::pipeline) progress: Arc<Progress>,
    /// Where checkpoints lie.
    pub(in crate::pipeline) folder: PathBuf,
    /// The checkpoint that is being written.
    pub(in crate::pipeline) saving: Option<JoinHandle<()>>,
}

impl SettleStage {
    /// Works until the stage before has ended.
    pub(in crate::pipeline) async fn run(mut self) {
        while let Some(first) = self.rounds.recv().await {
            let round = self.gather(first);
            self.take(round).await;
        }
    }

    /// Takes more of what waits into one round.
    fn gather(&mut self, mut round: Round) -> Round {
        while round.findings.len() + round.dead.len() < CHANGES_MAX {
            let Ok(next) = self.rounds.try_recv() else { break };
            round.join(next);
        }
        round
    }

    async fn take(&mut self, mut round: Round) {
        let began = Instant::now();
        self.settle(&round).await;
        self.parts.metrics.stage(Stage::Settle, began.elapsed());
        if let Some(since) = round.since.filter(|_| !round.findings.is_empty()) {
            self.parts.metrics.settled(since.elapsed());
        }
        self.progress.reached(Stage::Settle, round.until);
        if let Some(checkpoint) = round.checkpoint.take() {
            self.save(checkpoint).await;
        }
    }

    /// Tries until the database takes the round: a full disk is made room on, a locked file is let go. A finding that it
    /// refuses for another reason again and again is left out, so that the others are not held up for ever.
    async fn settle(&self, round: &Round) {
        let mut backoff = Backoff::new();
        let mut refusals = 0;
        while refusals < REFUSALS_MAX {
            match self.absorb(&round.findings, &round.dead, &round.taken).await {
                Ok(()) => return self.progress.works(Stage::Settle),
                Err(problem) => {
                    refusals += u32::from(!problem.is_of_the_database());
                    self.progress.held_up(Stage::Settle, chain(&problem));
                }
            }
            tokio::time::sleep(backoff.next()).await;
        }
        for finding in &round.findings {
            self.alone(std::slice::from_ref(finding), &[]).await;
        }
        for letter in &round.dead {
            self.alone(&[], std::slice::from_ref(letter)).await;
        }
        self.progress.works(Stage::Settle);
    }

    async fn alone(&self, finding: &[Finding], letter: &[DeadLetter]) {
        let mut backoff = Backoff::new();
        loop {
            match self.absorb(finding, letter, &Counts::new()).await {
                Ok(()) => return,
                Err(problem) if problem.is_of_the_database() => {
                    self.progress.held_up(Stage::Settle, chain(&problem));
                    tokio::time::sleep(backoff.next()).await;
                }
                Err(problem) => {
                    self.parts.metrics.defect();
                    let what = if finding.is_empty() { "a dead letter" } else { "a finding" };
                    error!("{what} was left out, the database refuses it: {}", chain(&problem));
                    return;
                }
            }
        }
    }

    async fn absorb(&self, findings: &[Finding], dead: &[DeadLetter], taken: &Counts) -> Result<(), StoreError> {
        let absorbed = absorb::absorb(&self.parts, findings, dead, self.parts.clock.now()).await?;
        absorbed.tell(&self.parts, taken);
        Ok(())
    }

    /// Has a checkpoint put on disk, while the rounds go on. One at a time: where the one before is not through, this one is
    /// left out, unless it must be there. Without it nothing is lost but time at the next start.
    async fn save(&mut self, taken: Taken) {
        let must = taken.must;
        match self.saving.take_if(|saving| must || saving.is_finished()) {
            Some(before) => _ = before.await,
            None if self.saving.is_some() => return,
            None => {}
        }
        let (folder, progress, metrics) = (self.folder.clone(), Arc::clone(&self.progress), self.parts.metrics.clone());
        let saving = spawn_blocking(move || write(taken, &folder, &progress, &metrics));
        if must {
            let _ = saving.await;
        } else {
            self.saving = Some(saving);
        }
    }
}

/// Writes down what detection remembered; the log is not needed before that any more.
fn write(taken: Taken, folder: &Path, progress: &Progress, metrics: &Metrics) {
    let began = Instant::now();
    let checkpoint = Checkpoint { position: taken.position, state: taken.remembered.to_bytes() };
    // What the engine changed meanwhile is held twice until here.
    drop(taken);
    let saved = checkpoint.write(folder);
    let took = began.elapsed();
    progress.set_checkpoint_took(took);
    metrics.checkpoint(checkpoint.state.len(), took);
    match saved {
        Ok(()) => {
            progress.snapshot_written(checkpoint.position);
            progress.trim();
            fail_point("snapshot.trimmed");
        }
        Err(error) => warn!(%error, "what detection remembers could not be put on disk, trying again later"),
    }
}

impl Round {
    fn join(&mut self, next: Self) {
        for (source, events) in next.taken {
            *self.taken.entry(source).or_default() += events;
        }
        self.findings.extend(next.findings);
        self.dead.extend(next.dead);
        self.until = self.until.max(next.until);
        self.since = self.since.into_iter().chain(next.since).min();
        let must = self.checkpoint.as_ref().is_some_and(|taken| taken.must);
        if let Some(mut later) = next.checkpoint {
            later.must |= must;
            self.checkpoint = Some(later);
        }
        self.flushes.extend(next.flushes);
    }
}
