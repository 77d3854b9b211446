//! The events of one correlation, tenant and group, and the windows that slide over them.
//!
//! Entries are kept in the order of event time; those of one time in the order of arrival. A window ends at an entry and
//! reaches back over the correlation's timespan, its far edge left out: `(time - timespan, time]`. It is judged when an
//! entry comes in, and so are the later windows that hold the entry where it came late.
//!
//! A finding is made where a window's condition holds and the window of the entry before did not, or lies outside: once,
//! until it has become false. `reported` marks the entries whose window held.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use vigie_model::{Entity, EventId, EventRef, Finding, Timestamp};

use crate::rules::{Correlation, CorrelationKind, WindowCondition};

/// The largest count that a correlation may ask for.
pub(crate) const THRESHOLD_MAX: u64 = 50_000;

/// How many entries a group keeps at least before the oldest are dropped.
const ENTRIES_MAX: usize = 10_000;

/// How much later than its window an event may arrive and still find those it belongs with.
pub(crate) const LATENESS_MAX: Duration = Duration::from_mins(15);

/// What an entry costs besides what it points to, in bytes.
const ENTRY_BYTES: usize = 112;

/// What a group costs besides its entries, in bytes.
const GROUP_BYTES: usize = 256;

/// Something that a rule found, in a group.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) arrival: Timestamp,
    /// The event, or the finding of a correlation below.
    pub(crate) id: EventId,
    /// Which of the correlation's rules found it.
    pub(crate) position: u16,
    pub(crate) value: EntryValue,
    /// Whether the condition held of the window that ends here.
    pub(crate) reported: bool,
    /// What a finding tells of it; forgotten once it is too far back to be told.
    pub(crate) seen: Option<Arc<Seen>>,
}

/// What is counted or added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EntryValue {
    None,
    Text(Arc<str>),
    Number(f64),
}

/// What a finding tells of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// The event, or those of the finding.
    pub(crate) events: Vec<EventRef>,
    pub(crate) entities: Vec<Entity>,
}

/// The entries of one correlation, tenant and group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The group-by values as first seen.
    pub(crate) shown: Vec<String>,
    /// The same as entities.
    pub(crate) key: Vec<Entity>,
    pub(crate) entries: VecDeque<Entry>,
    /// When the group last took an entry: the latest arrival.
    pub(crate) touched: Timestamp,
    /// Roughly what it holds, in bytes.
    pub(crate) bytes: usize,
    tally: Option<Tally>,
}

/// A window of which the condition came to hold: the places of its first and last entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// What came of an entry.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) held: Option<Held>,
    /// Entries dropped because the group was full.
    pub(crate) dropped: u64,
}

/// Running figures of the window that ends at an entry.
#[derive(Debug, Clone, Default)]
struct Tally {
    first: usize,
    last: usize,
    texts: HashMap<Arc<str>, u32>,
    rules: Vec<u32>,
}

impl Group {
    pub(crate) fn new(shown: Vec<String>, key: Vec<Entity>) -> Self {
        let texts: usize = shown.iter().map(String::len).chain(key.iter().map(|entity| entity.value.len() + 40)).sum();
        let bytes = GROUP_BYTES + texts;
        Self { shown, key, entries: VecDeque::new(), touched: Timestamp::MIN, bytes, tally: None }
    }

    /// Puts an entry back that a snapshot held, in order.
    pub(crate) fn restore(&mut self, entry: Entry) {
        self.bytes += entry.bytes();
        self.touched = self.touched.max(entry.arrival);
        self.entries.push_back(entry);
    }

    /// Takes an entry and judges the windows that hold it.
    pub(crate) fn take(&mut self, entry: Entry, correlation: &Correlation) -> Taken {
        let mut taken = Taken::default();
        self.expire(&entry, correlation.window);
        self.touched = self.touched.max(entry.arrival);
        if self.knows(&entry, correlation.kind) {
            return taken;
        }
        let time = entry.time;
        let place = self.entries.partition_point(|other| other.time <= time);
        let in_order = place == self.entries.len();
        if !in_order {
            self.tally = None;
        }
        self.bytes += entry.bytes();
        self.entries.insert(place, entry);
        if in_order {
            self.forget_untold();
        }
        let mut place = place;
        while self.entries.len() > entries_max(&correlation.condition) {
            self.pop_front();
            taken.dropped += 1;
            match place.checked_sub(1) {
                Some(earlier) => place = earlier,
                None => return taken,
            }
        }
        taken.held = self.judge_from(place, correlation);
        taken
    }

    /// Drops what is too old to matter to what comes in, from the front: what arrived long ago *and* happened long before.
    /// Neither alone will do. Events may claim any time, and a clock that is set forward by a day makes everything look as if
    /// it had arrived long ago, in the middle of an attack.
    pub(crate) fn expire(&mut self, new: &Entry, window: Duration) {
        let [arrived, happened] = [new.arrival, new.time].map(|time| time.minus(window).minus(LATENESS_MAX));
        while self.entries.front().is_some_and(|entry| entry.arrival < arrived && entry.time < happened) {
            self.pop_front();
        }
    }

    fn pop_front(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        self.bytes -= entry.bytes();
        let keep = self.tally.as_mut().is_some_and(|tally| {
            if tally.first == 0 {
                if tally.last == 0 {
                    return false;
                }
                tally.remove(&entry);
            } else {
                tally.first -= 1;
            }
            tally.last -= 1;
            true
        });
        if !keep {
            self.tally = None;
        }
    }

    /// Tells whether this is a repeat: the same event again, as after a replay, or once more by way of another rule where
    /// the rules do not matter.
    fn knows(&self, entry: &Entry, kind: CorrelationKind) -> bool {
        let by_rule = matches!(kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
        let start = self.entries.partition_point(|other| other.time < entry.time);
        self.entries
            .range(start..)
            .take_while(|other| other.time == entry.time)
            .any(|other| other.id == entry.id && (!by_rule || other.position == entry.position))
    }

    /// Forgets what a finding would tell of the entry that has fallen out of the last [`Finding::EVENTS_MAX`].
    fn forget_untold(&mut self) {
        if let Some(place) = self.entries.len().checked_sub(Finding::EVENTS_MAX + 1) {
            let entry = &mut self.entries[place];
            let before = entry.bytes();
            entry.seen = None;
            self.bytes -= before - self.entries[place].bytes();
        }
    }

    fn judge_from(&mut self, place: usize, correlation: &Correlation) -> Option<Held> {
        let until = self.entries[place].time.plus(correlation.window);
        let mut held = None;
        let mut tally = self.tally.take();
        for last in place..self.entries.len() {
            if last > place && self.entries[last].time >= until {
                break;
            }
            let now = match tally.take() {
                Some(mut tally) if tally.last + 1 == last => {
                    tally.advance(&self.entries, last, correlation.window);
                    tally
                }
                _ => Tally::of(&self.entries, last, correlation),
            };
            let holds = self.holds(&now, correlation);
            if holds && !self.entries[last].reported && !self.is_told(last, correlation.window) && held.is_none() {
                held = Some(Held { first: now.first, last });
            }
            self.entries[last].reported = holds;
            tally = Some(now);
        }
        self.tally = tally.filter(|tally| tally.last + 1 == self.entries.len());
        held
    }

    /// Tells whether an entry next to this one, within the window, belongs to a run that was reported.
    fn is_told(&self, place: usize, window: Duration) -> bool {
        let near = |a: &Entry, b: &Entry| b.time.since(a.time) < window;
        let before = place.checked_sub(1).map(|before| &self.entries[before]);
        before.is_some_and(|before| before.reported && near(before, &self.entries[place]))
            || self.entries.get(place + 1).is_some_and(|after| after.reported && near(&self.entries[place], after))
    }

    fn holds(&self, tally: &Tally, correlation: &Correlation) -> bool {
        let entries = || self.entries.range(tally.first..=tally.last);
        let numbers = || {
            entries().filter_map(|entry| match entry.value {
                EntryValue::Number(number) => Some(number),
                _ => None,
            })
        };
        if let WindowCondition::Fired(fired) = &correlation.condition {
            return fired.holds(&|position| tally.rules.get(usize::from(position)).is_some_and(|count| *count > 0));
        }
        let figure = match correlation.kind {
            CorrelationKind::EventCount => (tally.last - tally.first + 1) as f64,
            CorrelationKind::ValueCount => tally.texts.len() as f64,
            CorrelationKind::Temporal => tally.rules.iter().filter(|count| **count > 0).count() as f64,
            CorrelationKind::TemporalOrdered => steps(entries(), correlation.rules).into(),
            CorrelationKind::ValueSum => numbers().sum(),
            CorrelationKind::ValueAverage => numbers().sum::<f64>() / numbers().count() as f64,
            CorrelationKind::ValuePercentile(rank) => percentile(numbers().collect(), rank),
        };
        correlation.condition.fits(figure)
    }
}

/// Returns how many of the rules fired one after the other, in their order, each on an event of its own.
fn steps<'a>(entries: impl Iterator<Item = &'a Entry>, rules: u16) -> u16 {
    let mut step = 0;
    let mut last: Option<EventId> = None;
    for entry in entries {
        if step < rules && entry.position == step && last != Some(entry.id) {
            step += 1;
            last = Some(entry.id);
        }
    }
    step
}

/// Returns the value of the nearest rank; of no values it is not a number, which no condition but `neq` fits.
fn percentile(mut numbers: Vec<f64>, rank: u8) -> f64 {
    if numbers.is_empty() {
        return f64::NAN;
    }
    let place = (usize::from(rank) * numbers.len()).div_ceil(100).max(1) - 1;
    *numbers.select_nth_unstable_by(place, f64::total_cmp).1
}

fn entries_max(condition: &WindowCondition) -> usize {
    let asked = match condition {
        WindowCondition::Compare(comparisons) => comparisons.iter().map(|(_, number)| *number as usize).max(),
        WindowCondition::Fired(_) => None,
    };
    // Four times what is asked for, so that the count can be seen to pass the upper end of a range.
    asked.unwrap_or(0).min(THRESHOLD_MAX as usize).saturating_mul(4).max(ENTRIES_MAX)
}

impl Entry {
    fn bytes(&self) -> usize {
        let value = match &self.value {
            EntryValue::Text(text) => text.len() + 16,
            EntryValue::None | EntryValue::Number(_) => 0,
        };
        ENTRY_BYTES + value + self.seen.as_ref().map_or(0, |seen| seen.bytes())
    }
}

impl Seen {
    fn bytes(&self) -> usize {
        let events: usize = self.events.iter().map(|event| 80 + event.message.len()).sum();
        let entities: usize = self.entities.iter().map(|entity| 40 + entity.value.len()).sum();
        64 + events + entities
    }
}

impl Tally {
    /// Counts the window that ends at an entry from nothing.
    fn of(entries: &VecDeque<Entry>, last: usize, correlation: &Correlation) -> Self {
        let start = entries[last].time.minus(correlation.window);
        let first = entries.partition_point(|entry| entry.time <= start);
        let mut tally = Self { first, last, texts: HashMap::new(), rules: vec![0; usize::from(correlation.rules)] };
        for entry in entries.range(first..=last) {
            tally.add(entry);
        }
        tally
    }

    /// Moves on to the window that ends at the next entry.
    fn advance(&mut self, entries: &VecDeque<Entry>, last: usize, window: Duration) {
        self.last = last;
        self.add(&entries[last]);
        let start = entries[last].time.minus(window);
        while entries[self.first].time <= start {
            let entry = &entries[self.first];
            self.first += 1;
            self.remove(entry);
        }
    }

    fn add(&mut self, entry: &Entry) {
        if let Some(count) = self.rules.get_mut(usize::from(entry.position)) {
            *count += 1;
        }
        if let EntryValue::Text(text) = &entry.value {
            *self.texts.entry(Arc::clone(text)).or_default() += 1;
        }
    }

    fn remove(&mut self, entry: &Entry) {
        if let Some(count) = self.rules.get_mut(usize::from(entry.position)) {
            *count = count.saturating_sub(1);
        }
        if let EntryValue::Text(text) = &entry.value
            && let Some(count) = self.texts.get_mut(text)
        {
            *count -= 1;
            if *count == 0 {
                self.texts.remove(text);
            }
        }
    }
}

/// What a finding tells of a window.
#[derive(Debug)]
pub(crate) struct Told {
    /// The last of its events, oldest first, at most [`Finding::EVENTS_MAX`].
    pub(crate) events: Vec<EventRef>,
    pub(crate) entities: Vec<Entity>,
    /// How many events there were.
    pub(crate) count: u64,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Group {
    /// Returns what to tell of a window: the last of its events, and who and what they are about.
    pub(crate) fn tell(&self, held: Held) -> Told {
        let (mut events, mut entities) = (Vec::new(), Vec::new());
        let mut known: HashSet<EventId> = HashSet::new();
        let mut ids: HashSet<EventId> = HashSet::new();
        for entry in self.entries.range(held.first..=held.last).rev() {
            ids.insert(entry.id);
            let Some(seen) = &entry.seen else { continue };
            entities.extend(seen.entities.iter().cloned());
            for event in seen.events.iter().rev() {
                if events.len() < Finding::EVENTS_MAX && known.insert(event.id) {
                    events.push(event.clone());
                }
            }
        }
        events.reverse();
        entities.sort();
        entities.dedup();
        let (first, last) = (self.entries[held.first].time, self.entries[held.last].time);
        Told { count: (ids.len() as u64).max(events.len() as u64), events, entities, first, last }
    }
}
