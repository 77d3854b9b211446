//! What was sent, by stream and second: the book that the server's answers are held against.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::mix::Stream;

/// Events of one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Sent, perhaps more than once: the server may have each of them once.
    pub(super) sent: u64,
    /// Acknowledged, or delivered where there are no acknowledgements: the server must have each of them.
    pub(super) safe: u64,
}

/// How many events of a batch happen in which second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seconds(Vec<(i64, u64)>);

impl Seconds {
    /// Counts one more event; they come in the order of their times.
    pub(super) fn add(&mut self, second: i64) {
        match self.0.last_mut() {
            Some((last, count)) if *last == second => *count += 1,
            _ => self.0.push((second, 1)),
        }
    }
}

/// All that was sent.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<Stream, BTreeMap<i64, Count>>>);

impl Tally {
    /// Counts events that are about to be sent.
    pub(super) fn sent(&self, stream: &Stream, seconds: &Seconds) {
        for (second, events) in &seconds.0 {
            self.change(stream, *second, |count| count.sent += events);
        }
    }

    /// Counts events that the server has by its own word, or that were delivered in full.
    pub(super) fn safe(&self, stream: &Stream, seconds: &Seconds) {
        for (second, events) in &seconds.0 {
            self.change(stream, *second, |count| count.safe += events);
        }
    }

    fn change(&self, stream: &Stream, second: i64, change: impl FnOnce(&mut Count)) {
        let mut streams = self.0.lock().expect("no one panics while holding this lock");
        if !streams.contains_key(stream) {
            streams.insert(stream.clone(), BTreeMap::new());
        }
        if let Some(seconds) = streams.get_mut(stream) {
            change(seconds.entry(second).or_default());
        }
    }

    /// Returns the sums over all streams.
    pub(super) fn total(&self) -> Count {
        let streams = self.0.lock().expect("no one panics while holding this lock");
        sum(streams.values().flat_map(BTreeMap::values))
    }

    /// Returns the book as it stands.
    pub(super) fn streams(&self) -> BTreeMap<Stream, BTreeMap<i64, Count>> {
        self.0.lock().expect("no one panics while holding this lock").clone()
    }
}

/// Adds counts up.
pub(super) fn sum<'a>(counts: impl Iterator<Item = &'a Count>) -> Count {
    counts.fold(Count::default(), |sum, count| Count { sent: sum.sent + count.sent, safe: sum.safe + count.safe })
}

/// What is wrong in one stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Events that the server must have and has not.
    pub(super) lost: u64,
    /// Events that the server has more than once, or that nobody sent.
    pub(super) doubled: u64,
}

/// Compares what a stream sent in each interval of `interval_s` seconds with what is stored. Second by second, so that what is
/// lost here and doubled there does not cancel out.
pub(super) fn compare(sent: &BTreeMap<i64, Count>, stored: &BTreeMap<i64, u64>, interval_s: i64) -> Difference {
    let mut intervals: BTreeMap<i64, (Count, u64)> = BTreeMap::new();
    for (second, count) in sent {
        let (known, _) = intervals.entry(second.div_euclid(interval_s)).or_default();
        *known = sum([*known, *count].iter());
    }
    for (second, count) in stored {
        intervals.entry(second.div_euclid(interval_s)).or_default().1 += count;
    }
    intervals.values().fold(Difference::default(), |sum, (count, stored)| Difference {
        lost: sum.lost + count.safe.saturating_sub(*stored),
        doubled: sum.doubled + stored.saturating_sub(count.sent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &[(i64, u64, u64)], stored: &[(i64, u64)], interval_s: i64, lost: u64, doubled: u64) {
        let sent = sent.iter().map(|(second, sent, safe)| (*second, Count { sent: *sent, safe: *safe })).collect();
        let stored = stored.iter().copied().collect();
        assert_eq!(compare(&sent, &stored, interval_s), Difference { lost, doubled });
    }

    #[test]
    fn a_loss_here_does_not_cancel_a_double_there() {
        check(&[], &[], 1, 0, 0);
        check(&[(1, 5, 5), (2, 5, 5)], &[(1, 5), (2, 5)], 1, 0, 0);
        check(&[(1, 5, 5), (2, 5, 5)], &[(1, 4), (2, 6)], 1, 1, 1);
        check(&[(1, 5, 5), (2, 5, 5)], &[(2, 5)], 1, 5, 0);
        check(&[(1, 5, 5)], &[(1, 5), (7, 2)], 1, 0, 2);
        // What was not acknowledged may be there or not.
        check(&[(1, 5, 2)], &[(1, 2)], 1, 0, 0);
        check(&[(1, 5, 2)], &[(1, 5)], 1, 0, 0);
        check(&[(1, 5, 2)], &[(1, 1)], 1, 1, 0);
        check(&[(1, 5, 2)], &[(1, 6)], 1, 0, 1);
        // Wider intervals see the sum.
        check(&[(10, 5, 5), (11, 5, 5), (20, 1, 1)], &[(10, 10), (20, 1)], 10, 0, 0);
    }
}
