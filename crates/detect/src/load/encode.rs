//! Modifiers that make other texts of a value: dashes, encodings, placeholders.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::failure::{FailureCode, Refusal};
use crate::matcher::Piece;

/// How many spellings one value may have after `windash` and `expand`.
pub(crate) const SPELLINGS_MAX: usize = 10_000;

/// What `windash` takes for one another: hyphen, slash, en dash, em dash, horizontal bar.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A value as text with wildcards.
pub(crate) type Spelling = Vec<Piece>;

/// Returns every spelling of a value with its option dashes exchanged: a `-` or `/` that begins a word and follows none
/// (pySigma's `\B[-/]\b`).
pub(crate) fn windash(pieces: &[Piece]) -> Result<Vec<Spelling>, Refusal> {
    let mut spellings: Vec<Spelling> = vec![Vec::new()];
    for piece in pieces {
        let variants = match piece {
            Piece::Literal(text) => dashed(text)?.into_iter().map(Piece::Literal).collect(),
            piece => vec![piece.clone()],
        };
        if spellings.len() * variants.len() > SPELLINGS_MAX {
            return Err(too_many_spellings());
        }
        spellings = spellings
            .iter()
            .flat_map(|start| variants.iter().map(move |piece| start.iter().chain([piece]).cloned().collect()))
            .collect();
    }
    Ok(spellings)
}

fn dashed(text: &str) -> Result<Vec<String>, Refusal> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let letters: Vec<char> = text.chars().collect();
    let mut spellings = vec![String::new()];
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).is_some_and(|before| is_word(letters[before]));
        let after = letters.get(index + 1).copied().is_some_and(is_word);
        if !matches!(letter, '-' | '/') || before || !after {
            for spelling in &mut spellings {
                spelling.push(*letter);
            }
            continue;
        }
        if spellings.len() * DASHES.len() > SPELLINGS_MAX {
            return Err(too_many_spellings());
        }
        spellings = spellings.iter().flat_map(|start| DASHES.map(|dash| format!("{start}{dash}"))).collect();
    }
    Ok(spellings)
}

fn too_many_spellings() -> Refusal {
    Refusal::new(FailureCode::TooComplex, format!("a value has more than {SPELLINGS_MAX} spellings"))
}

/// How a text is put into 16-bit units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wide {
    LittleEndian,
    BigEndian,
    /// Little-endian, led by a byte order mark.
    Marked,
}

/// Returns a value in 16-bit units, wildcards kept.
pub(crate) fn wide(pieces: &[Piece], order: Wide) -> Result<Spelling, Refusal> {
    let mut spelling = Vec::with_capacity(pieces.len() + 1);
    if order == Wide::Marked {
        spelling.push(Piece::Bytes(vec![0xff, 0xfe]));
    }
    for piece in pieces {
        spelling.push(match piece {
            Piece::Literal(text) => Piece::Bytes(
                text.encode_utf16()
                    .flat_map(|unit| if order == Wide::BigEndian { unit.to_be_bytes() } else { unit.to_le_bytes() })
                    .collect(),
            ),
            Piece::Bytes(_) => {
                let reason = "a value is put into 16-bit units twice: keep one of wide, utf16, utf16le, utf16be";
                return Err(Refusal::new(FailureCode::ModifierConflict, reason));
            }
            wildcard => wildcard.clone(),
        });
    }
    Ok(spelling)
}

/// Returns a value in Base64.
pub(crate) fn base64(pieces: &[Piece]) -> Result<Spelling, Refusal> {
    Ok(vec![Piece::Literal(STANDARD.encode(bytes_of(pieces)?))])
}

/// Returns the three ways in which a value can stand inside something in Base64, cut to what does not depend on its
/// neighbours (as pySigma's `base64offset`).
pub(crate) fn base64_offsets(pieces: &[Piece]) -> Result<Vec<Spelling>, Refusal> {
    let bytes = bytes_of(pieces)?;
    let spelling = |shift: usize| {
        let mut shifted = vec![b' '; shift];
        shifted.extend_from_slice(&bytes);
        let text = STANDARD.encode(&shifted);
        let start = [0, 2, 3][shift];
        let end = text.len() - [0, 3, 2][shifted.len() % 3];
        vec![Piece::Literal(text[start..end.max(start)].to_owned())]
    };
    Ok((0..3).map(spelling).collect())
}

fn bytes_of(pieces: &[Piece]) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => bytes.extend_from_slice(text.as_bytes()),
            Piece::Bytes(more) => bytes.extend_from_slice(more),
            Piece::One | Piece::Any => {
                let reason =
                    "base64 cannot encode a wildcard: put `contains` and the like after it, escape `*` and `?`";
                return Err(Refusal::new(FailureCode::WildcardInEncoding, reason));
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Spelling {
        vec![Piece::Literal(text.to_owned())]
    }

    #[test]
    fn offsets_are_those_of_the_specification() {
        // From the modifiers appendix: `base64offset` of "foo".
        let expected = ["Zm9v", "Zvb", "mb2"].map(literal);
        assert_eq!(base64_offsets(&literal("foo")), Ok(expected.to_vec()));
    }

    #[test]
    fn every_text_with_the_value_holds_one_of_its_offsets() {
        for length in 1..8 {
            let value = &"SecretX"[..length];
            for lead in 0..6 {
                let text = STANDARD.encode(format!("{}{value}..", "-".repeat(lead)));
                let spellings = base64_offsets(&literal(value)).unwrap();
                let found = spellings
                    .iter()
                    .any(|spelling| matches!(&spelling[..], [Piece::Literal(part)] if text.contains(part.as_str())));
                assert!(found, "{value} after {lead}");
            }
        }
    }

    #[test]
    fn dashes() {
        assert_eq!(windash(&literal("-f")).map(|all| all.len()), Ok(5));
        assert_eq!(windash(&literal(" -a /b")).map(|all| all.len()), Ok(25));
        assert_eq!(windash(&literal("a-b")), Ok(vec![literal("a-b")]));
        assert_eq!(windash(&literal("- ")), Ok(vec![literal("- ")]));
        assert!(windash(&literal(&"-a ".repeat(8))).is_err());
    }
}
