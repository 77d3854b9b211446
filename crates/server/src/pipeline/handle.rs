//! The way into the pipeline.

use tokio::sync::{mpsc, oneshot};
use vigie_detect::RuleSet;
use vigie_ingest::BatchSender;

/// What the pipeline is told besides batches.
pub(super) enum Order {
    /// Detect with these rules from the next round on.
    ReplaceRules(RuleSet),
    /// Finish what waits, commit, and say so.
    Drain(oneshot::Sender<()>),
}

/// The way into the pipeline. Clones lead to the same one; it ends when the last is dropped.
#[derive(Clone)]
pub struct PipelineHandle {
    batches: BatchSender,
    orders: mpsc::Sender<Order>,
}

impl PipelineHandle {
    pub(super) fn new(batches: BatchSender, orders: mpsc::Sender<Order>) -> Self {
        Self { batches, orders }
    }

    /// Returns the queue. Sending waits while it is full.
    pub fn sender(&self) -> BatchSender {
        self.batches.clone()
    }

    /// Returns how many batches wait.
    pub fn waiting(&self) -> usize {
        self.batches.max_capacity() - self.batches.capacity()
    }

    /// Detects with these rules from the next round on. The state of correlations that did not change is kept.
    pub async fn replace_rules(&self, rules: RuleSet) {
        // A pipeline that has ended detects nothing any more.
        let _ = self.orders.send(Order::ReplaceRules(rules)).await;
    }

    /// Waits until all that was queued before is settled and searchable.
    pub async fn drain(&self) {
        let (done, finished) = oneshot::channel();
        if self.orders.send(Order::Drain(done)).await.is_ok() {
            let _ = finished.await;
        }
    }
}
