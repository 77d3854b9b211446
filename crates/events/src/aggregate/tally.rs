//! Counting codes within a segment, and values over all of them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use super::codes::{Codes, Key, Keys, NONE};

/// How many counters a segment may have as a plain list; beyond, they are looked up by hash.
const LIST_MAX: u64 = 2 * 1024 * 1024;

/// There are more different values than are counted.
pub(super) struct TooMany;

/// How often each value occurs, in the order of values.
#[derive(Debug, Default)]
pub(super) enum Tally {
    #[default]
    Empty,
    Texts(Vec<(Arc<str>, u64)>),
    Addresses(Vec<(u128, u64)>),
    Numbers(Vec<(u64, u64)>),
}

impl Tally {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Texts(values) => values.len(),
            Self::Addresses(values) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    /// Returns how often the value at a place occurs.
    pub(super) fn count(&self, place: usize) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Texts(values) => values[place].1,
            Self::Addresses(values) => values[place].1,
            Self::Numbers(values) => values[place].1,
        }
    }

    /// Returns the value at a place, where there is one.
    pub(super) fn key(&self, place: usize) -> Option<Key> {
        match self {
            Self::Empty => None,
            Self::Texts(values) => values.get(place).map(|(text, _)| Key::Text(text.clone())),
            Self::Addresses(values) => values.get(place).map(|(address, _)| Key::Address(*address)),
            Self::Numbers(values) => values.get(place).map(|(number, _)| Key::Number(*number)),
        }
    }

    /// Returns numbers and how often they occur; none of a field of another kind.
    pub(super) fn numbers(&self) -> &[(u64, u64)] {
        if let Self::Numbers(values) = self { values } else { &[] }
    }

    /// Returns how many rows have a value.
    pub(super) fn rows(&self) -> u64 {
        (0..self.len()).map(|place| self.count(place)).sum()
    }

    /// Adds what another segment counted.
    pub(super) fn add(&mut self, keys: Keys, counts: impl Iterator<Item = u64>) {
        match (self, keys) {
            (tally @ Self::Empty, Keys::Texts(keys)) => *tally = Self::Texts(keys.into_iter().zip(counts).collect()),
            (tally @ Self::Empty, Keys::Addresses(keys)) => {
                *tally = Self::Addresses(keys.into_iter().zip(counts).collect());
            }
            (tally @ Self::Empty, Keys::Numbers(keys)) => {
                *tally = Self::Numbers(keys.into_iter().zip(counts).collect());
            }
            (Self::Texts(values), Keys::Texts(keys)) => merge(values, keys.into_iter().zip(counts)),
            (Self::Addresses(values), Keys::Addresses(keys)) => merge(values, keys.into_iter().zip(counts)),
            (Self::Numbers(values), Keys::Numbers(keys)) => merge(values, keys.into_iter().zip(counts)),
            // A segment without the field has nothing to add.
            (Self::Texts(_) | Self::Addresses(_) | Self::Numbers(_), _) => {}
        }
    }
}

/// Merges two lists that are in order.
fn merge<K: Ord>(values: &mut Vec<(K, u64)>, more: impl Iterator<Item = (K, u64)>) {
    let mut more = more.peekable();
    let mut merged = Vec::with_capacity(values.len().max(more.size_hint().0));
    for (key, count) in std::mem::take(values) {
        while let Some(lesser) = more.next_if(|(other, _)| *other < key) {
            merged.push(lesser);
        }
        let same = more.next_if(|(other, _)| *other == key).map_or(0, |(_, count)| count);
        merged.push((key, count + same));
    }
    merged.extend(more);
    *values = merged;
}

/// Counts the codes of one segment, by group. Where there are no groups, all rows are of group 0.
pub(super) enum Counter {
    /// A counter for each code of each group.
    List { base: u64, codes: u64, counts: Vec<u32> },
    /// Counters for those that occur, so many at most.
    Map { counts: HashMap<(u32, u64), u32, Seed>, values_max: usize },
}

impl Counter {
    pub(super) fn new(codes: &Codes, groups: usize, values_max: usize) -> Self {
        let (base, size) = codes.space();
        match size.checked_mul(groups as u64) {
            Some(all) if all <= LIST_MAX => Self::List { base, codes: size, counts: vec![0; all as usize] },
            _ => Self::Map { counts: HashMap::with_hasher(Seed::random()), values_max },
        }
    }

    /// Counts rows by their codes.
    pub(super) fn add(&mut self, codes: &[u64]) -> Result<(), TooMany> {
        match self {
            Self::List { base, counts, .. } => {
                for code in codes {
                    // Rows without a value, and times outside the intervals, have codes beyond the list.
                    if let Some(count) = counts.get_mut(code.wrapping_sub(*base) as usize) {
                        *count += 1;
                    }
                }
                Ok(())
            }
            Self::Map { counts, values_max } => {
                for code in codes.iter().filter(|code| **code != NONE) {
                    *counts.entry((0, *code)).or_default() += 1;
                }
                room(counts.len(), *values_max)
            }
        }
    }

    /// Counts rows by their groups and codes. A group that does not exist, [`u32::MAX`], is not counted.
    pub(super) fn add_grouped(&mut self, groups: &[u32], codes: &[u64]) -> Result<(), TooMany> {
        let pairs = groups.iter().zip(codes).filter(|(group, code)| **group != u32::MAX && **code != NONE);
        match self {
            Self::List { base, codes, counts } => {
                for (group, code) in pairs {
                    let place = code.wrapping_sub(*base);
                    if place >= *codes {
                        continue;
                    }
                    if let Some(count) = counts.get_mut((u64::from(*group) * *codes + place) as usize) {
                        *count += 1;
                    }
                }
                Ok(())
            }
            Self::Map { counts, values_max } => {
                for (group, code) in pairs {
                    *counts.entry((*group, *code)).or_default() += 1;
                }
                room(counts.len(), *values_max)
            }
        }
    }

    /// Returns the groups, codes and counts that are not zero, by group and then by code.
    pub(super) fn finish(self) -> Vec<(u32, u64, u64)> {
        match self {
            Self::List { base, codes, counts } => {
                let mut met = Vec::new();
                for (group, counts) in counts.chunks(codes.max(1) as usize).enumerate() {
                    let here = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                    met.extend(here.map(|(code, count)| (group as u32, base + code as u64, u64::from(*count))));
                }
                met
            }
            Self::Map { counts, .. } => {
                let place = |((group, code), count): ((u32, u64), u32)| (group, code, u64::from(count));
                let mut all: Vec<_> = counts.into_iter().map(place).collect();
                all.sort_unstable();
                all
            }
        }
    }
}

fn room(values: usize, max: usize) -> Result<(), TooMany> {
    if values > max { Err(TooMany) } else { Ok(()) }
}

/// A hash of whole numbers by folded multiplication, some times faster than the standard one. Its seed is random: who
/// writes log lines cannot choose numbers that collide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(u64);

impl Seed {
    fn random() -> Self {
        Self(RandomState::new().build_hasher().finish() | 1)
    }
}

impl BuildHasher for Seed {
    type Hasher = Folding;
    fn build_hasher(&self) -> Folding {
        Folding { seed: self.0, state: self.0 }
    }
}

#[derive(Debug)]
pub(super) struct Folding {
    seed: u64,
    state: u64,
}

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.state ^ number) * u128::from(self.seed ^ 0x9E37_79B9_7F4A_7C15);
        self.state = (product as u64) ^ ((product >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways of counting count the same, rows without a value and codes beyond the last left out.
    #[test]
    fn lists_and_maps_agree() {
        let groups = [0, 1, u32::MAX, 1, 0, 1];
        let codes = [10, 11, 10, NONE, 10, 11];
        let expected = [(0, 10, 2), (1, 11, 2)];
        let list = Counter::List { base: 10, codes: 2, counts: vec![0; 4] };
        let map = Counter::Map { counts: HashMap::with_hasher(Seed::random()), values_max: 2 };
        for mut counter in [list, map] {
            assert!(counter.add_grouped(&groups, &codes).is_ok());
            assert_eq!(counter.finish(), expected);
        }
    }

    #[test]
    fn a_map_has_its_limit() {
        let map = || Counter::Map { counts: HashMap::with_hasher(Seed::random()), values_max: 3 };
        assert!(map().add(&[1, 2, 3, 1]).is_ok());
        assert!(map().add(&[1, 2, 3, 4]).is_err());
        assert!(map().add_grouped(&[0, 1, 2, 3], &[1; 4]).is_err());
    }

    #[test]
    fn tallies_add_up_in_order() {
        let mut tally = Tally::default();
        for numbers in [vec![3, 5], vec![1, 3, 9], Vec::new()] {
            tally.add(Keys::Numbers(numbers.clone()), numbers.into_iter());
        }
        assert_eq!(tally.numbers(), [(1, 1), (3, 6), (5, 5), (9, 9)]);
        assert_eq!((tally.rows(), tally.len()), (21, 4));
    }
}
