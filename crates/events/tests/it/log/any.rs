//! Any log, cut anywhere behind the last sync or with any byte changed.

use std::fs;

use proptest::prelude::*;
use vigie_events::{LogEntry, LogFault, LogPosition};

use super::Fixture;

#[derive(Debug, Clone, Copy)]
enum Step {
    Write(u64),
    /// Appended, never synced: lost with the process.
    Lose(u64),
    Reopen,
    Trim(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..40u64).prop_map(Step::Write),
        1 => (1..40u64).prop_map(Step::Lose),
        1 => Just(Step::Reopen),
        1 => any::<u8>().prop_map(Step::Trim),
    ]
}

/// Returns a log that went through these steps, closed.
fn written(steps: &[Step]) -> Fixture {
    let mut log = Fixture::new();
    for step in steps {
        match *step {
            Step::Write(count) => drop(log.write(count)),
            Step::Lose(count) => {
                log.log().append(vigie_model::Timestamp::EPOCH, (0..count).map(super::record).collect(), vec![]);
                assert_eq!(log.reopen(), []);
            }
            Step::Reopen => assert_eq!(log.reopen(), []),
            Step::Trim(share) => {
                let until = LogPosition::new(log.log().end().get() * u64::from(share) / 255);
                log.log().trim(until).unwrap();
                let first = log
                    .segments()
                    .first()
                    .map_or(0, |path| u64::from_str_radix(path.file_stem().unwrap().to_str().unwrap(), 16).unwrap());
                assert!(log.kept.iter().all(|entry| entry.end <= until || entry.position.get() >= first));
                log.kept.retain(|entry| entry.position.get() >= first);
            }
        }
    }
    log.close();
    log
}

/// Reads all that there is of an opened log.
fn all(log: &Fixture) -> (Vec<LogEntry>, Vec<vigie_events::LogDamage>) {
    log.read(log.kept.first().map_or(LogPosition::default(), |entry| entry.position))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn bytes_behind_the_last_sync_change_nothing(
        steps in prop::collection::vec(step(), 1..25),
        tail in prop::collection::vec(any::<u8>(), 0..200),
        more in 1..30u64,
    ) {
        let mut log = written(&steps);
        let Some(path) = log.segments().pop() else { return Ok(()) };
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(&tail);
        fs::write(&path, bytes).unwrap();
        let damage = log.reopen();
        prop_assert_eq!(damage.len(), usize::from(!tail.is_empty()));
        log.write(more);
        let (entries, damage) = all(&log);
        prop_assert_eq!(&entries, &log.kept);
        prop_assert_eq!(damage, vec![]);
    }

    #[test]
    fn one_changed_byte_costs_the_entry_that_it_is_in(
        steps in prop::collection::vec(step(), 1..25),
        place in any::<prop::sample::Index>(),
        change in 1..=255u8,
        more in 1..30u64,
    ) {
        let mut log = written(&steps);
        let paths = log.segments();
        let total: usize = paths.iter().map(|path| fs::read(path).unwrap().len()).sum();
        if total == 0 {
            return Ok(());
        }
        let mut at = place.index(total);
        let mut hit = None;
        for path in paths {
            let mut bytes = fs::read(&path).unwrap();
            if at < bytes.len() {
                bytes[at] ^= change;
                fs::write(&path, bytes).unwrap();
                let first = u64::from_str_radix(path.file_stem().unwrap().to_str().unwrap(), 16).unwrap();
                hit = at.checked_sub(64).map(|at| first + at as u64);
                break;
            }
            at -= bytes.len();
        }
        let within = |entry: &LogEntry| hit.is_some_and(|hit| (entry.position.get()..entry.end.get()).contains(&hit));
        let end = log.kept.last().map(|entry| entry.end);
        log.reopen();
        prop_assert!(Some(log.log().end()) >= end, "no position is used twice");
        log.kept.retain(|entry| !within(entry));
        log.write(more);
        let (entries, damage) = all(&log);
        prop_assert_eq!(&entries, &log.kept);
        let ranges: Vec<_> = damage.iter().filter(|found| found.what != LogFault::Header).collect();
        for range in &ranges {
            prop_assert!(hit.is_some_and(|hit| (range.from.get()..range.until.get()).contains(&hit)), "{:?}", range);
        }
    }
}
