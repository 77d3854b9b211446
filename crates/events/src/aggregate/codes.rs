//! The values of a column as small whole numbers.
//!
//! A segment's column holds texts as their place in its dictionary and addresses as a place in its table of ranges. Counting
//! by these *codes* spares the making of a value for every row; a code becomes a value once, when the segment is done.
//! Within a segment, codes are in the order of their values.

use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::columnar::column_values::{CompactHit, CompactSpaceU64Accessor};
use tantivy::columnar::{Column, ColumnIndex, ColumnType, StrColumn};

use super::plan::{Grid, Question};
use crate::columns::column_name;
use crate::fields::FieldKind;
use crate::partition::Partition;
use crate::scan::Rows;

/// The code of a row without a value. No value has it: the numbers of events have 32 bits.
pub(super) const NONE: u64 = u64::MAX;

/// A value, the same in every segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Text(Arc<str>),
    /// IPv4 mapped into IPv6.
    Address(u128),
    /// A number, a severity's rank, or an interval's place in the grid.
    Number(u64),
}

/// Values of one field, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keys {
    Texts(Vec<Arc<str>>),
    Addresses(Vec<u128>),
    Numbers(Vec<u64>),
}

impl Keys {
    /// Returns those at these places.
    pub(super) fn pick(&self, places: &[usize]) -> Self {
        let places = places.iter();
        match self {
            Self::Texts(keys) => Self::Texts(places.map(|place| keys[*place].clone()).collect()),
            Self::Addresses(keys) => Self::Addresses(places.map(|place| keys[*place]).collect()),
            Self::Numbers(keys) => Self::Numbers(places.map(|place| keys[*place]).collect()),
        }
    }
}

/// What a segment holds of a question's field.
pub(super) enum Codes {
    /// Nothing.
    Absent,
    /// The same value in every row.
    Same(Arc<str>),
    Texts(StrColumn),
    Addresses(Column<u64>, Arc<CompactSpaceU64Accessor>),
    Numbers(Column<u64>),
    Times(Column<u64>, Grid),
}

/// Memory that is used again for each block.
#[derive(Default)]
pub(super) struct Scratch {
    options: Vec<Option<u64>>,
    rows: Vec<u32>,
    values: Vec<u64>,
}

impl Codes {
    pub(super) fn open(question: &Question, partition: &Partition, segment: &SegmentReader) -> tantivy::Result<Self> {
        let Some(name) = column_name(question.field) else {
            return Ok(Self::Same(partition.key.tenant.as_str().into()));
        };
        let columns = segment.fast_fields();
        let numbers = |kind| columns.u64_lenient_for_type(Some(&[kind]), &name).map(|found| found.map(|found| found.0));
        if let Some(grid) = question.grid {
            return Ok(numbers(ColumnType::I64)?.map_or(Self::Absent, |column| Self::Times(column, grid)));
        }
        Ok(match question.field.kind {
            FieldKind::Address => match numbers(ColumnType::IpAddr)? {
                Some(column) => {
                    let table = column.values.clone().downcast_arc::<CompactSpaceU64Accessor>();
                    Self::Addresses(column, table.map_err(|_| tantivy::TantivyError::InternalError(name.clone()))?)
                }
                None => Self::Absent,
            },
            FieldKind::Keyword => columns.str(&name)?.map_or(Self::Absent, Self::Texts),
            _ => numbers(ColumnType::U64)?.map_or(Self::Absent, Self::Numbers),
        })
    }

    fn column(&self) -> Option<&Column<u64>> {
        match self {
            Self::Absent | Self::Same(_) => None,
            Self::Texts(column) => Some(column.ords()),
            Self::Addresses(column, _) | Self::Numbers(column) | Self::Times(column, _) => Some(column),
        }
    }

    /// Returns the least code that there may be, and how many codes there may be from there on.
    pub(super) fn space(&self) -> (u64, u64) {
        match self {
            Self::Same(_) => (0, 1),
            Self::Texts(column) => (0, column.num_terms() as u64),
            Self::Addresses(column, _) if column.values.num_vals() > 0 => (0, column.max_value() + 1),
            Self::Numbers(column) if column.values.num_vals() > 0 => {
                (column.min_value(), (column.max_value() - column.min_value()).saturating_add(1))
            }
            Self::Times(_, grid) => (0, grid.count as u64),
            Self::Absent | Self::Addresses(..) | Self::Numbers(_) => (0, 0),
        }
    }

    /// Puts the codes of those rows that have one into `out`, in any order.
    pub(super) fn present(&self, rows: &Rows<'_>, scratch: &mut Scratch, out: &mut Vec<u64>) {
        let (Some(column), Rows::Range(range)) = (self.column(), rows) else {
            self.aligned(rows, scratch, out);
            return;
        };
        let held = match &column.index {
            ColumnIndex::Full => range.clone(),
            // The values lie one after the other, without those that there are not.
            ColumnIndex::Optional(_) => column.index.docid_range_to_rowids(range.clone()),
            _ => {
                self.aligned(rows, scratch, out);
                return;
            }
        };
        out.resize(held.len(), NONE);
        column.values.get_range(u64::from(held.start), out);
        self.place_times(out);
    }

    /// Puts one code for each row into `out`, [`NONE`] for those without.
    pub(super) fn aligned(&self, rows: &Rows<'_>, scratch: &mut Scratch, out: &mut Vec<u64>) {
        out.clear();
        if let Self::Same(_) = self {
            out.resize(rows.len(), 0);
            return;
        }
        out.resize(rows.len(), NONE);
        let Some(column) = self.column() else { return };
        match (&column.index, rows) {
            (ColumnIndex::Full, Rows::Range(range)) => column.values.get_range(u64::from(range.start), out),
            (ColumnIndex::Full, Rows::Listed(rows)) => column.values.get_vals(rows, out),
            (ColumnIndex::Optional(_), Rows::Range(range)) => {
                let held = column.index.docid_range_to_rowids(range.clone());
                scratch.values.resize(held.len(), NONE);
                column.values.get_range(u64::from(held.start), &mut scratch.values);
                scratch.rows.clear();
                scratch.rows.extend(held);
                column.index.select_batch_in_place(range.start, &mut scratch.rows);
                for (row, value) in scratch.rows.iter().zip(&scratch.values) {
                    out[(row - range.start) as usize] = *value;
                }
            }
            _ => {
                scratch.rows.clear();
                scratch.rows.extend(rows.iter());
                scratch.options.clear();
                scratch.options.resize(rows.len(), None);
                column.first_vals(&scratch.rows, &mut scratch.options);
                for (code, value) in out.iter_mut().zip(&scratch.options) {
                    *code = value.unwrap_or(NONE);
                }
            }
        }
        self.place_times(out);
    }

    fn place_times(&self, codes: &mut [u64]) {
        let Self::Times(_, grid) = self else { return };
        grid.place(codes);
    }

    /// Returns the values of codes that are in order, in the same order.
    pub(super) fn keys(&self, codes: &[u64]) -> std::io::Result<Keys> {
        Ok(match self {
            Self::Same(text) => Keys::Texts(codes.iter().map(|_| text.clone()).collect()),
            // The dictionary is read in order, in one go.
            Self::Texts(column) => {
                let mut keys = Vec::with_capacity(codes.len());
                column.dictionary().sorted_ords_to_term_cb(codes, |text| {
                    keys.push(String::from_utf8_lossy(text).into());
                })?;
                Keys::Texts(keys)
            }
            Self::Addresses(_, table) => Keys::Addresses(addresses(codes, |code| table.compact_to_u128(code as u32))),
            Self::Absent | Self::Numbers(_) | Self::Times(..) => Keys::Numbers(codes.to_vec()),
        })
    }

    /// Returns the code of a value, or `None` where the segment has no such value.
    pub(super) fn code(&self, key: &Key) -> std::io::Result<Option<u64>> {
        Ok(match (self, key) {
            (Self::Same(same), Key::Text(text)) => (same == text).then_some(0),
            (Self::Texts(column), Key::Text(text)) => column.dictionary().term_ord(text.as_bytes())?,
            (Self::Addresses(_, table), Key::Address(address)) => match table.u128_to_next_compact(*address) {
                CompactHit::Exact(code) => Some(u64::from(code)),
                CompactHit::Next(_) | CompactHit::AfterLast => None,
            },
            (Self::Numbers(_) | Self::Times(..), Key::Number(number)) => Some(*number),
            _ => None,
        })
    }
}

/// Returns the addresses of codes that are in order. Codes are given out along ranges of addresses: where two addresses lie as
/// far apart as their codes, so do all between, and need not be looked up one by one.
fn addresses(codes: &[u64], look_up: impl Fn(u64) -> u128) -> Vec<u128> {
    let mut addresses = vec![0; codes.len()];
    let mut stretches = Vec::new();
    if let (Some(first), Some(last)) = (codes.first(), codes.last()) {
        let end = codes.len() - 1;
        addresses[0] = look_up(*first);
        addresses[end] = look_up(*last);
        stretches.push((0, end));
    }
    while let Some((begin, end)) = stretches.pop() {
        let (low, first) = (addresses[begin], codes[begin]);
        if addresses[end] - low == u128::from(codes[end] - first) {
            for place in begin + 1..end {
                addresses[place] = low + u128::from(codes[place] - first);
            }
        } else if end - begin > 1 {
            let middle = begin.midpoint(end);
            addresses[middle] = look_up(codes[middle]);
            stretches.extend([(begin, middle), (middle, end)]);
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_looking_up_each_gives() {
        // Ranges that begin at these codes and addresses.
        let ranges = [(0, 5_u128), (3, 100), (4, 200), (50, 1_u128 << 100), (90, (1_u128 << 100) + 41)];
        let look_up = |code: u64| {
            let (first, address) = ranges.iter().rev().find(|(first, _)| *first <= code).unwrap();
            address + u128::from(code - first)
        };
        for step in 1..40 {
            for begin in 0..100_u64 {
                let codes: Vec<u64> = (begin..120).step_by(step).collect();
                let expected: Vec<u128> = codes.iter().map(|code| look_up(*code)).collect();
                assert_eq!(addresses(&codes, look_up), expected, "{begin} {step}");
            }
        }
        assert!(addresses(&[], look_up).is_empty());
    }
}
