//! What the rules of a logsource need, by field, looked for all at once.

use std::collections::HashMap;

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use rustc_hash::FxHashMap;

use super::needs::Needs;
use crate::matcher::{FieldId, FieldTable, Item, Leaf, Need, Number, Scalar, Scan};
use crate::rules::Rule;

/// From here on a float may stand for more than one whole number.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Up to how many bytes of texts become a DFA: it is faster on long values, such as scripts, and takes some hundred bytes for each
/// of these.
const DFA_BYTES_MAX: usize = 16 * 1024;

/// The rules of a logsource by what they need.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Rules of which nothing can be said.
    always: Box<[u32]>,
    /// What is needed anywhere in the event.
    anywhere: Option<Anywhere>,
    fields: Box<[(FieldId, Sought)]>,
    /// The place of a field among these, by its number.
    places: Box<[Option<u32>]>,
    /// The places of fields that events may have by other than their own names.
    elsewhere: Box<[usize]>,
}

/// What is sought in one field.
#[derive(Debug)]
struct Sought {
    equal: FxHashMap<Box<str>, Rules>,
    whole: FxHashMap<i128, Rules>,
    /// Ends that are the last part of a path with the separator before it: most ends are names of programs.
    names: FxHashMap<Box<str>, Rules>,
    texts: Option<Texts<Places>>,
}

/// What stands between the parts of a path.
const SEPARATORS: [u8; 2] = [b'\\', b'/'];

/// What is sought in all texts of the event at once: whatever is needed, it stands somewhere in them.
#[derive(Debug)]
struct Anywhere {
    /// Tells in one step of many bytes whether there is any of the texts; few events have any.
    gate: Option<Searcher>,
    texts: Texts<Rules>,
}

type Rules = Box<[u32]>;

/// Texts, and what follows from each.
#[derive(Debug)]
struct Texts<T> {
    automaton: AhoCorasick,
    /// By the number of the pattern.
    of: Box<[T]>,
}

/// Which rules need a text, by where it must stand.
#[derive(Debug, Default)]
struct Places {
    start: Vec<u32>,
    end: Vec<u32>,
    inside: Vec<u32>,
}

/// Which rules need what, of one field.
type Needed = HashMap<Need, Vec<u32>>;

/// The rules that were found for one event after another, each once.
#[derive(Debug)]
pub(crate) struct Marks {
    /// The event for which a rule was found last.
    seen: Vec<u64>,
    event: u64,
    found: Vec<u32>,
}

impl Marks {
    /// Returns marks for so many rules.
    pub(crate) fn new(rules: usize) -> Self {
        Self { seen: vec![0; rules], event: 0, found: Vec::new() }
    }

    /// Turns to the next event.
    pub(crate) fn clear(&mut self) {
        self.event += 1;
        self.found.clear();
    }

    /// Adds rules, those that are there left out.
    pub(crate) fn add(&mut self, rules: &[u32]) {
        for rule in rules {
            let seen = &mut self.seen[*rule as usize];
            if *seen != self.event {
                *seen = self.event;
                self.found.push(*rule);
            }
        }
    }

    /// Returns the rules found for this event, in the order of loading.
    pub(crate) fn sorted(&mut self) -> &[u32] {
        self.found.sort_unstable();
        &self.found
    }
}

impl Candidates {
    /// Returns the index of these rules, given by their numbers.
    pub(crate) fn new(rules: &[Rule], items: &[Item], table: &FieldTable, numbers: &[u32]) -> Self {
        let needs = Needs::new(items, numbers.iter().map(|number| &rules[*number as usize].program));
        let mut always = Vec::new();
        let mut needed: HashMap<Option<FieldId>, Needed> = HashMap::new();
        for number in numbers {
            let Some(found) = needs.of(&rules[*number as usize].program) else {
                always.push(*number);
                continue;
            };
            for (field, need) in found {
                let rules = needed.entry(field).or_default().entry(need).or_default();
                if rules.last() != Some(number) {
                    rules.push(*number);
                }
            }
        }
        let mut index = Self { places: vec![None; table.len()].into(), ..Self::default() };
        let mut fields = Vec::with_capacity(needed.len());
        for (field, needed) in needed {
            let rules: Vec<u32> = needed.values().flatten().copied().collect();
            let built = match field {
                Some(field) => Sought::new(needed).map(|sought| fields.push((field, sought))),
                None => Anywhere::new(needed).map(|anywhere| index.anywhere = anywhere),
            };
            // Too much for an automaton.
            if built.is_err() {
                always.extend(rules);
            }
        }
        fields.sort_by_key(|(field, _)| *field);
        for (place, (field, _)) in (0..).zip(&fields) {
            index.places[field.0 as usize] = Some(place);
        }
        let elsewhere = fields.iter().enumerate().filter(|(_, (field, _))| !table.get(*field).is_plain());
        index.elsewhere = elsewhere.map(|(place, _)| place).collect();
        index.fields = fields.into();
        always.sort_unstable();
        always.dedup();
        index.always = always.into();
        index
    }

    /// Marks the rules that may match the event that a scan is turned to.
    pub(crate) fn mark(&self, scan: &mut Scan<'_, '_>, marks: &mut Marks) {
        marks.add(&self.always);
        if let Some(anywhere) = &self.anywhere {
            anywhere.mark(scan.words(), marks);
        }
        let mut mark = |scan: &mut Scan<'_, '_>, place: usize| {
            let (field, sought) = &self.fields[place];
            scan.values(*field).iter().for_each(|leaf| sought.mark(leaf, marks));
        };
        if scan.has_spaced() {
            return (0..self.fields.len()).for_each(|place| mark(scan, place));
        }
        for number in 0..scan.present().len() {
            let field = scan.present()[number];
            if let Some(place) = self.places[field.0 as usize] {
                mark(scan, place as usize);
            }
        }
        self.elsewhere.iter().for_each(|place| mark(scan, *place));
    }
}

impl<T> Texts<T> {
    /// Returns nothing where there is nothing to look for.
    fn new(texts: impl IntoIterator<Item = (Box<str>, T)>) -> Result<Option<Self>, BuildError> {
        let (texts, of): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
        if texts.is_empty() {
            return Ok(None);
        }
        let bytes = texts.iter().map(|text| text.as_bytes());
        let is_small = texts.iter().map(|text| text.len()).sum::<usize>() <= DFA_BYTES_MAX;
        let kind = if is_small { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(kind)).build(bytes)?;
        Ok(Some(Self { automaton, of: of.into() }))
    }

    /// Shows where which text stands, also where one stands in another.
    fn each(&self, text: &str, mut see: impl FnMut(&T, aho_corasick::Match)) {
        for found in self.automaton.find_overlapping_iter(text) {
            see(&self.of[found.pattern().as_usize()], found);
        }
    }
}

impl Sought {
    fn new(needed: Needed) -> Result<Self, BuildError> {
        let (mut equal, mut whole) = (FxHashMap::<Box<str>, Rules>::default(), FxHashMap::<i128, Rules>::default());
        let mut names = FxHashMap::<Box<str>, Rules>::default();
        let mut places: HashMap<Box<str>, Places> = HashMap::new();
        for (need, rules) in needed {
            match need {
                Need::Equal(text) => drop(equal.insert(text, rules.into())),
                Need::Whole(number) => drop(whole.insert(number, rules.into())),
                Need::End(text) if is_name(&text) => drop(names.insert(text, rules.into())),
                Need::Start(text) => places.entry(text).or_default().start = rules,
                Need::End(text) => places.entry(text).or_default().end = rules,
                Need::Inside(text) => places.entry(text).or_default().inside = rules,
            }
        }
        Ok(Self { equal, whole, names, texts: Texts::new(places)? })
    }

    fn mark(&self, leaf: &Leaf<'_>, marks: &mut Marks) {
        if !self.whole.is_empty() {
            self.mark_number(leaf, marks);
        }
        if self.equal.is_empty() && self.names.is_empty() && self.texts.is_none() {
            return;
        }
        let text = leaf.as_folded();
        if let Some(rules) = self.equal.get(text) {
            marks.add(rules);
        }
        if !self.names.is_empty() {
            for separator in SEPARATORS {
                if let Some(at) = memchr::memrchr(separator, text.as_bytes()) {
                    marks.add(self.names.get(&text[at..]).map_or(&[], |rules| rules));
                }
            }
        }
        let Some(texts) = &self.texts else { return };
        texts.each(text, |places, found| {
            marks.add(&places.inside);
            if found.start() == 0 {
                marks.add(&places.start);
            }
            if found.end() == text.len() {
                marks.add(&places.end);
            }
        });
    }

    fn mark_number(&self, leaf: &Leaf<'_>, marks: &mut Marks) {
        let number = match leaf.scalar {
            Scalar::Number(number) => Number::of_json(number),
            Scalar::Text(text) => Number::of_text(text),
            Scalar::Null | Scalar::Bool(_) | Scalar::Json(_) => None,
        };
        match number {
            None => {}
            Some(Number::Float(float)) if float.abs() >= EXACT_MAX => {
                self.whole.values().for_each(|rules| marks.add(rules));
            }
            Some(Number::Float(float)) if float.fract() != 0.0 => {}
            Some(Number::Float(float)) => self.mark_whole(float as i128, marks),
            Some(Number::Whole(whole)) => self.mark_whole(whole, marks),
        }
    }

    fn mark_whole(&self, whole: i128, marks: &mut Marks) {
        if let Some(rules) = self.whole.get(&whole) {
            marks.add(rules);
        }
    }
}

/// Tells whether a text is a separator and what has no other such: where a text ends with it, it is all from the last one on.
fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    SEPARATORS.iter().any(|separator| bytes.first() == Some(separator) && !bytes[1..].contains(separator))
}

impl Anywhere {
    /// Returns nothing where nothing is needed.
    fn new(needed: Needed) -> Result<Option<Self>, BuildError> {
        let mut texts: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        let mut always_found = Vec::new();
        for (need, rules) in needed {
            match need {
                // A number stands there in more than one way of writing it.
                Need::Whole(_) => always_found.extend(rules),
                Need::Equal(text) | Need::Start(text) | Need::End(text) | Need::Inside(text) => {
                    texts.entry(text).or_default().extend(rules);
                }
            }
        }
        // The end of a text, which every event has.
        if !always_found.is_empty() {
            texts.entry("\0".into()).or_default().extend(always_found);
        }
        let mut gate = packed::Config::new().builder();
        gate.extend(texts.keys().map(|text| text.as_bytes()));
        let gate = gate.build();
        let texts = Texts::new(texts.into_iter().map(|(text, rules)| (text, rules.into())))?;
        Ok(texts.map(|texts| Self { gate, texts }))
    }

    fn mark(&self, words: &str, marks: &mut Marks) {
        if self.gate.as_ref().is_none_or(|gate| gate.find(words).is_some()) {
            self.texts.each(words, |rules, _| marks.add(rules));
        }
    }
}
