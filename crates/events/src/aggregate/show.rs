//! Counts as they are answered.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;

use vigie_model::{AggregationKind, Severity};

use super::Sum;
use super::answer::{Counted, CountedInterval, CountedValue};
use super::codes::Key;
use super::plan::{Plan, Question};
use super::tally::Tally;
use crate::fields::FieldKind;

/// Returns the answer of a plan.
pub(super) fn counted(plan: &Plan, sum: &Sum, total: u64) -> Counted {
    let inner = |group: Option<usize>, count: u64| -> BTreeMap<String, Counted> {
        let empty = Tally::default();
        let shown = plan.inner.iter().enumerate().map(|(number, (name, question))| {
            let tally = group.and_then(|group| sum.inner.get(number)?.get(group)).unwrap_or(&empty);
            (name.clone(), answer(question, tally, count, |_, _| BTreeMap::new()))
        });
        shown.collect()
    };
    answer(&plan.outer, &sum.outer, total, |place, count| match place {
        Place::Interval(number) => inner(Some(number), count),
        Place::Value(key) => inner(sum.groups.iter().position(|group| group == key), count),
    })
}

/// Where in an answer a group stands.
enum Place<'a> {
    Interval(usize),
    Value(&'a Key),
}

fn answer(
    question: &Question,
    tally: &Tally,
    total: u64,
    inner: impl Fn(Place<'_>, u64) -> BTreeMap<String, Counted>,
) -> Counted {
    match &question.kind {
        AggregationKind::Histogram { .. } => histogram(question, tally, inner),
        AggregationKind::Top { .. } => {
            let listed = commonest(tally, question);
            let with_value = tally.rows();
            let shown: u64 = listed.iter().map(|place| tally.count(*place)).sum();
            let value = |place: usize| {
                let (key, count) = (tally.key(place)?, tally.count(place));
                let inner = inner(Place::Value(&key), count);
                Some(CountedValue { value: text(&key, question.field.kind), count, inner })
            };
            Counted::Top {
                field: question.field.name.to_owned(),
                values: listed.into_iter().filter_map(value).collect(),
                other: with_value - shown,
                missing: total - with_value,
            }
        }
        AggregationKind::Cardinality { .. } => Counted::Cardinality(tally.len() as u64),
        AggregationKind::Percentiles { percents, .. } => {
            Counted::Percentiles(percents.iter().map(|percent| (*percent, percentile(tally, *percent))).collect())
        }
    }
}

fn histogram(
    question: &Question,
    tally: &Tally,
    inner: impl Fn(Place<'_>, u64) -> BTreeMap<String, Counted>,
) -> Counted {
    let Some(grid) = question.grid else { return Counted::Histogram { interval_ms: 0, intervals: Vec::new() } };
    let mut counts = vec![0; grid.count];
    for (number, count) in tally.numbers() {
        if let Some(place) = counts.get_mut(*number as usize) {
            *place = *count;
        }
    }
    let met = |count: &u64| *count > 0;
    let begin = if grid.trim.0 { counts.iter().position(met).unwrap_or(counts.len()) } else { 0 };
    let end = if grid.trim.1 { counts.iter().rposition(met).map_or(begin, |last| last + 1) } else { counts.len() };
    let interval = |number: usize| CountedInterval {
        start: grid.start(number),
        count: counts[number],
        inner: inner(Place::Interval(number), counts[number]),
    };
    Counted::Histogram { interval_ms: grid.interval_ms(), intervals: (begin..end).map(interval).collect() }
}

/// Returns the places of the values that a question for top values lists, commonest first.
pub(super) fn commonest(tally: &Tally, question: &Question) -> Vec<usize> {
    let AggregationKind::Top { limit, .. } = question.kind else { return Vec::new() };
    let limit = limit as usize;
    let mut places: Vec<usize> = (0..tally.len()).collect();
    // Places are in the order of values.
    let order = |place: &usize| (std::cmp::Reverse(tally.count(*place)), *place);
    if places.len() > limit {
        places.select_nth_unstable_by_key(limit, order);
        places.truncate(limit);
    }
    places.sort_unstable_by_key(order);
    places
}

/// Returns the least value that so many percent of all are not above: the nearest rank (Hyndman and Fan, 1996, type 1).
fn percentile(tally: &Tally, percent: f64) -> Option<u64> {
    let all = tally.rows();
    let mut rank = ((percent * all as f64 / 100.0).floor() as u64).saturating_sub(1).max(1);
    while rank < all && (rank as f64) * 100.0 < percent * all as f64 {
        rank += 1;
    }
    let mut passed = 0;
    let reaches = |(number, count): &(u64, u64)| {
        passed += count;
        (passed >= rank).then_some(*number)
    };
    tally.numbers().iter().find_map(reaches)
}

fn text(key: &Key, kind: FieldKind) -> String {
    match key {
        Key::Text(text) => text.to_string(),
        Key::Address(address) => Ipv6Addr::from(*address).to_canonical().to_string(),
        Key::Number(number) => {
            let severity = usize::try_from(*number).ok().and_then(|number| Severity::ALL.get(number));
            match (kind, severity) {
                (FieldKind::Severity, Some(severity)) => severity.as_str().to_owned(),
                _ => number.to_string(),
            }
        }
    }
}
