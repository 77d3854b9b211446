//! What an alert or case is found by in the index of terms: its words, and the facets that lists are filtered by.
//!
//! A facet stands for a field and a value: a sign that nobody can write and 80 bits of their SHA-256. Values are in lower
//! case, as filters compare them. Which fields are facets is said in `fields.rs`.

use sha2::{Digest as _, Sha256};
use vigie_model::{Alert, Case, ObservableKind};

use crate::fulltext::{FACET, cleaned};
use crate::row::{severity_rank, word};

/// The indexes are filled anew where they were filled by another version than this.
pub(crate) const TERMS_VERSION: i64 = 1;
/// How much of an alert's or case's text is kept for free-text search, in bytes.
const WORDS_BYTES_MAX: usize = 8 * 1024;
/// The fields of which it is a facet whether they have a value.
pub(crate) const PRESENT: [&str; 2] = ["assignee", "case"];

/// Returns the facet of a field and a value in lower case.
pub(crate) fn facet(field: &str, value: &str) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::new().chain_update(field).chain_update([0]).chain_update(value).finalize();
    let mut facet = String::with_capacity(FACET.len_utf8() + 16);
    facet.push(FACET);
    for five in digest[..10].chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            facet.push(char::from(DIGITS[(bits >> (place * 5) & 31) as usize]));
        }
    }
    facet
}

/// Returns the facet that says that a field has a value.
pub(crate) fn presence(field: &str) -> String {
    facet("has", field)
}

/// Returns the field that an alert's entities of this kind are found by.
pub(crate) const fn entity_field(kind: ObservableKind) -> &'static str {
    kind.as_str()
}

/// The terms of one row.
pub(crate) struct Terms {
    facets: Vec<String>,
    words: String,
}

impl Terms {
    pub(crate) fn of_alert(alert: &Alert) -> Self {
        let mut terms = Self { facets: Vec::with_capacity(24), words: String::new() };
        terms.facet("tenant", alert.tenant.as_str());
        terms.facet("rule", alert.rule.id.as_str());
        terms.facet("severity", &severity_rank(alert.severity).to_string());
        terms.facet("status", alert.status.as_str());
        terms.maybe("assignee", alert.assignee.as_deref());
        terms.maybe("verdict", alert.resolution.as_ref().map(|resolution| word(&resolution.verdict)).as_deref());
        terms.maybe("label", alert.desk.label.as_deref());
        terms.present("assignee", alert.assignee.is_some());
        terms.present("case", alert.case.is_some());
        let origin = alert.origin.as_ref();
        terms.maybe("origin_kind", origin.map(|origin| origin.kind.as_str()));
        terms.maybe("source", origin.map(|origin| origin.source.as_str()));
        if alert.desk.flag {
            terms.facet("flag", "true");
        }
        alert.tags.iter().for_each(|tag| terms.facet("tag", tag));
        alert.entities.iter().for_each(|entity| terms.facet(entity_field(entity.kind), &entity.value));
        terms.words([alert.title.as_str(), &alert.rule.title]);
        terms.words(alert.entities.iter().map(|entity| entity.value.as_str()));
        terms.words(alert.tags.iter().map(String::as_str));
        terms.words(origin.iter().flat_map(|origin| [origin.source.as_str(), &origin.reference]));
        terms.words([alert.description.as_str(), &alert.rule.description]);
        terms
    }

    pub(crate) fn of_case(case: &Case) -> Self {
        let mut terms = Self { facets: Vec::with_capacity(16), words: String::new() };
        terms.facet("tenant", case.tenant.as_str());
        terms.facet("severity", &severity_rank(case.severity).to_string());
        terms.facet("status", case.status.as_str());
        terms.maybe("assignee", case.assignee.as_deref());
        terms.maybe("verdict", case.resolution.as_ref().map(|resolution| word(&resolution.verdict)).as_deref());
        terms.maybe("label", case.desk.label.as_deref());
        terms.present("assignee", case.assignee.is_some());
        terms.maybe("impact", case.desk.impact.as_ref().map(word).as_deref());
        if case.desk.flag {
            terms.facet("flag", "true");
        }
        case.tags.iter().for_each(|tag| terms.facet("tag", tag));
        terms.words([case.title.as_str()]);
        terms.words(case.tags.iter().map(String::as_str));
        terms.words([case.description.as_str()]);
        terms
    }

    fn facet(&mut self, field: &str, value: &str) {
        let facet = facet(field, &value.to_ascii_lowercase());
        if !self.facets.contains(&facet) {
            self.facets.push(facet);
        }
    }

    /// A field that need not have a value.
    fn maybe(&mut self, field: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.facet(field, value);
        }
    }

    fn present(&mut self, field: &str, is_present: bool) {
        if is_present {
            self.facets.push(presence(field));
        }
    }

    /// Adds words, as far as there is room. What stands in the first line already, the title, is not said again.
    fn words<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            if self.words.lines().next().is_some_and(|title| title.contains(text)) {
                continue;
            }
            let mut end = WORDS_BYTES_MAX.saturating_sub(self.words.len()).min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            self.words.push_str(&cleaned(&text[..end]));
            self.words.push('\n');
        }
    }

    /// Returns the text that the index reads.
    pub(crate) fn text(mut self) -> String {
        for facet in &self.facets {
            self.words.push_str(facet);
            self.words.push(' ');
        }
        self.words
    }
}

/// Returns the digest of a text, by which it is told whether it has changed.
pub(crate) fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..8])
}
