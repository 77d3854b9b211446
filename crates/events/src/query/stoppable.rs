//! Queries that end with the budget.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use crate::SearchBudget;

/// A query that is not begun on another segment once the budget is spent: some prepare themselves by reading the rows of
/// many terms, which nothing else could end. It finds nothing then; whoever drives it looks at the budget after that.
#[derive(Debug)]
pub(super) struct Stoppable {
    query: Box<dyn Query>,
    budget: SearchBudget,
}

impl Stoppable {
    pub(super) fn boxed(query: Box<dyn Query>, budget: &SearchBudget) -> Box<dyn Query> {
        Box::new(Self { query, budget: budget.clone() })
    }
}

impl Clone for Stoppable {
    fn clone(&self) -> Self {
        Self { query: self.query.box_clone(), budget: self.budget.clone() }
    }
}

impl Query for Stoppable {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(StoppableWeight { weight: self.query.weight(scoring)?, budget: self.budget.clone() }))
    }
}

struct StoppableWeight {
    weight: Box<dyn Weight>,
    budget: SearchBudget,
}

impl Weight for StoppableWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        if self.budget.look().is_err() {
            return Ok(Box::new(EmptyScorer));
        }
        self.weight.scorer(segment, boost)
    }

    fn explain(&self, segment: &SegmentReader, row: DocId) -> tantivy::Result<Explanation> {
        self.weight.explain(segment, row)
    }
}
