//! A request for counts, checked and made ready.

use std::time::Duration;

use vigie_model::{Aggregation, AggregationKind, Interval, Timestamp};

use super::answer::{AggregateRequest, Histogram, TopValues};
use super::{AGGREGATIONS_MAX, BUCKETS_MAX};
use crate::fields::{self, FieldKind, SearchField};
use crate::manifest::Span;
use crate::targets::Targets;
use crate::{SearchError, query};

/// How many percentages one aggregation may ask for.
const PERCENTS_MAX: usize = 100;

/// The customary widths of intervals, in seconds: 1 s to 1,000 years.
const WIDTHS: [u64; 19] = [
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    1_800,
    3_600,
    10_800,
    21_600,
    43_200,
    86_400,
    604_800,
    2_592_000,
    31_536_000,
    315_360_000,
    3_153_600_000,
    31_536_000_000,
];

/// What is counted, by which field.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) field: &'static SearchField,
    pub(super) kind: AggregationKind,
    /// For histograms.
    pub(super) grid: Option<Grid>,
}

/// A question and those that are asked of its groups.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) outer: Question,
    pub(super) inner: Vec<(String, Question)>,
}

/// Intervals of time side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// The first interval's number; 0 is the one that begins with 1970.
    first: i64,
    /// In microseconds.
    width: i64,
    pub(super) count: usize,
    /// Whether empty intervals at the begin and at the end are left out.
    pub(super) trim: (bool, bool),
}

impl Grid {
    pub(super) fn start(&self, number: usize) -> Timestamp {
        Timestamp::from_micros((self.first + number as i64).saturating_mul(self.width))
    }

    pub(super) fn interval_ms(&self) -> u64 {
        self.width as u64 / 1_000
    }

    /// Replaces times, as their column holds them, by the numbers of their intervals; those outside get numbers that no
    /// interval has.
    pub(super) fn place(&self, times: &mut [u64]) {
        // Columns hold an i64 with its sign turned over, so that the order of u64 is that of times.
        let origin = (self.first.wrapping_mul(self.width) as u64) ^ (1 << 63);
        let width = self.width as u64;
        // Multiplying by the reciprocal falls short by two at most, for any time and width, and costs a tenth of dividing.
        let reciprocal = u64::MAX / width;
        for time in times {
            let since = time.wrapping_sub(origin);
            let mut number = ((u128::from(since) * u128::from(reciprocal)) >> 64) as u64;
            let mut rest = since - number * width;
            while rest >= width {
                rest -= width;
                number += 1;
            }
            *time = number;
        }
    }
}

/// Checks a request and lays out the intervals that it asks for.
pub(super) fn plans(request: &AggregateRequest, targets: &Targets<'_>) -> Result<Vec<Plan>, SearchError> {
    let asked: usize = request.aggregations.values().map(|aggregation| 1 + aggregation.inner.len()).sum();
    if asked > AGGREGATIONS_MAX {
        let message = format!("{asked} aggregations are too many: at most {AGGREGATIONS_MAX}, inner ones included");
        return Err(SearchError::Aggregation(message));
    }
    let plan = |(name, aggregation): (&String, &Aggregation)| {
        let outer = question(request, targets, &aggregation.kind)?;
        let groups = match &aggregation.kind {
            AggregationKind::Histogram { .. } => outer.grid.map_or(0, |grid| grid.count),
            AggregationKind::Top { limit, .. } => *limit as usize,
            AggregationKind::Cardinality { .. } | AggregationKind::Percentiles { .. }
                if aggregation.inner.is_empty() =>
            {
                1
            }
            AggregationKind::Cardinality { .. } | AggregationKind::Percentiles { .. } => {
                let message =
                    format!("`{name}` has no groups: only histograms and top values can hold other aggregations");
                return Err(SearchError::Aggregation(message));
            }
        };
        let mut inner = Vec::new();
        for (name, kind) in &aggregation.inner {
            let question = question(request, targets, kind)?;
            let buckets = groups as u64 * question.grid.map_or(0, |grid| grid.count) as u64;
            if buckets > BUCKETS_MAX {
                return Err(SearchError::TooManyBuckets { count: buckets, max: BUCKETS_MAX });
            }
            inner.push((name.clone(), question));
        }
        Ok(Plan { name: name.clone(), outer, inner })
    };
    request.aggregations.iter().map(plan).collect()
}

fn question(
    request: &AggregateRequest,
    targets: &Targets<'_>,
    kind: &AggregationKind,
) -> Result<Question, SearchError> {
    let field = fields::find(kind.field()).ok_or_else(|| query::unknown(kind.field()))?;
    let (mut kind, mut grid) = (kind.clone(), None);
    let unsuited =
        |aggregation, expected| Err(SearchError::NotSuited { field: field.name.to_owned(), aggregation, expected });
    match &mut kind {
        AggregationKind::Histogram { interval, .. } => {
            if field.kind != FieldKind::Time {
                return unsuited("time", "`time` or `arrival`");
            }
            grid = Some(lay_out(request, targets, field, *interval)?);
        }
        AggregationKind::Percentiles { percents, .. } => {
            if field.kind != FieldKind::Number {
                return unsuited("percentiles", "a number, such as `dst.port`");
            }
            let sane = percents.iter().all(|percent| *percent > 0.0 && *percent <= 100.0);
            if percents.is_empty() || percents.len() > PERCENTS_MAX || !sane {
                let message = format!("percentiles take 1 to {PERCENTS_MAX} percentages, each above 0 and up to 100");
                return Err(SearchError::Aggregation(message));
            }
        }
        AggregationKind::Top { .. } | AggregationKind::Cardinality { .. } if !field.countable => {
            return Err(SearchError::NotCountable { field: field.name.to_owned() });
        }
        AggregationKind::Top { limit, .. } => *limit = (*limit).clamp(1, TopValues::LIMIT_MAX),
        AggregationKind::Cardinality { .. } => {}
    }
    Ok(Question { field, kind, grid })
}

/// Lays intervals over the time that is asked for; where an end is not given, the data's own end stands for it.
fn lay_out(
    request: &AggregateRequest,
    targets: &Targets<'_>,
    field: &SearchField,
    interval: Interval,
) -> Result<Grid, SearchError> {
    let by_event_time = field.name == "time";
    let spans = targets.partitions.iter().map(|target| if by_event_time { target.span } else { target.arrivals() });
    let data = spans.reduce(Span::with);
    let (from, until) = if by_event_time { (request.from, request.until) } else { (None, None) };
    let begin = from.map(Timestamp::as_micros).or(data.map(|span| span.min));
    let end = until.map(|until| until.as_micros() - 1).or(data.map(|span| span.max));
    let width = width_of(interval, begin.zip(end)) as i64;
    let trim = (from.is_none(), until.is_none());
    let (Some(begin), Some(end)) = (begin, end) else { return Ok(Grid { first: 0, width, count: 0, trim }) };
    if begin > end {
        return Ok(Grid { first: 0, width, count: 0, trim });
    }
    let first = begin.div_euclid(width);
    let count = (end.div_euclid(width) - first) as u64 + 1;
    if count > Histogram::BUCKETS_MAX {
        return Err(SearchError::TooManyBuckets { count, max: Histogram::BUCKETS_MAX });
    }
    Ok(Grid { first, width, count: count as usize, trim })
}

/// Returns the width of intervals in microseconds.
fn width_of(interval: Interval, span: Option<(i64, i64)>) -> u64 {
    match interval {
        Interval::Fixed(width) => {
            let millis = width.max(Duration::from_millis(1)).as_millis();
            // No interval need be wider than all of time.
            millis.min(u128::from(WIDTHS[WIDTHS.len() - 1]) * 10_000) as u64 * 1_000
        }
        Interval::AtMost(most) => {
            let most = u64::from(most).clamp(1, Histogram::BUCKETS_MAX) as i64;
            let (begin, end) = span.unwrap_or((0, 0));
            let fits = |width: &&u64| {
                let width = **width as i64 * 1_000_000;
                end.div_euclid(width) - begin.div_euclid(width) < most
            };
            // Two of the widest may be needed where one was asked for: 1970 lies between them.
            WIDTHS.iter().find(fits).unwrap_or(&WIDTHS[WIDTHS.len() - 1]) * 1_000_000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_placed_as_dividing_would() {
        let times =
            [i64::MIN / 64, -62_135_596_800_000_000, -1, 0, 1, 999, 1_772_323_200_000_000, 253_402_207_200_000_000];
        for width in [1, 1_000, 3_333, 600_000_000, 86_400_000_000, 315_360_000_000_000_000] {
            for first in times.map(|time: i64| time.div_euclid(width)) {
                let grid = Grid { first, width, count: 10, trim: (true, true) };
                for time in times.into_iter().flat_map(|time| (-3..4).map(move |step| time + step * width)) {
                    let mut placed = [(time as u64) ^ (1 << 63)];
                    grid.place(&mut placed);
                    let number = i128::from(time.div_euclid(width)) - i128::from(first);
                    let expected = (0..10).contains(&number).then_some(number as u64);
                    assert_eq!(Some(placed[0]).filter(|number| *number < 10), expected, "{time} {width} {first}");
                }
            }
        }
    }
}
