//! What stands in every text that a regular expression fits.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::items::Kind;
use crate::matcher::{Need, fold};

/// How long a text must be, in bytes, to be worth looking for.
const TEXT_BYTES_MIN: usize = 3;

/// Returns what a text must have for the expression to fit, any of it, or `None` where nothing can be said. The expression is in
/// this engine's notation.
pub(super) fn needs(expression: &str, kind: Kind) -> Option<Vec<Need>> {
    let Kind::Regex { case_insensitive, multi_line, dot_all } = kind else { return None };
    let mut parser = ParserBuilder::new();
    parser.case_insensitive(case_insensitive).multi_line(multi_line).dot_matches_new_line(dot_all);
    let texts = required(&parser.build().parse(expression).ok()?)?;
    Some(texts.into_iter().map(|text| Need::Inside(text.into())).collect())
}

/// Returns folded texts of which one stands in every fit.
fn required(hir: &Hir) -> Option<Vec<String>> {
    if let Some(text) = only(hir) {
        return (text.len() >= TEXT_BYTES_MIN).then(|| vec![text]);
    }
    match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Alternation(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(required).collect();
            each.map(|texts| texts.concat())
        }
        HirKind::Concat(parts) => {
            let mut choices: Vec<Vec<String>> = Vec::new();
            let mut run = String::new();
            for part in parts {
                if let Some(text) = only(part) {
                    run.push_str(&text);
                } else {
                    choices.push(vec![std::mem::take(&mut run)]);
                    choices.extend(required(part));
                }
            }
            choices.push(vec![run]);
            let shortest = |texts: &Vec<String>| texts.iter().map(String::len).min().unwrap_or_default();
            choices.into_iter().filter(|texts| shortest(texts) >= TEXT_BYTES_MIN).max_by_key(shortest)
        }
        _ => None,
    }
}

/// Returns the one text, folded, that this fits, where it is one.
fn only(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| fold(text).into_owned()),
        HirKind::Class(Class::Unicode(class)) => {
            let mut letters = class.iter().flat_map(|range| range.start()..=range.end());
            let first = fold(letters.next()?.encode_utf8(&mut [0; 4])).into_owned();
            // A letter in both its cases is a class of two or three.
            letters.all(|letter| *fold(letter.encode_utf8(&mut [0; 4])) == *first).then_some(first)
        }
        HirKind::Capture(capture) => only(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(only).collect(),
        HirKind::Class(Class::Bytes(_)) | HirKind::Repetition(_) | HirKind::Alternation(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_of_a_text() {
        for (expression, expected) in [
            ("abc", Some(vec!["abc"])),
            ("ABC.*d", Some(vec!["abc"])),
            ("(?i)net1 +use", Some(vec!["net1"])),
            (r"ab.*cdef|ghij[0-9]", Some(vec!["cdef", "ghij"])),
            (r"ab.*cdef|g", None),
            (r"(abcd)?.*efg", Some(vec!["efg"])),
            (r"(abcd)+x", Some(vec!["abcd"])),
            (r"[cC][mM][dD].{0,5}/c", Some(vec!["cmd"])),
            (r"^\s*$", None),
            ("", None),
            // The long s is an s to the expression, and not to what folds letters.
            ("(?i)abscess", None),
            ("(?i)kelvin", Some(vec!["kelvin"])),
            ("ÉCOLE", Some(vec!["école"])),
            (r"a[bc]d[e]fg", Some(vec!["defg"])),
            (r"\babc\b.", Some(vec!["abc"])),
        ] {
            let kind = Kind::Regex { case_insensitive: false, multi_line: false, dot_all: false };
            let expected =
                expected.map(|texts| texts.iter().map(|text| Need::Inside((*text).into())).collect::<Vec<_>>());
            assert_eq!(needs(&super::super::regexes::translate(expression), kind), expected, "{expression}");
        }
    }
}
