//! Patterns of `*` and `?` run over the index's dictionaries of terms.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tantivy::query::{AutomatonWeight, EnableScoring, Query, Weight};
use tantivy::schema::Field;
use tantivy_fst::Automaton;

use crate::SearchBudget;

/// How many bytes of text and wildcards a pattern may have.
pub(crate) const PATTERN_MAX: usize = 255;

/// Finds the rows that have a term like a pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternQuery {
    field: Field,
    pattern: Pattern,
    budget: SearchBudget,
}

impl PatternQuery {
    /// Returns the query, or `None` for a pattern that is too long.
    pub(crate) fn new(field: Field, pattern: &str, budget: &SearchBudget) -> Option<Self> {
        Some(Self { field, pattern: Pattern::new(pattern)?, budget: budget.clone() })
    }
}

impl Query for PatternQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let watched = Watched {
            pattern: self.pattern.clone(),
            budget: self.budget.clone(),
            steps: AtomicUsize::new(0),
            spent: AtomicBool::new(false),
        };
        Ok(Box::new(AutomatonWeight::new(self.field, watched)))
    }
}

/// A pattern that matches nothing more once the budget is spent: a dictionary may have millions of terms. Whoever drives
/// the query looks at the budget after it.
struct Watched {
    pattern: Pattern,
    budget: SearchBudget,
    steps: AtomicUsize,
    spent: AtomicBool,
}

impl Automaton for Watched {
    type State = Places;

    fn start(&self) -> Places {
        self.pattern.start()
    }

    fn is_match(&self, places: &Places) -> bool {
        self.pattern.is_match(places) && !self.spent.load(Ordering::Relaxed)
    }

    fn can_match(&self, places: &Places) -> bool {
        self.pattern.can_match(places) && !self.spent.load(Ordering::Relaxed)
    }

    fn will_always_match(&self, places: &Places) -> bool {
        self.pattern.will_always_match(places) && !self.spent.load(Ordering::Relaxed)
    }

    fn accept(&self, places: &Places, byte: u8) -> Places {
        // One thread walks a dictionary; a step lost to another would only delay a look.
        let steps = self.steps.load(Ordering::Relaxed).wrapping_add(1);
        self.steps.store(steps, Ordering::Relaxed);
        if steps.is_multiple_of(SearchBudget::ROWS_BETWEEN_LOOKS) && self.budget.look().is_err() {
            self.spent.store(true, Ordering::Relaxed);
        }
        self.pattern.accept(places, byte)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Byte(u8),
    /// One character, of however many bytes.
    One,
    /// Any run of characters.
    Many,
}

/// A pattern as an automaton that is in many places at once. Its cost is bounded by the pattern's length for each byte,
/// where a deterministic one of `*a??????????` would have thousands of states.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Vec<Step>);

/// The places in the pattern that may be next: one bit for each step, and one for the end.
type Places = [u64; 4];

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for byte in pattern.bytes() {
            let step = match byte {
                b'*' => Step::Many,
                b'?' => Step::One,
                byte => Step::Byte(byte),
            };
            if step != Step::Many || steps.last() != Some(&Step::Many) {
                steps.push(step);
            }
        }
        (steps.len() <= PATTERN_MAX).then_some(Self(steps))
    }

    /// Returns whether a text is like the pattern.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let places = text.bytes().fold(self.start(), |places, byte| self.accept(&places, byte));
        self.is_match(&places)
    }

    /// Notes a place, and those that it reaches without a character.
    fn enter(&self, places: &mut Places, mut place: usize) {
        places[place / 64] |= 1 << (place % 64);
        while self.0.get(place) == Some(&Step::Many) {
            place += 1;
            places[place / 64] |= 1 << (place % 64);
        }
    }
}

impl Automaton for Pattern {
    type State = Places;

    fn start(&self) -> Places {
        let mut places = Places::default();
        self.enter(&mut places, 0);
        places
    }

    fn is_match(&self, places: &Places) -> bool {
        let end = self.0.len();
        places[end / 64] & (1 << (end % 64)) != 0
    }

    fn can_match(&self, places: &Places) -> bool {
        *places != Places::default()
    }

    fn will_always_match(&self, places: &Places) -> bool {
        self.0.last() == Some(&Step::Many) && self.is_match(places)
    }

    fn accept(&self, places: &Places, byte: u8) -> Places {
        let continues = byte & 0xC0 == 0x80;
        let mut next = Places::default();
        for (index, &bits) in places.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let place = index * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // After a `?` the rest of its character follows.
                if continues && place > 0 && self.0[place - 1] == Step::One {
                    self.enter(&mut next, place);
                    continue;
                }
                match self.0.get(place) {
                    Some(Step::Byte(expected)) if *expected == byte => self.enter(&mut next, place + 1),
                    Some(Step::One) if !continues => self.enter(&mut next, place + 1),
                    Some(Step::Many) => self.enter(&mut next, place),
                    _ => {}
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = Pattern::new(pattern).unwrap();
        assert_eq!(pattern.matches(text), expected, "{pattern:?} on {text:?}");
    }

    #[test]
    fn patterns() {
        check("mimi*", "mimikatz", true);
        check("mimi*", "mimi", true);
        check("*katz", "mimikatz", true);
        check("*kat", "mimikatz", false);
        check("m?m?*z", "mimikatz", true);
        check("?", "é", true);
        check("??", "é", false);
        check("?é", "東é", true);
        check("a?", "a", false);
        check("a??c", "a東bc", true);
        check("*?*", "", false);
        check("", "", true);
        check("", "a", false);
        check("*", "", true);
        check(&format!("*a{}", "?".repeat(200)), &format!("{}a{}", "b".repeat(300), "a".repeat(200)), true);
    }

    #[test]
    fn the_limit() {
        assert!(Pattern::new(&"a".repeat(PATTERN_MAX)).is_some());
        assert!(Pattern::new(&"a".repeat(PATTERN_MAX + 1)).is_none());
        assert!(Pattern::new(&"*".repeat(10_000)).is_some());
    }
}
