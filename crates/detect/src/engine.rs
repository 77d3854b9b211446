//! Events in, findings out.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use vigie_model::{Entity, Event, EventId, EventRef, FieldMatch, Finding, FindingKind, Timestamp};

use crate::candidates::Marks;
use crate::matcher::{Field, Number, Scan};
use crate::names;
use crate::route::Router;
use crate::rules::{Correlation, CorrelationKind, Feed, Rule, RuleSet, Rules};
use crate::snapshot::{self, Remembered, RestoreError};
use crate::state::{GroupKey, State};
use crate::window::{Entry, EntryValue, Seen, Told};

/// How far past its arrival an event may be dated before its arrival counts instead.
const AHEAD_MAX: Duration = Duration::from_hours(24);

/// How many fields an explanation names.
const MATCHES_MAX: usize = 16;

/// How many entities of one event are kept for a finding.
const ENTITIES_MAX: usize = 64;

/// How long the line of an event is that a finding carries, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 1_024;

/// How much an [`Engine`] may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineLimits {
    /// Correlation state, in bytes, roughly; past it the groups that were touched the longest ago are dropped.
    pub state_bytes_max: usize,
}

impl Default for EngineLimits {
    /// 256 MiB.
    fn default() -> Self {
        Self { state_bytes_max: 256 << 20 }
    }
}

/// What an [`Engine`] has seen since it was made, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EngineCounters {
    /// Events observed.
    pub events: u64,
    /// Times a rule was judged: most rules cannot match an event, and are left out.
    pub judged: u64,
    /// Times a rule matched an event, also where that makes no finding of its own.
    pub matches: u64,
    /// Findings made.
    pub findings: u64,
    /// Correlation groups held now.
    pub groups: u64,
    /// Bytes of correlation state held now, roughly.
    pub state_bytes: u64,
    /// Correlation groups dropped for want of room.
    pub groups_evicted: u64,
    /// Events dropped from full correlation groups.
    pub entries_evicted: u64,
    /// Matches left out of a correlation because the event lacks a group-by field or the value to count.
    pub ungrouped: u64,
    /// Events dated more than a day past their arrival, taken as of their arrival.
    pub times_clamped: u64,
}

/// Shows events to rules and keeps what correlations remember. It makes the same findings, with the same ids, of the
/// same events however they are cut into batches.
#[derive(Debug)]
pub struct Engine {
    rules: RuleSet,
    router: Router,
    state: State,
    counters: EngineCounters,
    /// Whether rules are judged that cannot match.
    judges_all: bool,
}

/// Something that a rule found, on its way to the correlations that rest on the rule.
#[derive(Debug, Clone)]
struct Occurrence<'e> {
    /// The event, or the last one of a correlation's finding.
    event: &'e Event,
    time: Timestamp,
    id: EventId,
    seen: Arc<Seen>,
    /// The group of the correlation that found it: its names and values.
    group: Vec<(String, String)>,
}

impl Engine {
    /// Returns an engine with these rules, with nothing remembered, that holds 256 MiB of state at most.
    pub fn new(rules: RuleSet) -> Self {
        Self::with_limits(rules, EngineLimits::default())
    }

    /// Returns an engine with these rules and limits.
    pub fn with_limits(rules: RuleSet, limits: EngineLimits) -> Self {
        let state = State::new(rules.0.correlations.len(), limits.state_bytes_max);
        Self { rules, router: Router::default(), state, counters: EngineCounters::default(), judges_all: false }
    }

    /// Returns an engine that judges every rule of an event's logsource, also those that cannot match. It finds the same and
    /// takes longer: what the index of candidates is tested and measured against.
    pub fn judging_all(rules: RuleSet) -> Self {
        Self { judges_all: true, ..Self::new(rules) }
    }

    /// Returns the rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Returns what was seen so far.
    pub fn counters(&self) -> EngineCounters {
        EngineCounters {
            groups: self.state.count() as u64,
            state_bytes: self.state.bytes() as u64,
            groups_evicted: self.state.groups_evicted,
            entries_evicted: self.state.entries_evicted,
            ..self.counters
        }
    }

    /// Shows events to the rules, in order, and returns the findings in the order of the events; for each event first
    /// those of rules in the order of loading, each followed by those of the correlations that rest on it. `now` serves
    /// to forget what is over; the windows of correlations go by the events' own times.
    pub fn observe(&mut self, batch: &[Event], now: Timestamp) -> Vec<Finding> {
        let set = self.rules.clone();
        let rules = &*set.0;
        let mut scan = Scan::new(&rules.fields, &rules.items);
        let mut marks = Marks::new(rules.rules.len());
        let mut findings = Vec::new();
        for event in batch {
            self.counters.events += 1;
            scan.turn_to(event.document.fields());
            marks.clear();
            for shelf in &*self.router.shelves(&rules.routes, &event.envelope.logsource) {
                let shelf = rules.routes.shelf(*shelf);
                if self.judges_all {
                    marks.add(shelf.rules());
                } else {
                    shelf.candidates(rules).mark(&mut scan, &mut marks);
                }
            }
            for index in marks.sorted() {
                self.counters.judged += 1;
                let rule = &rules.rules[*index as usize];
                if rule.program.matches(&mut scan) {
                    self.found(rules, rule, event, &mut scan, &mut findings);
                }
            }
            self.state.tidy(rules, now);
        }
        self.counters.findings += findings.len() as u64;
        findings
    }

    /// Replaces the rules. Correlations that are the same as before, and rest on the same rules, go on where they were;
    /// what the others remember is dropped.
    pub fn replace_rules(&mut self, rules: RuleSet) {
        let mut state = State::new(rules.0.correlations.len(), self.state.bytes_max());
        state.groups_evicted = self.state.groups_evicted;
        state.entries_evicted = self.state.entries_evicted;
        let kept = std::mem::take(&mut self.state.groups);
        for (correlation, groups) in self.rules.0.correlations.iter().zip(kept) {
            let same = |other: &Correlation| {
                other.core.fingerprint == correlation.core.fingerprint
                    && other.core.summary.id == correlation.core.summary.id
            };
            if let Some(index) = rules.0.correlations.iter().position(same) {
                for (key, group) in groups {
                    state.put(index, key, group);
                }
            }
        }
        *self = Self { rules, router: Router::default(), state, ..*self };
    }

    /// Returns what the correlations remember, as bytes that [`Self::restore`] takes, also in later releases.
    pub fn snapshot(&self) -> Vec<u8> {
        self.remembered().to_bytes()
    }

    /// Returns what the correlations remember, to be written down while the engine goes on.
    pub fn remembered(&self) -> Remembered {
        Remembered { rules: self.rules.clone(), groups: self.state.groups.clone() }
    }

    /// Takes up what [`Self::snapshot`] returned, in place of what is remembered. State of correlations that changed
    /// since, or are gone, is left out.
    ///
    /// # Errors
    /// Bytes that are no snapshot, of a later version, or damaged; then nothing changes.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = snapshot::read(state, &self.rules.0, self.state.bytes_max())?;
        Ok(())
    }

    fn found<'e>(
        &mut self,
        rules: &Rules,
        rule: &Rule,
        event: &'e Event,
        scan: &mut Scan<'_, 'e>,
        findings: &mut Vec<Finding>,
    ) {
        self.counters.matches += 1;
        let time = self.time_of(event);
        let mut matches = Vec::new();
        for item in rule.program.reasons(scan) {
            scan.explain(item, &mut matches, MATCHES_MAX);
        }
        let seen = Seen { events: vec![reference(event)], entities: entities(event) };
        if !rule.core.silent {
            findings.push(single(rule, event, time, &seen, matches.clone()));
        }
        if rule.core.feeds.is_empty() {
            return;
        }
        let occurrence = Occurrence { event, time, id: event.id, seen: Arc::new(seen), group: Vec::new() };
        let mut waiting: Vec<(Feed, Occurrence<'e>)> =
            rule.core.feeds.iter().rev().map(|feed| (*feed, occurrence.clone())).collect();
        while let Some((feed, occurrence)) = waiting.pop() {
            let correlation = &rules.correlations[feed.correlation];
            let Some((finding, group)) = self.correlate(rules, feed, &occurrence, &matches) else { continue };
            let seen = Seen { events: finding.events.clone(), entities: finding.entities.clone() };
            let id = EventId::from_bytes(*finding.id.as_bytes());
            let next = Occurrence { event, time: finding.time, id, seen: Arc::new(seen), group };
            waiting.extend(correlation.core.feeds.iter().rev().map(|feed| (*feed, next.clone())));
            if !correlation.core.silent {
                findings.push(finding);
            }
        }
    }

    /// Shows something found to a correlation, and returns the correlation's own finding with its group.
    fn correlate(
        &mut self,
        rules: &Rules,
        feed: Feed,
        occurrence: &Occurrence<'_>,
        matches: &[FieldMatch],
    ) -> Option<(Finding, Vec<(String, String)>)> {
        let correlation = &rules.correlations[feed.correlation];
        let position = usize::from(feed.position);
        let Some((shown, value)) = grouped(correlation, position, occurrence) else {
            self.counters.ungrouped += 1;
            return None;
        };
        let event = occurrence.event;
        let entry = Entry {
            time: occurrence.time,
            arrival: event.arrival,
            id: occurrence.id,
            position: feed.position,
            value,
            reported: false,
            seen: Some(Arc::clone(&occurrence.seen)),
        };
        let key = GroupKey::new(&event.tenant, &shown);
        let entities = |shown: &[String]| {
            let names = correlation.group_by.iter().map(|(_, fields)| fields[position].name());
            let values = names.zip(shown).map(|(name, value)| names::entity(&occurrence.seen.entities, name, value));
            let mut key: Vec<Entity> = values.collect();
            key.sort();
            key.dedup();
            key
        };
        let (told, shown, key) = self.state.take(rules, feed.correlation, key, shown, entities, entry)?;
        let names = correlation.group_by.iter().map(|(name, _)| name.clone());
        let group: Vec<(String, String)> = names.zip(shown).collect();
        Some((several(correlation, occurrence, told, key, &group, matches), group))
    }

    /// Returns when an event happened, or when it arrived where it claims to be from more than a day after that.
    fn time_of(&mut self, event: &Event) -> Timestamp {
        if event.time > event.arrival.plus(AHEAD_MAX) {
            self.counters.times_clamped += 1;
            return event.arrival;
        }
        event.time
    }
}

/// Returns the group-by values and the value to count of something found, or `None` where one is missing.
fn grouped(
    correlation: &Correlation,
    position: usize,
    occurrence: &Occurrence<'_>,
) -> Option<(Vec<String>, EntryValue)> {
    let read = |(name, fields): &(String, Box<[Field]>)| {
        let field = &fields[position];
        let of_group = occurrence.group.iter().find(|(known, _)| known == name || known == field.name());
        of_group.map(|(_, value)| value.clone()).or_else(|| names::value(occurrence.event, field))
    };
    let shown: Vec<String> = correlation.group_by.iter().map(read).collect::<Option<_>>()?;
    let values: Vec<String> = correlation.fields.iter().map(read).collect::<Option<_>>()?;
    let value = match correlation.kind {
        CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => EntryValue::None,
        CorrelationKind::ValueCount => {
            // Lengths lead the values, so that ("a", "bc") and ("ab", "c") stay two.
            let folded = values.iter().map(|value| crate::matcher::fold(value));
            let text = match values.len() {
                1 => folded.collect::<String>(),
                _ => folded.fold(String::new(), |text, value| text + &value.len().to_string() + ":" + &value),
            };
            EntryValue::Text(text.into())
        }
        CorrelationKind::ValueSum | CorrelationKind::ValueAverage | CorrelationKind::ValuePercentile(_) => {
            EntryValue::Number(Number::of_text(values.first()?)?.as_f64())
        }
    };
    Some((shown, value))
}

fn reference(event: &Event) -> EventRef {
    EventRef {
        id: event.id,
        time: event.time,
        source: event.source.clone(),
        message: event.envelope.message.chars().take(MESSAGE_CHARACTERS_MAX).collect(),
    }
}

fn entities(event: &Event) -> Vec<Entity> {
    let mut entities: Vec<Entity> = event.entities.iter().take(ENTITIES_MAX).cloned().collect();
    entities.sort();
    entities.dedup();
    entities
}

fn key_or_default(key: Vec<Entity>, entities: &[Entity]) -> Vec<Entity> {
    if key.is_empty() { Finding::default_key(entities) } else { key }
}

fn single(rule: &Rule, event: &Event, time: Timestamp, seen: &Seen, matches: Vec<FieldMatch>) -> Finding {
    let summary = &rule.core.summary;
    let key = names::alert_key(event, &seen.entities, &rule.core.alert_key);
    Finding {
        id: Finding::id_of(&event.tenant, &summary.id, [&event.id]),
        tenant: event.tenant.clone(),
        kind: FindingKind::Rule,
        rule: Arc::clone(summary),
        time,
        first_time: time,
        events: seen.events.clone(),
        event_count: 1,
        key: key_or_default(key, &seen.entities),
        entities: seen.entities.clone(),
        matches,
    }
}

fn several(
    correlation: &Correlation,
    occurrence: &Occurrence<'_>,
    told: Told,
    group: Vec<Entity>,
    values: &[(String, String)],
    matches: &[FieldMatch],
) -> Finding {
    let summary = &correlation.core.summary;
    let event = occurrence.event;
    let chosen = names::alert_key(event, &occurrence.seen.entities, &correlation.core.alert_key);
    let key = if chosen.is_empty() { group } else { chosen };
    let of_group = values.iter().map(|(name, value)| FieldMatch { field: name.clone(), value: value.clone() });
    let mut explained: Vec<FieldMatch> = of_group.collect();
    explained.extend(matches.iter().filter(|found| values.iter().all(|(name, _)| *name != found.field)).cloned());
    explained.truncate(MATCHES_MAX);
    Finding {
        id: Finding::id_of(&event.tenant, &summary.id, told.events.iter().map(|event| &event.id)),
        tenant: event.tenant.clone(),
        kind: FindingKind::Correlation,
        rule: Arc::clone(summary),
        time: told.last,
        first_time: told.first,
        events: told.events,
        event_count: told.count,
        key: key_or_default(key, &told.entities),
        entities: told.entities,
        matches: explained,
    }
}
