//! A rule's run over stored events: what it would have found.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use serde::Serialize;
use utoipa::ToSchema;
use vigie_detect::{Engine, reaches};
use vigie_events::{EventStore, HistogramRequest, SearchBudget, SearchError, SearchRequest, Skipped, StoredEvent};
use vigie_ingest::Sources;
use vigie_model::{
    Comparison, Entity, Event, Filter, Finding, Interval, Logsource, Page, RuleId, TenantId, Timestamp, Value,
};

use super::check::Checked;
use super::reread::reread;

/// How many events one run reads at most: the newest.
pub(crate) const TRIAL_EVENTS_MAX: u64 = 100_000;
/// How many findings one run shows at most.
pub(crate) const TRIAL_SAMPLES_MAX: usize = 100;
/// How many intervals the span is looked at in, so that events are read in the order in which they happened.
const INTERVALS: u64 = 2_000;
/// How many events are held at a time, unless one interval alone has more.
const SLICE_EVENTS: u64 = 4_000;
/// How many bytes of events one slice may have.
const SLICE_BYTES_MAX: usize = 128 << 20;
/// How many different alerts are told apart.
const KEYS_MAX: usize = 10_000;

/// Which rule runs over which events.
pub(crate) struct Trial<'a> {
    pub(crate) checked: &'a Checked,
    pub(crate) sources: &'a Sources,
    pub(crate) tenants: &'a [TenantId],
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) samples_max: usize,
    /// How long it may take.
    pub(crate) time: Duration,
}

/// Why a run ended before all events were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrialStop {
    /// There are more events than one run reads: it began later than asked.
    Events,
    /// The time was over: the last events were not seen.
    Time,
    /// The events of one moment are too large to be held.
    Size,
}

/// What a run found.
#[derive(Debug, Default)]
pub(crate) struct TrialReport {
    /// How many events of the rule's logsources there are in the span.
    pub(crate) total: u64,
    /// How many of them were read.
    pub(crate) scanned: u64,
    /// How many of those their source cannot read any more.
    pub(crate) unreadable: u64,
    /// How many findings the rule made.
    pub(crate) matched: u64,
    /// How many alerts they would have become, were each kept open.
    pub(crate) alerts: u64,
    /// The first findings.
    pub(crate) samples: Vec<Finding>,
    /// How many findings on each day in UTC, by the time of their last event.
    pub(crate) per_day: BTreeMap<i64, u64>,
    /// The time of the first event that was to be read.
    pub(crate) began: Option<Timestamp>,
    pub(crate) stopped: Option<TrialStop>,
    pub(crate) skipped: Vec<Skipped>,
}

const DAY_US: i64 = 86_400_000_000;

/// Runs a rule over stored events, oldest first. Nothing is written.
///
/// Events are seen in the order of their own times, not of their arrival, so a correlation may say something else than it
/// said of late events; and it has seen nothing of what was before.
pub(crate) fn run_trial(
    events: &dyn EventStore,
    trial: &Trial<'_>,
    budget: &SearchBudget,
) -> Result<TrialReport, SearchError> {
    let began = Instant::now();
    let mut report = TrialReport::default();
    let filter = prefilter(&trial.checked.logsources());
    let slices = match slices(events, trial, &filter, budget, &mut report) {
        Err(SearchError::TookTooLong { .. }) => {
            report.stopped = Some(TrialStop::Time);
            return Ok(report);
        }
        other => other?,
    };
    let mut engine = Engine::new(trial.checked.rules.clone());
    let mut keys: HashSet<(TenantId, RuleId, Vec<Entity>)> = HashSet::new();
    for (from, until) in slices {
        if began.elapsed() >= trial.time {
            report.stopped = Some(TrialStop::Time);
            break;
        }
        let stored = match read(events, trial, (&filter, from, until), budget, &mut report.skipped) {
            Err(SearchError::TookTooLong { .. }) => {
                report.stopped = Some(TrialStop::Time);
                break;
            }
            Ok(None) => {
                report.stopped = Some(TrialStop::Size);
                break;
            }
            Ok(Some(stored)) => stored,
            Err(other) => return Err(other),
        };
        report.scanned += stored.len() as u64;
        for event in stored {
            let Some(event) = reread(event, trial.sources) else {
                report.unreadable += 1;
                continue;
            };
            show(&mut engine, &event, trial, &mut keys, &mut report);
        }
    }
    report.alerts = keys.len() as u64;
    report.skipped.dedup();
    Ok(report)
}

fn show(
    engine: &mut Engine,
    event: &Event,
    trial: &Trial<'_>,
    keys: &mut HashSet<(TenantId, RuleId, Vec<Entity>)>,
    report: &mut TrialReport,
) {
    if !trial.checked.logsources().iter().any(|logsource| reaches(logsource, &event.envelope.logsource)) {
        return;
    }
    for finding in engine.observe(std::slice::from_ref(event), event.arrival) {
        if !trial.checked.has(&finding.rule.id) {
            continue;
        }
        report.matched += 1;
        *report.per_day.entry(finding.time.as_micros().div_euclid(DAY_US)).or_default() += 1;
        if keys.len() < KEYS_MAX {
            keys.insert((finding.tenant.clone(), finding.rule.id.clone(), finding.key.clone()));
        }
        if report.samples.len() < trial.samples_max.min(TRIAL_SAMPLES_MAX) {
            report.samples.push(finding);
        }
    }
}

/// Cuts the span so that few events are held at a time, and leaves out the oldest where there are too many.
fn slices(
    events: &dyn EventStore,
    trial: &Trial<'_>,
    filter: &Filter,
    budget: &SearchBudget,
    report: &mut TrialReport,
) -> Result<Vec<(Timestamp, Timestamp)>, SearchError> {
    let span = trial.until.since(trial.from);
    let interval = Duration::from_secs((span.as_secs() / INTERVALS).max(1));
    let request = HistogramRequest {
        tenants: trial.tenants.to_vec(),
        filter: filter.clone(),
        from: Some(trial.from),
        until: Some(trial.until),
        interval: Interval::Fixed(interval),
    };
    let histogram = events.histogram(&request, budget)?;
    report.total = histogram.total;
    report.skipped.extend(histogram.skipped);
    let mut taken = 0;
    let mut slices: Vec<(Timestamp, Timestamp, u64)> = Vec::new();
    for bucket in histogram.buckets.iter().rev().filter(|bucket| bucket.count > 0) {
        if taken > 0 && taken + bucket.count > TRIAL_EVENTS_MAX {
            report.stopped = Some(TrialStop::Events);
            break;
        }
        taken += bucket.count;
        let (from, until) = (bucket.start.max(trial.from), bucket.start.plus(interval).min(trial.until));
        match slices.last_mut() {
            Some(last) if last.2 + bucket.count <= SLICE_EVENTS => {
                last.0 = from;
                last.2 += bucket.count;
            }
            _ => slices.push((from, until, bucket.count)),
        }
    }
    slices.reverse();
    report.began = slices.first().map(|slice| slice.0);
    Ok(slices.into_iter().map(|(from, until, _)| (from, until)).collect())
}

/// Returns the events of a slice, oldest first, or `None` where they are too large.
fn read(
    events: &dyn EventStore,
    trial: &Trial<'_>,
    (filter, from, until): (&Filter, Timestamp, Timestamp),
    budget: &SearchBudget,
    skipped: &mut Vec<Skipped>,
) -> Result<Option<Vec<StoredEvent>>, SearchError> {
    let mut request = SearchRequest {
        tenants: trial.tenants.to_vec(),
        filter: filter.clone(),
        from: Some(from),
        until: Some(until),
        limit: Page::LIMIT_MAX,
        cursor: None,
    };
    let mut found: Vec<StoredEvent> = Vec::new();
    let mut bytes = 0;
    loop {
        let page = events.search(&request, budget)?;
        skipped.extend(page.skipped);
        bytes += page.events.iter().map(|event| event.native.len() + 1_024).sum::<usize>();
        found.extend(page.events);
        if bytes > SLICE_BYTES_MAX {
            return Ok(None);
        }
        let Some(next) = page.next else { break };
        request.cursor = Some(next);
    }
    found.reverse();
    Ok(Some(found))
}

/// Returns a condition that no event fails which a rule of these logsources is shown. It may let others through: some
/// services and categories stand for several.
fn prefilter(logsources: &[Logsource]) -> Filter {
    let equal = |name: &str, part: &Option<std::sync::Arc<str>>| {
        let value = Value::Text(part.as_deref()?.to_owned());
        Some(Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value })
    };
    let each = logsources.iter().map(|logsource| {
        let is_several = logsource.category.as_deref() == Some("registry_event");
        let service = logsource.service.as_deref() != Some("auth");
        let parts = [
            equal("product", &logsource.product),
            equal("category", &logsource.category).filter(|_| !is_several),
            equal("service", &logsource.service).filter(|_| service),
        ];
        let parts: Vec<Filter> = parts.into_iter().flatten().collect();
        if parts.is_empty() { Filter::All } else { Filter::And(parts) }
    });
    let each: Vec<Filter> = each.collect();
    if each.is_empty() || each.contains(&Filter::All) { Filter::All } else { Filter::Or(each) }
}
