//! Texts with wildcards: `*` is any run of characters, `?` exactly one.

/// One part of a text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Piece {
    /// Just this text.
    Literal(String),
    /// Just these bytes: what an encoding modifier made, not yet text.
    Bytes(Vec<u8>),
    /// `?`: one character.
    One,
    /// `*`: any run of characters, also none.
    Any,
}

/// A compiled text with wildcards: the parts between the `*`s.
#[derive(Debug, Clone)]
pub(crate) struct Glob {
    /// Parts in order; with `*` between each two.
    segments: Box<[Segment]>,
    starts_anywhere: bool,
    ends_anywhere: bool,
}

/// Literal runs, each led by so many single characters, then so many at the end.
#[derive(Debug, Clone, Default)]
struct Segment {
    runs: Vec<(usize, Box<str>)>,
    tail: usize,
}

impl Glob {
    /// Returns the matcher of these parts, which hold no bytes.
    pub(crate) fn new(pieces: &[Piece]) -> Self {
        let mut segments = vec![Segment::default()];
        for piece in pieces {
            let last = segments.last_mut().expect("begins with one and never shrinks");
            match piece {
                Piece::Any => segments.push(Segment::default()),
                Piece::One => last.tail += 1,
                Piece::Literal(text) => last.push(text),
                Piece::Bytes(bytes) => last.push(&String::from_utf8_lossy(bytes)),
            }
        }
        let starts_anywhere = matches!(pieces.first(), Some(Piece::Any));
        let ends_anywhere = matches!(pieces.last(), Some(Piece::Any));
        segments.retain(|segment| !segment.is_empty());
        Self { segments: segments.into(), starts_anywhere, ends_anywhere }
    }

    /// Returns the longest text that stands in all that fits, or `None` for wildcards alone.
    pub(crate) fn longest(&self) -> Option<&str> {
        let runs = self.segments.iter().flat_map(|segment| &segment.runs);
        runs.map(|(_, run)| run.as_ref()).max_by_key(|run| run.len())
    }

    /// Tells whether the whole text fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((last, leading)) = self.segments.split_last() else {
            return text.is_empty() || self.starts_anywhere;
        };
        let mut rest = text;
        for (index, segment) in leading.iter().enumerate() {
            // The leftmost fit is always as good as any later one, since only `*` follows.
            let fit = if index == 0 && !self.starts_anywhere { segment.at_start(rest) } else { segment.find(rest) };
            match fit {
                Some(end) => rest = &rest[end..],
                None => return false,
            }
        }
        let anchored = leading.is_empty() && !self.starts_anywhere;
        match (anchored, self.ends_anywhere) {
            (true, true) => last.at_start(rest).is_some(),
            (true, false) => last.at_start(rest) == Some(rest.len()),
            (false, true) => last.find(rest).is_some(),
            (false, false) => last.at_end(rest),
        }
    }
}

impl Segment {
    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some((_, run)) if self.tail == 0 => *run = format!("{run}{text}").into(),
            _ => self.runs.push((std::mem::take(&mut self.tail), text.into())),
        }
    }

    fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.tail == 0
    }

    /// Returns where the segment ends when it begins at the start of the text.
    fn at_start(&self, text: &str) -> Option<usize> {
        let mut at = 0;
        for (skip, run) in &self.runs {
            at += characters(&text[at..], *skip)?;
            at += text[at..].starts_with(run.as_ref()).then_some(run.len())?;
        }
        Some(at + characters(&text[at..], self.tail)?)
    }

    fn at_end(&self, text: &str) -> bool {
        let wanted: usize = self.runs.iter().map(|(skip, run)| skip + run.chars().count()).sum::<usize>() + self.tail;
        if wanted == 0 {
            return true;
        }
        let start = text.char_indices().rev().nth(wanted - 1).map(|(start, _)| start);
        start.is_some_and(|start| self.at_start(&text[start..]) == Some(text.len() - start))
    }

    /// Returns where the leftmost fit ends.
    fn find(&self, text: &str) -> Option<usize> {
        let Some((skip, first)) = self.runs.first() else {
            return characters(text, self.tail);
        };
        // The first literal is searched for; `skip` characters must stand before it.
        let mut from = characters(text, *skip)?;
        while let Some(found) = text[from..].find(first.as_ref()) {
            let literal = from + found;
            let start = back(text, literal, *skip);
            if let Some(length) = self.at_start(&text[start..]) {
                return Some(start + length);
            }
            from = literal + text[literal..].chars().next().map_or(1, char::len_utf8);
        }
        None
    }
}

/// Returns how many bytes the first `count` characters take, or `None` where there are fewer.
fn characters(text: &str, count: usize) -> Option<usize> {
    if count == 0 {
        return Some(0);
    }
    text.char_indices().nth(count - 1).map(|(start, letter)| start + letter.len_utf8())
}

/// Returns the place `count` characters before `at`; there are that many.
fn back(text: &str, at: usize, count: usize) -> usize {
    if count == 0 {
        return at;
    }
    text[..at].char_indices().rev().nth(count - 1).map_or(0, |(start, _)| start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The obvious matcher, to judge the other by.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some(('?', rest)) => text.split_first().is_some_and(|(_, text)| naive(rest, text)),
            Some((letter, rest)) => {
                text.split_first().is_some_and(|(first, text)| first == letter && naive(rest, text))
            }
        }
    }

    fn pieces(pattern: &str) -> Vec<Piece> {
        pattern
            .chars()
            .map(|letter| match letter {
                '*' => Piece::Any,
                '?' => Piece::One,
                letter => Piece::Literal(letter.to_string()),
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn agrees_with_the_obvious_matcher(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
            let expected = naive(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
            prop_assert_eq!(Glob::new(&pieces(&pattern)).matches(&text), expected);
        }
    }
}
