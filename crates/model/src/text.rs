//! Text from outside.

/// Returns whether a character moves, hides or turns text instead of standing for something: controls, soft hyphens and zero widths,
/// marks and overrides of direction, separators of lines (Unicode Standard Annex 9, "Unicode Bidirectional Algorithm";
/// <https://trojansource.codes>).
pub fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}
