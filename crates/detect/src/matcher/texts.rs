//! Many texts to look for at once.

use std::borrow::Cow;
use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem::Finder;

use super::fold::fold;
use super::glob::{Glob, Piece};
use super::need::Need;

/// How many texts are tried one by one before a table or automaton is worth its memory.
const FEW_MAX: usize = 4;

/// Texts of which any may fit. All are folded, or none is, as the caller chose.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    anything: bool,
    equal: Equal,
    starts: Box<[Box<str>]>,
    ends: Box<[Box<str>]>,
    contains: Contains,
    globs: Box<[Glob]>,
}

#[derive(Debug, Default)]
enum Equal {
    #[default]
    None,
    Few(Box<[Box<str>]>),
    Many(HashSet<Box<str>>),
}

#[derive(Debug, Default)]
enum Contains {
    #[default]
    None,
    Few(Box<[Finder<'static>]>),
    Many {
        texts: Box<[Box<str>]>,
        automaton: Box<AhoCorasick>,
    },
}

/// Collects what [`Texts`] is made of.
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder {
    anything: bool,
    equal: Vec<Box<str>>,
    starts: Vec<Box<str>>,
    ends: Vec<Box<str>>,
    contains: Vec<Box<str>>,
    globs: Vec<Glob>,
}

impl TextsBuilder {
    /// Adds a text with wildcards; `folded` as for all the others.
    pub(crate) fn add(&mut self, pieces: &[Piece], folded: bool) {
        let pieces: Vec<Piece> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) if folded => Piece::Literal(fold(text).into_owned()),
                piece => piece.clone(),
            })
            .collect();
        match pieces.as_slice() {
            [] => self.equal.push("".into()),
            [Piece::Literal(text)] => self.equal.push(text.as_str().into()),
            [Piece::Any] => self.anything = true,
            [Piece::Literal(text), Piece::Any] => self.starts.push(text.as_str().into()),
            [Piece::Any, Piece::Literal(text)] => self.ends.push(text.as_str().into()),
            [Piece::Any, Piece::Literal(text), Piece::Any] => self.contains.push(text.as_str().into()),
            pieces => self.globs.push(Glob::new(pieces)),
        }
    }

    /// Returns the matcher, or `None` where the texts to search for are too many or too long for an automaton.
    pub(crate) fn build(self) -> Option<Texts> {
        let equal = match self.equal.len() {
            0 => Equal::None,
            1..=FEW_MAX => Equal::Few(self.equal.into()),
            _ => Equal::Many(self.equal.into_iter().collect()),
        };
        let contains = match self.contains.len() {
            0 => Contains::None,
            1..=FEW_MAX => {
                Contains::Few(self.contains.iter().map(|text| Finder::new(text.as_bytes()).into_owned()).collect())
            }
            _ => {
                let texts = self.contains.iter().map(|text| text.as_bytes());
                // A DFA would be a little faster and a hundred times larger. Which fits is not asked, and of this kind packed
                // search for a few texts at once goes before it.
                let mut builder = AhoCorasick::builder();
                builder.kind(Some(AhoCorasickKind::ContiguousNFA)).match_kind(MatchKind::LeftmostFirst);
                let automaton = Box::new(builder.build(texts).ok()?);
                Contains::Many { texts: self.contains.into(), automaton }
            }
        };
        Some(Texts {
            anything: self.anything,
            equal,
            starts: self.starts.into(),
            ends: self.ends.into(),
            contains,
            globs: self.globs.into(),
        })
    }
}

impl Texts {
    /// Tells whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        !self.anything
            && matches!(self.equal, Equal::None)
            && self.starts.is_empty()
            && self.ends.is_empty()
            && matches!(self.contains, Contains::None)
            && self.globs.is_empty()
    }

    /// Tells whether any of the texts fits; the text is folded if they are.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.anything
            || self.equal.matches(text)
            || self.ends.iter().any(|end| text.ends_with(end.as_ref()))
            || self.starts.iter().any(|start| text.starts_with(start.as_ref()))
            || self.contains.matches(text)
            || self.globs.iter().any(|glob| glob.matches(text))
    }

    /// Returns what a text must have for any of these to fit, or `None` where nothing can be said.
    pub(crate) fn needs(&self) -> Option<Vec<Need>> {
        let text = |text: &str| (!text.is_empty()).then(|| Box::from(fold(text)));
        let mut needs = Vec::new();
        if self.anything {
            return None;
        }
        self.equal.each(&mut |equal| needs.push(Need::Equal(fold(equal).into())));
        for start in &self.starts {
            needs.push(Need::Start(text(start)?));
        }
        for end in &self.ends {
            needs.push(Need::End(text(end)?));
        }
        for inside in self.contains.texts() {
            needs.push(Need::Inside(text(&inside)?));
        }
        for glob in &self.globs {
            needs.push(Need::Inside(text(glob.longest()?)?));
        }
        Some(needs)
    }

    /// Returns roughly what a look costs, to try the cheap ones first.
    pub(crate) fn cost(&self) -> usize {
        let contains = match &self.contains {
            Contains::None => 0,
            Contains::Few(texts) => 20 * texts.len(),
            Contains::Many { .. } => 100,
        };
        2 + self.starts.len() + self.ends.len() + contains + 50 * self.globs.len()
    }
}

impl Equal {
    fn each(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::None => {}
            Self::Few(texts) => texts.iter().for_each(|text| see(text)),
            Self::Many(texts) => texts.iter().for_each(|text| see(text)),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::Few(texts) => texts.iter().any(|known| known.as_ref() == text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

impl Contains {
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::None => Vec::new(),
            Self::Few(texts) => texts.iter().map(|text| String::from_utf8_lossy(text.needle())).collect(),
            Self::Many { texts, .. } => texts.iter().map(|text| Cow::Borrowed(text.as_ref())).collect(),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::Few(texts) => texts.iter().any(|needle| needle.find(text.as_bytes()).is_some()),
            Self::Many { automaton, .. } => automaton.is_match(text),
        }
    }
}
