//! Whether a text names somebody.

use serde_json::Value;
use sqlx::{QueryBuilder, Sqlite};

/// What the words of Vigie's own are said under: a user called `admin` is not meant by `"role": "admin"`.
const OWN_WORDS: [&str; 7] = ["kind", "profile", "role", "severity", "status", "verb", "verdict"];

/// What somebody is named by, in lower case.
#[derive(Debug)]
pub(super) struct Mentions(Vec<String>);

impl Mentions {
    pub(super) fn new(names: impl Iterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.map(|name| name.to_ascii_lowercase()).collect();
        names.retain(|name| !name.trim().is_empty());
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    /// Returns whether a text of the value, or a key, holds one of the names as a word of its own.
    pub(super) fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.0.iter().any(|name| !places(text, name).is_empty()),
            Value::Array(items) => items.iter().any(|item| self.are_in(item)),
            Value::Object(fields) => fields.iter().any(|(key, value)| {
                let is_own = OWN_WORDS.contains(&key.as_str()) && value.is_string();
                !is_own && (self.are_in(value) || self.0.iter().any(|name| !places(key, name).is_empty()))
            }),
            _ => false,
        }
    }

    /// Returns the text with another word in place of each of the names; `None` where there is none.
    pub(super) fn replaced(&self, text: &str, word: &str) -> Option<String> {
        let mut replaced: Option<String> = None;
        for name in &self.0 {
            let text = replaced.as_deref().unwrap_or(text);
            let places = places(text, name);
            if !places.is_empty() {
                replaced = Some(put_in(text, &places, name.len(), word));
            }
        }
        replaced
    }
}

/// Returns the text with a word in place of what stands at these places.
pub(super) fn put_in(text: &str, places: &[usize], length: usize, word: &str) -> String {
    let (mut made, mut from) = (String::with_capacity(text.len()), 0);
    for place in places {
        made.push_str(&text[from..*place]);
        made.push_str(word);
        from = place + length;
    }
    made.push_str(&text[from..]);
    made
}

/// Returns where a name, in lower case, stands in a text as a word of its own.
pub(super) fn places(text: &str, name: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let stands_alone = |place: &usize| {
        !lower[..*place].chars().next_back().is_some_and(is_word)
            && !lower[place + name.len()..].chars().next().is_some_and(is_word)
    };
    lower.match_indices(name).map(|(place, _)| place).filter(stands_alone).collect()
}

/// Adds the condition that one of these columns, which hold JSON, may hold one of the names.
pub(super) fn push_mentions(query: &mut QueryBuilder<Sqlite>, columns: &[&'static str], mentions: &Mentions) {
    query.push("(");
    let mut is_first = true;
    for column in columns {
        for name in &mentions.0 {
            query.push(if is_first { "" } else { " OR " }).push(*column).push(" LIKE ").push_bind(pattern(name));
            query.push(" ESCAPE '!'");
            is_first = false;
        }
    }
    query.push(if is_first { "1 = 0)" } else { ")" });
}

/// Returns the pattern of JSON texts that hold a name.
fn pattern(name: &str) -> String {
    let quoted = Value::from(name).to_string();
    let mut pattern = String::from("%");
    for sign in quoted[1..quoted.len() - 1].chars() {
        if matches!(sign, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &str) {
        let mentions = Mentions::new(["Ann".to_owned(), String::new(), "ann@acme.example".to_owned()].into_iter());
        assert_eq!(mentions.replaced(text, "X").unwrap_or_else(|| text.to_owned()), expected);
        assert_eq!(mentions.are_in(&json!({"a": [text]})), text != expected, "{text}");
        assert_eq!(mentions.are_in(&json!({ text: 1 })), text != expected, "{text}");
        assert!(!mentions.are_in(&json!({ "role": text })));
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        check("ann", "X");
        check("given to Ann by ANN.", "given to X by X.");
        check("anna, joann, ann_1 and ann1", "anna, joann, ann_1 and ann1");
        check("mail ann@acme.example", "mail X@acme.example");
        check("éann annä ann", "éann annä X");
        check("", "");
    }

    #[test]
    fn a_pattern_means_what_is_written() {
        assert_eq!(pattern("a%b_c!\"d"), "%a!%b!_c!!\\\"d%");
    }
}
