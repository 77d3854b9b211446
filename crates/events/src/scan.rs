//! Driving a query over a segment in blocks, with an eye on the budget.

use std::ops::Range;

use tantivy::query::{EnableScoring, Query, Weight};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet as _, Searcher, SegmentReader};

use crate::budget::Stop;
use crate::{PartitionError, SearchBudget, SearchError};

/// How many rows are handed on at once.
pub(crate) const BLOCK_ROWS: usize = SearchBudget::ROWS_BETWEEN_LOOKS;

/// Why a partition was not searched to its end.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The whole question ends.
    Question(SearchError),
    /// This partition cannot be read; others can.
    Partition(PartitionError),
}

impl From<SearchError> for Fault {
    fn from(error: SearchError) -> Self {
        Self::Question(error)
    }
}

impl From<PartitionError> for Fault {
    fn from(error: PartitionError) -> Self {
        Self::Partition(error)
    }
}

impl From<tantivy::TantivyError> for Fault {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Partition(error.into())
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Partition(error.into())
    }
}

/// A budget and how far it has brought us.
pub(crate) struct Work<'a> {
    budget: &'a SearchBudget,
    rows_read: u64,
    rows_all: u64,
}

impl<'a> Work<'a> {
    /// Begins a question about at most so many rows.
    pub(crate) fn begin(budget: &'a SearchBudget, rows_all: u64) -> Self {
        Self { budget, rows_read: 0, rows_all }
    }

    pub(crate) fn budget(&self) -> &SearchBudget {
        self.budget
    }

    /// Looks whether to go on.
    pub(crate) fn look(&self) -> Result<(), SearchError> {
        self.budget.look().map_err(|stop| match stop {
            Stop::Cancelled => SearchError::Cancelled,
            Stop::Late(after) => {
                let done = self.rows_read.min(self.rows_all) * 100 / self.rows_all.max(1);
                SearchError::TookTooLong { after_s: after.as_secs_f64(), percent: done.min(99) as u8 }
            }
        })
    }

    /// Notes that a segment's rows are done with.
    pub(crate) fn done(&mut self, rows: u32) {
        self.rows_read += u64::from(rows);
    }
}

/// Rows of a segment, in order.
#[derive(Debug, Clone)]
pub(crate) enum Rows<'a> {
    /// All from here to there.
    Range(Range<DocId>),
    /// These.
    Listed(&'a [DocId]),
}

impl Rows<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Listed(rows) => rows.len(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> + '_ {
        let (range, rows) = match self {
            Self::Range(range) => (range.clone(), &[][..]),
            Self::Listed(rows) => (0..0, *rows),
        };
        range.chain(rows.iter().copied())
    }
}

/// A query made ready for one partition's segments.
pub(crate) struct Matcher {
    /// `None` matches every row.
    weight: Option<Box<dyn Weight>>,
    /// A term's rows are counted in the index already.
    counted: bool,
}

impl Matcher {
    pub(crate) fn new(query: &dyn Query, view: &Searcher) -> tantivy::Result<Self> {
        if query.is::<tantivy::query::AllQuery>() {
            return Ok(Self { weight: None, counted: true });
        }
        let weight = query.weight(EnableScoring::disabled_from_searcher(view))?;
        Ok(Self { weight: Some(weight), counted: query.is::<tantivy::query::TermQuery>() })
    }

    /// Returns how many rows of a segment match.
    pub(crate) fn count(&self, segment: &SegmentReader, work: &Work<'_>) -> Result<u64, Fault> {
        work.look()?;
        match &self.weight {
            None => Ok(u64::from(segment.num_docs())),
            Some(weight) if self.counted => Ok(u64::from(weight.count(segment)?)),
            Some(_) => {
                let mut count = 0;
                self.each(segment, work, |rows| {
                    count += rows.len() as u64;
                    Ok(())
                })?;
                Ok(count)
            }
        }
    }

    /// Hands on the rows of a segment that match, in order, some thousands at a time.
    pub(crate) fn each(
        &self,
        segment: &SegmentReader,
        work: &Work<'_>,
        mut take: impl FnMut(&Rows<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        work.look()?;
        let alive = segment.alive_bitset();
        let Some(weight) = &self.weight else {
            let mut listed = Vec::new();
            for start in (0..segment.max_doc()).step_by(BLOCK_ROWS) {
                work.look()?;
                let range = start..segment.max_doc().min(start + BLOCK_ROWS as u32);
                let Some(alive) = alive else {
                    take(&Rows::Range(range))?;
                    continue;
                };
                listed.clear();
                listed.extend(range.filter(|row| alive.is_alive(*row)));
                take(&Rows::Listed(&listed))?;
            }
            return Ok(());
        };
        let mut scorer = weight.scorer(segment, 1.0)?;
        // What gave up for the budget's sake ends early: never take that for the end of the rows.
        work.look()?;
        let mut block = vec![0; BLOCK_ROWS];
        loop {
            let (mut filled, mut more) = (0, true);
            while more && filled < BLOCK_ROWS {
                let part = block[filled..].first_chunk_mut::<COLLECT_BLOCK_BUFFER_LEN>();
                let Some(part) = part else { break };
                let found = scorer.fill_buffer(part);
                filled += found;
                more = found == COLLECT_BLOCK_BUFFER_LEN;
            }
            work.look()?;
            if let Some(alive) = alive {
                let mut kept = 0;
                for at in 0..filled {
                    if alive.is_alive(block[at]) {
                        block[kept] = block[at];
                        kept += 1;
                    }
                }
                filled = kept;
            }
            take(&Rows::Listed(&block[..filled]))?;
            if !more {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tantivy::Index;
    use tantivy::query::{AllQuery, FastFieldRangeQuery};
    use tantivy::schema::{FAST, Schema};
    use tantivy::{Term, doc};

    use super::*;

    /// Cancels with the first rows that `query` finds among 20,000, and returns how many it was handed.
    fn handed_after_cancelling(query: impl Fn(tantivy::schema::Field) -> Box<dyn Query>) -> usize {
        let mut schema = Schema::builder();
        let field = schema.add_u64_field("n", FAST);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        for number in 0..20_000_u64 {
            writer.add_document(doc!(field => number)).unwrap();
        }
        writer.commit().unwrap();
        let view = index.reader().unwrap().searcher();
        let budget = SearchBudget::unlimited();
        let work = Work::begin(&budget, 20_000);
        let matcher = Matcher::new(query(field).as_ref(), &view).unwrap();
        let mut handed = 0;
        let result = matcher.each(view.segment_reader(0), &work, |rows| {
            handed += rows.len();
            budget.cancellation().cancel();
            Ok(())
        });
        assert!(matches!(result, Err(Fault::Question(SearchError::Cancelled))), "{result:?}");
        assert!(matches!(matcher.count(view.segment_reader(0), &work), Err(Fault::Question(SearchError::Cancelled))));
        handed
    }

    #[test]
    fn a_cancelled_question_ends_within_a_block_of_rows() {
        assert_eq!(handed_after_cancelling(|_| Box::new(AllQuery)), BLOCK_ROWS);
        let from = |field| std::ops::Bound::Included(Term::from_field_u64(field, 10));
        let some =
            |field| -> Box<dyn Query> { Box::new(FastFieldRangeQuery::new(from(field), std::ops::Bound::Unbounded)) };
        assert_eq!(handed_after_cancelling(some), BLOCK_ROWS);
    }
}
