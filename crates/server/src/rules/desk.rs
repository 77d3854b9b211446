//! The rules in force, for whoever reads or changes them.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};
use vigie_detect::Pipeline;

use super::RuleBook;
use crate::swap::Swap;

/// The rules in force and what they were loaded through.
pub(crate) struct RuleDesk {
    book: Swap<RuleBook>,
    pipeline: Swap<Pipeline>,
    changing: Mutex<()>,
}

impl RuleDesk {
    /// Returns a desk with these rules.
    pub(crate) fn new(book: RuleBook, pipeline: Pipeline) -> Self {
        Self { book: Swap::new(book), pipeline: Swap::new(pipeline), changing: Mutex::new(()) }
    }

    /// Returns the rules with their texts and where they are from.
    pub(crate) fn book(&self) -> Arc<RuleBook> {
        self.book.get()
    }

    /// Returns what the rules were loaded through.
    pub(crate) fn pipeline(&self) -> Arc<Pipeline> {
        self.pipeline.get()
    }

    /// Puts other rules in their place.
    pub(crate) fn set(&self, book: RuleBook, pipeline: Pipeline) {
        self.book.set(book);
        self.pipeline.set(pipeline);
    }

    /// Waits until nobody else changes the rules that people write here; they may be changed while the guard is held.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }
}
