//! What a value must be like for a line of a detection to be true, where that can be said in a text or a number.

/// Something that one of a field's values must be, or have in it. Texts are folded, also those of lines that tell letters
/// apart by case: what fits a text fits it folded too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Need {
    /// The value is this text.
    Equal(Box<str>),
    /// It begins with this text.
    Start(Box<str>),
    /// It ends with this text.
    End(Box<str>),
    /// This text stands somewhere in it.
    Inside(Box<str>),
    /// It is this number, or a text that reads as it.
    Whole(i128),
}

impl Need {
    /// Returns how likely it is that a value of an event fits, for comparing: a guess by the length of the text alone.
    pub(crate) fn likelihood(&self) -> f64 {
        let characters = match self {
            // Short names and numbers as whole values are codes, of which there are many.
            Self::Equal(text) => text.len() + 4,
            Self::Start(text) | Self::End(text) => text.len() + 2,
            Self::Inside(text) => text.len(),
            Self::Whole(_) => 8,
        };
        // Half as likely with each two letters, up to what no longer matters.
        0.5_f64.powf(characters.min(24) as f64 / 2.0)
    }
}
