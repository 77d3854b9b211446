//! The newest of very many rows, in memory for few.

use std::cmp::Reverse;

use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, SegmentReader};

use crate::SearchError;
use crate::columns::TIE;
use crate::scan::Rows;

/// A place in the order of events: newest first, of equal times the greater id first. An id stands there by its first 8
/// bytes: that two events of one microsecond share them is not to be expected before 2³² events in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) micros: i64,
    pub(crate) tie: u64,
}

impl Place {
    pub(crate) fn parse(text: &str) -> Result<Self, SearchError> {
        let parse = || {
            let (micros, tie) = text.strip_prefix("1.")?.split_once('.')?;
            Some(Self { micros: micros.parse().ok()?, tie: u64::from_str_radix(tie, 16).ok()? })
        };
        parse().ok_or_else(|| SearchError::Cursor(text.chars().take(80).collect()))
    }

    pub(crate) fn cursor(self) -> String {
        format!("1.{}.{:016x}", self.micros, self.tie)
    }
}

/// An event that matches, not yet loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) place: Place,
    pub(crate) target: usize,
    pub(crate) address: DocAddress,
}

/// Collects the newest hits that come after a place. An event that is stored twice counts once.
pub(crate) struct Newest {
    limit: usize,
    after: Option<Place>,
    hits: Vec<Hit>,
    /// The least place that is still among the newest, once there are enough.
    floor: Option<Place>,
}

impl Newest {
    pub(crate) fn new(limit: usize, after: Option<Place>) -> Self {
        Self { limit, after, hits: Vec::with_capacity(limit * 2 + 1), floor: None }
    }

    /// Returns whether events of these times can be among the newest.
    pub(crate) fn may_take(&self, min: i64, max: i64) -> bool {
        self.floor.is_none_or(|floor| max >= floor.micros) && self.after.is_none_or(|after| min <= after.micros)
    }

    /// Returns whether a hit of this partition is among the newest so far.
    pub(crate) fn holds(&self, target: usize) -> bool {
        self.hits.iter().any(|hit| hit.target == target)
    }

    /// Returns the hits, newest first.
    pub(crate) fn finish(mut self) -> Vec<Hit> {
        self.prune();
        self.hits
    }

    fn push(&mut self, hit: Hit) {
        let passed = self.after.is_some_and(|after| hit.place >= after);
        if passed || self.floor.is_some_and(|floor| hit.place <= floor) {
            return;
        }
        self.hits.push(hit);
        if self.hits.len() > self.limit * 2 {
            self.prune();
        }
    }

    /// Called between segments too, so that the next one knows what it has to beat.
    pub(crate) fn prune(&mut self) {
        self.hits.sort_by_key(|hit| Reverse(hit.place));
        self.hits.dedup_by_key(|hit| hit.place);
        self.hits.truncate(self.limit);
        if self.hits.len() == self.limit {
            self.floor = self.hits.last().map(|hit| hit.place);
        }
    }
}

/// The columns of one segment that its rows are ordered by.
pub(crate) struct Order {
    times: Column<i64>,
    ties: Column<u64>,
    target: usize,
    ordinal: u32,
    block: Vec<i64>,
}

impl Order {
    pub(crate) fn open(segment: &SegmentReader, target: usize, ordinal: u32) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let (times, ties) = (columns.i64("time")?, columns.u64(TIE)?);
        Ok(Self { times, ties, target, ordinal, block: Vec::new() })
    }

    /// Takes in rows. Every row has a time and a tie: the columns are full.
    pub(crate) fn take(&mut self, rows: &Rows<'_>, newest: &mut Newest) {
        self.block.resize(rows.len(), 0);
        match rows {
            Rows::Range(range) => self.times.values.get_range(u64::from(range.start), &mut self.block),
            Rows::Listed(rows) => self.times.values.get_vals(rows, &mut self.block),
        }
        let mut floor = newest.floor.map_or(i64::MIN, |floor| floor.micros);
        let ceiling = newest.after.map_or(i64::MAX, |after| after.micros);
        for (micros, row) in self.block.iter().zip(rows.iter()) {
            if *micros < floor || *micros > ceiling {
                continue;
            }
            newest.push(self.hit(*micros, row));
            floor = newest.floor.map_or(floor, |floor| floor.micros);
        }
    }

    fn hit(&self, micros: i64, row: DocId) -> Hit {
        let tie = self.ties.values.get_val(row);
        Hit { place: Place { micros, tie }, target: self.target, address: DocAddress::new(self.ordinal, row) }
    }
}
