//! Letters without their case.

use std::borrow::Cow;

/// Returns a text with its letters folded: ASCII by the table, others by Unicode's lower case where that is a single
/// character, so that the number of characters stays the same and `?` still means one. Final sigma counts as sigma; the
/// Turkish dotless and dotted i stay themselves.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.chars().map(fold_char).collect());
    }
    // Without a way out in between, so that many bytes are looked at in one step.
    let has_capital = |bytes: &[u8]| bytes.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase());
    if text.as_bytes().chunks(64).any(has_capital) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// Adds a text to another, its letters folded.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let begin = folded.len();
        folded.push_str(text);
        folded[begin..].make_ascii_lowercase();
    } else {
        folded.extend(text.chars().map(fold_char));
    }
}

fn fold_char(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some('ς'), None) => 'σ',
        (Some(only), None) => only,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        for (text, folded) in [
            ("Cmd.EXE", "cmd.exe"),
            ("ÉCOLE", "école"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("σίσυφος", "σίσυφοσ"),
            ("İI", "İi"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
            assert_eq!(fold(text).chars().count(), text.chars().count());
        }
    }
}
