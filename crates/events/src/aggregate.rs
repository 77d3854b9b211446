//! Events counted over time and by value.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::time::Duration;

use tantivy::collector::{Collector, Count, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};
use vigie_model::{Severity, Timestamp};

use crate::columns::column_name;
use crate::fields::{self, FieldKind};
use crate::index::{EventIndex, unreadable};
use crate::manifest::Span;
use crate::search::targets;
use crate::store::{Bucket, Histogram, HistogramRequest, Interval, TopRequest, TopValue, TopValues};
use crate::{SearchError, query};

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

/// Returns how many events match in each interval.
pub(crate) fn histogram(index: &EventIndex, request: &HistogramRequest) -> Result<Histogram, SearchError> {
    let targets = targets(index, &request.tenants, &request.filter, request.from, request.until)?;
    let data = targets.iter().map(|target| target.span).reduce(Span::with);
    // Where an end is not given, the data's own end stands for it; with neither there is nothing to count.
    let begin = request.from.map(Timestamp::as_micros).or(data.map(|span| span.min));
    let end = request.until.map(|until| until.as_micros() - 1).or(data.map(|span| span.max));
    let width = width_of(request.interval, begin.zip(end));
    let empty = Histogram { interval_ms: width / 1_000, buckets: Vec::new(), total: 0 };
    let (Some(begin), Some(end)) = (begin, end) else { return Ok(empty) };
    if begin > end {
        return Ok(empty);
    }
    let width = width as i64;
    let first = begin.div_euclid(width);
    let count = (end.div_euclid(width) - first) as u64 + 1;
    if count > Histogram::BUCKETS_MAX {
        return Err(SearchError::TooManyBuckets { count, max: Histogram::BUCKETS_MAX });
    }
    let collector = OverTime { first, width, count: count as usize };
    let mut counts = vec![0; count as usize];
    for target in &targets {
        let view = index.view(&target.partition)?;
        let found = view.search(&target.query, &collector).map_err(|error| unreadable(&target.partition, error))?;
        add(&mut counts, &found);
    }
    let total = counts.iter().sum();
    let start = |number: usize| Timestamp::from_micros((first + number as i64).saturating_mul(width));
    let mut buckets: Vec<Bucket> =
        counts.into_iter().enumerate().map(|(number, count)| Bucket { start: start(number), count }).collect();
    if request.until.is_none() {
        buckets.truncate(buckets.iter().rposition(|bucket| bucket.count > 0).map_or(0, |last| last + 1));
    }
    if request.from.is_none() {
        buckets.drain(..buckets.iter().position(|bucket| bucket.count > 0).unwrap_or(buckets.len()));
    }
    Ok(Histogram { interval_ms: width as u64 / 1_000, buckets, total })
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

fn add(counts: &mut [u64], more: &[u64]) {
    for (count, more) in counts.iter_mut().zip(more) {
        *count += more;
    }
}

/// Counts rows by their time.
struct OverTime {
    first: i64,
    width: i64,
    count: usize,
}

struct SegmentOverTime {
    times: Column<i64>,
    first: i64,
    width: i64,
    counts: Vec<u64>,
}

impl Collector for OverTime {
    type Fruit = Vec<u64>;
    type Child = SegmentOverTime;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentOverTime> {
        let times = segment.fast_fields().i64("time")?;
        Ok(SegmentOverTime { times, first: self.first, width: self.width, counts: vec![0; self.count] })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        let mut counts = vec![0; self.count];
        for segment in &segments {
            add(&mut counts, segment);
        }
        Ok(counts)
    }
}

impl SegmentCollector for SegmentOverTime {
    type Fruit = Vec<u64>;

    fn collect(&mut self, row: DocId, _: Score) {
        let Some(micros) = self.times.first(row) else { return };
        let number = micros.div_euclid(self.width) - self.first;
        if let Some(count) = usize::try_from(number).ok().and_then(|number| self.counts.get_mut(number)) {
            *count += 1;
        }
    }

    fn harvest(self) -> Vec<u64> {
        self.counts
    }
}

/// Returns the commonest values of a field.
pub(crate) fn top(index: &EventIndex, request: &TopRequest) -> Result<TopValues, SearchError> {
    let field = fields::find(&request.field).ok_or_else(|| query::unknown(&request.field))?;
    if !field.countable {
        return Err(SearchError::NotCountable { field: field.name.to_owned() });
    }
    let mut all = Tally::default();
    for target in targets(index, &request.tenants, &request.filter, request.from, request.until)? {
        let view = index.view(&target.partition)?;
        let broken = |error| unreadable(&target.partition, crate::PartitionError::from(error));
        if let Some(column) = column_name(field) {
            let tally = view.search(&target.query, &ByValue { column, kind: field.kind }).map_err(broken)?;
            all.add(tally);
            continue;
        }
        let total = view.search(&target.query, &Count).map_err(broken)? as u64;
        let values = HashMap::from([(Met::Text(target.partition.key.tenant.to_string()), total)]);
        all.add(Tally { values, total });
    }
    all.values.retain(|_, count| *count > 0);
    let with_value: u64 = all.values.values().sum();
    let mut values: Vec<(Met, u64)> = all.values.into_iter().collect();
    values.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
    values.truncate(request.limit.clamp(1, TopValues::LIMIT_MAX) as usize);
    let listed: u64 = values.iter().map(|(_, count)| count).sum();
    let values = values.into_iter().map(|(met, count)| TopValue { value: met.text(field.kind), count }).collect();
    let (other, missing) = (with_value - listed, all.total - with_value);
    Ok(TopValues { field: field.name.to_owned(), values, other, missing, total: all.total })
}

/// A value as its column holds it; made a text only where it is shown.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Met {
    Text(String),
    Address(Ipv6Addr),
    Number(u64),
}

impl Met {
    fn text(self, kind: FieldKind) -> String {
        match self {
            Self::Text(text) => text,
            Self::Address(address) => address.to_canonical().to_string(),
            Self::Number(number) => {
                let severity = usize::try_from(number).ok().and_then(|number| Severity::ALL.get(number));
                match (kind, severity) {
                    (FieldKind::Severity, Some(severity)) => severity.as_str().to_owned(),
                    _ => number.to_string(),
                }
            }
        }
    }
}

/// Counts rows by the value of a column.
struct ByValue {
    column: String,
    kind: FieldKind,
}

/// How often each value occurs, and how many rows there are.
#[derive(Default)]
struct Tally {
    values: HashMap<Met, u64>,
    total: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.total += other.total;
        if self.values.is_empty() {
            self.values = other.values;
            return;
        }
        for (value, count) in other.values {
            *self.values.entry(value).or_default() += count;
        }
    }
}

struct SegmentByValue {
    values: SegmentValues,
    total: u64,
}

enum SegmentValues {
    /// The segment has no such value.
    None,
    Text(StrColumn, Vec<u64>),
    Address(Column<Ipv6Addr>, HashMap<Ipv6Addr, u64>),
    Number(Column<u64>, HashMap<u64, u64>),
}

impl Collector for ByValue {
    type Fruit = Tally;
    type Child = SegmentByValue;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentByValue> {
        let columns = segment.fast_fields();
        let values = match self.kind {
            FieldKind::Address => columns
                .column_opt::<Ipv6Addr>(&self.column)?
                .map(|column| SegmentValues::Address(column, HashMap::new())),
            FieldKind::Keyword => columns.str(&self.column)?.map(|column| {
                let counts = vec![0; column.num_terms()];
                SegmentValues::Text(column, counts)
            }),
            _ => columns.column_opt::<u64>(&self.column)?.map(|column| SegmentValues::Number(column, HashMap::new())),
        };
        Ok(SegmentByValue { values: values.unwrap_or(SegmentValues::None), total: 0 })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Tally>>) -> tantivy::Result<Tally> {
        let mut all = Tally::default();
        for tally in segments {
            all.add(tally?);
        }
        Ok(all)
    }
}

impl SegmentCollector for SegmentByValue {
    type Fruit = tantivy::Result<Tally>;

    fn collect(&mut self, row: DocId, _: Score) {
        self.total += 1;
        match &mut self.values {
            SegmentValues::None => {}
            SegmentValues::Text(column, counts) => {
                if let Some(count) = column.ords().first(row).and_then(|ordinal| counts.get_mut(ordinal as usize)) {
                    *count += 1;
                }
            }
            SegmentValues::Address(column, counts) => {
                if let Some(address) = column.first(row) {
                    *counts.entry(address).or_default() += 1;
                }
            }
            SegmentValues::Number(column, counts) => {
                if let Some(number) = column.first(row) {
                    *counts.entry(number).or_default() += 1;
                }
            }
        }
    }

    fn harvest(self) -> tantivy::Result<Tally> {
        let values = match self.values {
            SegmentValues::None => HashMap::new(),
            SegmentValues::Text(column, counts) => texts(&column, &counts)?,
            SegmentValues::Address(_, counts) => {
                counts.into_iter().map(|(address, count)| (Met::Address(address), count)).collect()
            }
            SegmentValues::Number(_, counts) => {
                counts.into_iter().map(|(number, count)| (Met::Number(number), count)).collect()
            }
        };
        Ok(Tally { values, total: self.total })
    }
}

/// Returns the texts that were met at least once. The dictionary is read in order, in one go.
fn texts(column: &StrColumn, counts: &[u64]) -> tantivy::Result<HashMap<Met, u64>> {
    let met: Vec<u64> = (0..counts.len() as u64).filter(|ordinal| counts[*ordinal as usize] > 0).collect();
    let mut values = HashMap::with_capacity(met.len());
    let mut ordinals = met.iter();
    column.dictionary().sorted_ords_to_term_cb(&met, |text| {
        if let Some(ordinal) = ordinals.next() {
            values.insert(Met::Text(String::from_utf8_lossy(text).into_owned()), counts[*ordinal as usize]);
        }
    })?;
    Ok(values)
}
