//! The way into the pipeline.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;
use vigie_detect::RuleSet;
use vigie_ingest::{Batch, BatchSender};

use super::progress::Progress;
use super::stages::DetectJob;

/// The way into the pipeline. Clones lead to the same one; it ends when the last is dropped.
#[derive(Clone)]
pub struct PipelineHandle {
    batches: BatchSender,
    detect: Sender<DetectJob>,
    progress: Arc<Progress>,
}

impl PipelineHandle {
    pub(super) fn new(batches: BatchSender, detect: Sender<DetectJob>, progress: Arc<Progress>) -> Self {
        Self { batches, detect, progress }
    }

    /// Returns the queue. Sending waits while it is full. A batch without records is answered when everything sent before
    /// it is through all stages: see [`Self::drain`].
    pub fn sender(&self) -> BatchSender {
        self.batches.clone()
    }

    /// Returns how many batches wait.
    pub fn waiting(&self) -> usize {
        self.batches.max_capacity() - self.batches.capacity()
    }

    /// Detects with these rules from the next entry of the log on. The state of correlations that did not change is kept.
    pub fn replace_rules(&self, rules: RuleSet) {
        // A pipeline that has ended detects nothing any more.
        let _ = self.detect.send(DetectJob::Rules(rules));
    }

    /// Waits until all that was sent before is settled and searchable.
    pub async fn drain(&self) {
        let (done, through) = oneshot::channel();
        if self.batches.send(Batch { done: Some(done), ..Batch::default() }).await.is_ok() {
            let _ = through.await;
        }
    }

    /// Returns how far the stages have come.
    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }
}
