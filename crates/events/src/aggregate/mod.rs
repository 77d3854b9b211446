//! Events counted: over time, by value, nested once.
//!
//! Every aggregation counts rows by a *key*, an interval's number or a value, and a nested one by a pair of keys. What
//! differs is how the counts are shown: a cardinality is how many keys there are, percentiles read them in order. So there
//! is one engine: the first pass counts by the outer keys; of those the answer's groups are chosen, and the second pass
//! counts pairs for these only. Both passes read the same views, so that they see the same events.

mod answer;
mod codes;
mod plan;
mod show;
mod tally;

use std::collections::HashMap;

use tantivy::Searcher;

pub use answer::{
    AggregateAnswer, AggregateRequest, Bucket, Counted, CountedInterval, CountedValue, Histogram, HistogramRequest,
    TopRequest, TopValue, TopValues,
};

use self::codes::{Codes, Key, NONE, Scratch};
use self::plan::Plan;
use self::tally::{Counter, Tally};
use crate::index::EventIndex;
use crate::scan::{Fault, Work};
use crate::targets::{Asked, Scope, Target, Targets};
use crate::{SearchBudget, SearchError};

const AGGREGATIONS_MAX: usize = AggregateAnswer::AGGREGATIONS_MAX;
const BUCKETS_MAX: u64 = AggregateAnswer::BUCKETS_MAX;

/// What one plan has counted.
#[derive(Default)]
struct Sum {
    outer: Tally,
    /// The keys of the groups that the answer shows, for [`vigie_model::AggregationKind::Top`].
    groups: Vec<Key>,
    /// For each inner question, the tallies of its groups.
    inner: Vec<Vec<Tally>>,
}

/// Returns the counts that are asked for.
pub(crate) fn aggregate(
    index: &EventIndex,
    request: &AggregateRequest,
    budget: &SearchBudget,
) -> Result<AggregateAnswer, SearchError> {
    let scope = Scope { tenants: &request.tenants, filter: &request.filter, from: request.from, until: request.until };
    let mut targets = Targets::of(index, scope, budget)?;
    let plans = plan::plans(request, &targets)?;
    let nested = plans.iter().any(|plan| !plan.inner.is_empty());
    let passes = if nested { 2 } else { 1 };
    let work = Work::begin(budget, targets.events() * passes);
    let mut engine = Engine { index, plans: &plans, sums: Vec::new(), total: 0, views: HashMap::new(), nested, work };
    engine.sums.resize_with(plans.len(), Sum::default);
    targets.each(|number, target| engine.count(number, target))?;
    if nested {
        engine.choose_groups();
        targets.each(|number, target| engine.count_pairs(number, target))?;
    }
    targets.skipped.dedup_by(|later, first| later.same_place(first));
    let total = engine.total;
    let shown = plans.iter().zip(&engine.sums).map(|(plan, sum)| (plan.name.clone(), show::counted(plan, sum, total)));
    Ok(AggregateAnswer { total, aggregations: shown.collect(), skipped: targets.skipped })
}

struct Engine<'a> {
    index: &'a EventIndex,
    plans: &'a [Plan],
    sums: Vec<Sum>,
    total: u64,
    /// The views of the first pass, by the number of their partition, where there is a second.
    views: HashMap<usize, Searcher>,
    nested: bool,
    work: Work<'a>,
}

impl Engine<'_> {
    /// The first pass: counts a partition's events by the outer keys.
    fn count(&mut self, number: usize, target: &Target) -> Result<(), Fault> {
        if self.plans.is_empty() && target.matches_whole() {
            self.total += target.events;
            return Ok(());
        }
        let view = self.index.view(&target.partition)?;
        for asked in target.segments(self.index, &view, None, &mut self.work)? {
            if self.plans.is_empty() {
                self.total += asked.matcher.count(asked.segment, &self.work)?;
            } else {
                self.count_segment(target, &asked)?;
            }
            self.work.done(asked.segment.max_doc());
        }
        if self.nested {
            self.views.insert(number, view);
        }
        Ok(())
    }

    fn count_segment(&mut self, target: &Target, asked: &Asked<'_>) -> Result<(), Fault> {
        let mut columns = Vec::with_capacity(self.plans.len());
        for plan in self.plans {
            let codes = Codes::open(&plan.outer, &target.partition, asked.segment)?;
            columns.push((Counter::new(&codes, 1, self.values_max()), codes, plan));
        }
        let values_max = self.values_max();
        let (mut scratch, mut block, mut total) = (Scratch::default(), Vec::new(), 0);
        asked.matcher.each(asked.segment, &self.work, |rows| {
            total += rows.len() as u64;
            for (counter, codes, plan) in &mut columns {
                codes.present(rows, &mut scratch, &mut block);
                counter.add(&block).map_err(|_| too_many(plan.outer.field.name, values_max))?;
            }
            Ok(())
        })?;
        self.total += total;
        for (number, (counter, codes, plan)) in columns.into_iter().enumerate() {
            let counts = counter.finish();
            let met: Vec<u64> = counts.iter().map(|(_, code, _)| *code).collect();
            if !met.is_empty() {
                let counts = counts.into_iter().map(|(_, _, count)| count);
                self.sums[number].outer.add(codes.keys(&met)?, counts);
            }
            self.check_room(plan.outer.field.name)?;
        }
        Ok(())
    }

    /// Chooses the groups that the second pass counts for.
    fn choose_groups(&mut self) {
        for (plan, sum) in self.plans.iter().zip(&mut self.sums) {
            let count = if let Some(grid) = plan.outer.grid {
                grid.count
            } else {
                let places = show::commonest(&sum.outer, &plan.outer);
                sum.groups = places.into_iter().filter_map(|place| sum.outer.key(place)).collect();
                sum.groups.len()
            };
            sum.inner.resize_with(plan.inner.len(), || {
                let mut groups = Vec::new();
                groups.resize_with(count, Tally::default);
                groups
            });
        }
    }

    /// The second pass: counts a partition's events by group and inner key.
    fn count_pairs(&mut self, number: usize, target: &Target) -> Result<(), Fault> {
        let Some(view) = self.views.remove(&number) else { return Ok(()) };
        for asked in target.segments(self.index, &view, None, &mut self.work)? {
            self.count_pairs_of_segment(target, &asked)?;
            self.work.done(asked.segment.max_doc());
        }
        Ok(())
    }

    fn count_pairs_of_segment(&mut self, target: &Target, asked: &Asked<'_>) -> Result<(), Fault> {
        let mut columns = Vec::new();
        for (number, plan) in self.plans.iter().enumerate().filter(|(_, plan)| !plan.inner.is_empty()) {
            let outer = Codes::open(&plan.outer, &target.partition, asked.segment)?;
            let groups = Groups::new(plan, &self.sums[number].groups, &outer)?;
            let mut inner = Vec::new();
            for (_, question) in &plan.inner {
                let codes = Codes::open(question, &target.partition, asked.segment)?;
                inner.push((Counter::new(&codes, groups.count, self.values_max()), codes, question.field.name));
            }
            columns.push((number, outer, groups, inner));
        }
        let values_max = self.values_max();
        let (mut scratch, mut block, mut of_rows) = (Scratch::default(), Vec::new(), Vec::new());
        asked.matcher.each(asked.segment, &self.work, |rows| {
            for (_, outer, groups, inner) in &mut columns {
                outer.aligned(rows, &mut scratch, &mut block);
                of_rows.clear();
                of_rows.extend(block.iter().map(|code| groups.of(*code)));
                for (counter, codes, field) in inner {
                    codes.aligned(rows, &mut scratch, &mut block);
                    counter.add_grouped(&of_rows, &block).map_err(|_| too_many(field, values_max))?;
                }
            }
            Ok(())
        })?;
        for (number, _, _, inner) in columns {
            for (place, (counter, codes, field)) in inner.into_iter().enumerate() {
                let groups = &mut self.sums[number].inner[place];
                add_pairs(groups, &codes, counter.finish())?;
                self.check_room(field)?;
            }
        }
        Ok(())
    }

    fn check_room(&self, field: &str) -> Result<(), SearchError> {
        let inner = |sum: &Sum| sum.inner.iter().flatten().map(Tally::len).sum::<usize>();
        let values: usize = self.sums.iter().map(|sum| sum.outer.len() + inner(sum)).sum();
        if values > self.values_max() { Err(too_many(field, self.values_max())) } else { Ok(()) }
    }

    fn values_max(&self) -> usize {
        self.work.budget().values_max()
    }
}

fn too_many(field: &str, max: usize) -> SearchError {
    SearchError::TooManyValues { field: field.to_owned(), max }
}

/// Adds a segment's counts, by group and then by code, to the tallies of the groups.
fn add_pairs(groups: &mut [Tally], codes: &Codes, counts: Vec<(u32, u64, u64)>) -> Result<(), Fault> {
    let mut met: Vec<u64> = counts.iter().map(|(_, code, _)| *code).collect();
    met.sort_unstable();
    met.dedup();
    let keys = codes.keys(&met)?;
    for of_group in counts.chunk_by(|(a, _, _), (b, _, _)| a == b) {
        let places: Vec<usize> = of_group.iter().filter_map(|(_, code, _)| met.binary_search(code).ok()).collect();
        if let Some(group) = of_group.first().and_then(|(group, _, _)| groups.get_mut(*group as usize)) {
            group.add(keys.pick(&places), of_group.iter().map(|(_, _, count)| *count));
        }
    }
    Ok(())
}

/// Which group a segment's rows are of, by their outer codes.
struct Groups {
    count: usize,
    /// The codes of the chosen values, in order, with their groups; `None` where the code is the group.
    chosen: Option<Vec<(u64, u32)>>,
}

impl Groups {
    fn new(plan: &Plan, chosen: &[Key], outer: &Codes) -> std::io::Result<Self> {
        if let Some(grid) = plan.outer.grid {
            return Ok(Self { count: grid.count, chosen: None });
        }
        let mut codes = Vec::with_capacity(chosen.len());
        for (group, key) in chosen.iter().enumerate() {
            codes.extend(outer.code(key)?.map(|code| (code, group as u32)));
        }
        codes.sort_unstable();
        Ok(Self { count: chosen.len(), chosen: Some(codes) })
    }

    fn of(&self, code: u64) -> u32 {
        let Some(chosen) = &self.chosen else {
            return if code < self.count as u64 { code as u32 } else { u32::MAX };
        };
        if code == NONE {
            return u32::MAX;
        }
        let place = chosen.binary_search_by_key(&code, |(chosen, _)| *chosen);
        place.map_or(u32::MAX, |place| chosen[place].1)
    }
}
