//! Values as the matcher takes them, after the modifiers.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::RegexBuilder;
use rsigma_parser::SigmaValue;

use super::encode::Spelling;
use super::items::{Draft, Kind, Plan, join};
use super::{literals, regexes};
use crate::failure::{FailureCode, Refusal};
use crate::matcher::{Number, Pattern, Piece, TextsBuilder, Values};

/// The size that one compiled regular expression may have, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

pub(super) fn values(plan: &Plan, drafts: &[Draft]) -> Result<Values, Refusal> {
    let mut builder = TextsBuilder::default();
    let (mut whole, mut floats, mut truths, mut null) = (Vec::new(), Vec::new(), Vec::new(), false);
    for draft in drafts {
        match draft {
            Draft::Texts(spellings) => {
                for pieces in spellings {
                    builder.add(&join(decoded(pieces)?), !plan.cased);
                }
            }
            Draft::Plain(SigmaValue::Bool(truth)) => truths.push(*truth),
            Draft::Plain(SigmaValue::Null) => null = true,
            Draft::Plain(value) => match Number::of_rule(value) {
                Some(Number::Whole(number)) => whole.push(number),
                Some(Number::Float(number)) => floats.push(number),
                None => return Err(Refusal::new(FailureCode::InvalidValue, format!("`{value}` is not a number"))),
            },
        }
    }
    whole.sort_unstable();
    let texts = builder.build().ok_or_else(|| {
        Refusal::new(FailureCode::TooComplex, "the values are too many or too long to search for at once")
    })?;
    Ok(Values { cased: plan.cased, texts, whole: whole.into(), floats: floats.into(), truths: truths.into(), null })
}

/// Turns what an encoding left as bytes into text: events are text, so bytes that are none can never match.
fn decoded(pieces: &[Piece]) -> Result<Spelling, Refusal> {
    let decode = |piece: &Piece| match piece {
        Piece::Bytes(bytes) => String::from_utf8(bytes.clone()).map(Piece::Literal).map_err(|_| {
            let reason =
                "the value in 16-bit units is no text: put base64 or base64offset after wide, utf16 or utf16be";
            Refusal::new(FailureCode::InvalidValue, reason)
        }),
        piece => Ok(piece.clone()),
    };
    pieces.iter().map(decode).collect()
}

pub(super) fn numbers(drafts: &[Draft]) -> Result<Box<[Number]>, Refusal> {
    let number = |draft: &Draft| match draft {
        Draft::Plain(value) => Number::of_rule(value),
        Draft::Texts(spellings) => match spellings.as_slice() {
            [spelling] => match spelling.as_slice() {
                [Piece::Literal(text)] => Number::of_text(text),
                _ => None,
            },
            _ => None,
        },
    };
    let number = |draft| number(draft).ok_or_else(|| Refusal::new(FailureCode::InvalidValue, "takes a number"));
    drafts.iter().map(number).collect()
}

/// Returns the values as plain texts, refusing wildcards.
pub(super) fn texts(drafts: &[Draft]) -> impl Iterator<Item = Result<String, Refusal>> {
    drafts.iter().flat_map(|draft| match draft {
        Draft::Plain(SigmaValue::Null) => vec![Err(Refusal::new(FailureCode::InvalidValue, "takes a text, not null"))],
        Draft::Plain(value) => vec![Ok(value.to_string())],
        Draft::Texts(spellings) => spellings.iter().map(|pieces| plain(pieces)).collect(),
    })
}

fn plain(pieces: &[Piece]) -> Result<String, Refusal> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(part) => text.push_str(part),
            _ => return Err(Refusal::new(FailureCode::InvalidValue, "takes no wildcards")),
        }
    }
    Ok(text)
}

pub(super) fn regex(text: &str, kind: Kind) -> Result<Pattern, Refusal> {
    let Kind::Regex { case_insensitive, multi_line, dot_all } = kind else { unreachable!("called for regexes only") };
    let translated = regexes::translate(text);
    let expression = RegexBuilder::new(&translated)
        .case_insensitive(case_insensitive)
        .multi_line(multi_line)
        .dot_matches_new_line(dot_all)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|error| {
            Refusal::new(FailureCode::UnsupportedRegex, format!("`{text}`: {}", regexes::complaint(text, &error)))
        })?;
    Ok(Pattern::new(expression, literals::needs(&translated, kind)))
}

pub(super) fn network(text: &str) -> Result<IpNet, Refusal> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network
        .map(|network| network.trunc())
        .map_err(|_| Refusal::new(FailureCode::InvalidCidr, format!("`{text}` is not a network such as 192.0.2.0/24")))
}
