//! The index of terms, in SQLite's words: FTS5. The only file that knows them; PostgreSQL's would say the same with `tsvector`.
//!
//! A row's text is its words and its facets (see [`crate::terms`]). Facets begin with a sign of Unicode's private use, which is
//! taken out of everything that people write, in rows and in questions: a word never meets a facet.
//! Of a question nothing but quoted strings and operators of ours gets into the expression of `MATCH`
//! (<https://sqlite.org/fts5.html#full_text_query_syntax>).

use std::fmt::Write as _;

use sqlx::QueryBuilder;

use crate::StoreError;
use crate::error::Doing as _;
use crate::insert::Insert;
use crate::objects::Cell;
use crate::place::Placing;
use crate::row::Connection;

/// The sign that facets begin with; FTS5's tokenizer takes it for a letter.
pub(crate) const FACET: char = '\u{e000}';
/// A word of a question is looked for as the beginning of words where it has so many letters or digits; shorter ones begin too
/// many. (Two are answered by an index of their own, from three on there are few enough words.)
const PREFIX_CHARS_MIN: usize = 2;

/// What rows are to have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// This facet.
    Facet(String),
    /// This word, or one that begins with it.
    Word(String),
    /// Each of these, of which there is at least one.
    All(Vec<Self>),
    /// At least one of these, of which there is at least one.
    Any(Vec<Self>),
    /// The first and not the second.
    But(Box<Self>, Box<Self>),
}

impl Expression {
    /// Returns that a row has each of these words; `None` where none has a letter or digit, since no other is in the index.
    pub(crate) fn words(text: &str) -> Option<Self> {
        let is_asked = |word: &&str| word.chars().any(char::is_alphanumeric);
        let cleaned = cleaned(text);
        let words = cleaned.split_whitespace().filter(is_asked).map(|word| Self::Word(word.to_owned())).collect();
        Self::all(words)
    }

    /// Returns that all of these are so; `None` of none.
    pub(crate) fn all(parts: Vec<Self>) -> Option<Self> {
        Self::of(parts, Self::All)
    }

    /// Returns that one of these is so; `None` of none.
    pub(crate) fn any(parts: Vec<Self>) -> Option<Self> {
        Self::of(parts, Self::Any)
    }

    fn of(mut parts: Vec<Self>, join: fn(Vec<Self>) -> Self) -> Option<Self> {
        if parts.len() > 1 { Some(join(parts)) } else { parts.pop() }
    }

    /// Returns the expression of `MATCH`.
    pub(crate) fn to_match(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Facet(facet) => write!(text, "\"{facet}\"").expect("a string takes it"),
            Self::Word(word) => {
                write!(text, "\"{}\"", word.replace('"', "\"\"")).expect("a string takes it");
                let last = word.trim_end_matches(|sign: char| !sign.is_alphanumeric());
                let letters = last.chars().rev().take_while(|sign| sign.is_alphanumeric()).count();
                // What ends in a sign is whole: `web-` is not the beginning of `website`.
                if last.len() == word.len() && letters >= PREFIX_CHARS_MIN {
                    text.push('*');
                }
            }
            Self::All(parts) => joined(text, parts, " AND "),
            Self::Any(parts) => joined(text, parts, " OR "),
            Self::But(this, not) => {
                text.push('(');
                this.write(text);
                text.push_str(" NOT ");
                not.write(text);
                text.push(')');
            }
        }
    }
}

fn joined(text: &mut String, parts: &[Expression], word: &str) {
    text.push('(');
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(word);
        }
        part.write(text);
    }
    text.push(')');
}

/// Returns what somebody has written without the signs that mean something to us or to the database.
pub(crate) fn cleaned(text: &str) -> String {
    let is_ours = |sign: char| sign == '\0' || ('\u{e000}'..='\u{f8ff}').contains(&sign);
    text.replace(is_ours, " ")
}

/// Terms of rows that are to be put into the indexes, in few statements.
#[derive(Default)]
pub(crate) struct NewTerms {
    alerts: Vec<Vec<Cell>>,
    cases: Vec<Vec<Cell>>,
}

impl NewTerms {
    /// Adds a row that the index does not have.
    pub(crate) fn add(&mut self, index: &'static str, place: i64, terms: String) {
        let rows = if index == Placing::CASES.index { &mut self.cases } else { &mut self.alerts };
        rows.push(vec![Cell::Integer(place), Cell::Text(terms)]);
    }

    /// Puts them into the indexes.
    pub(crate) async fn put(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        let alerts = ("INSERT INTO alert_terms (rowid, terms)", std::mem::take(&mut self.alerts));
        let cases = ("INSERT INTO case_terms (rowid, terms)", std::mem::take(&mut self.cases));
        for (into, rows) in [alerts, cases] {
            Insert::new(into, rows).execute(connection).await.doing("put rows into the index of terms")?;
        }
        Ok(())
    }
}

/// Takes the terms of a row out of an index.
pub(crate) async fn drop_terms(connection: &mut Connection, index: &'static str, place: i64) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new("DELETE FROM ");
    query.push(index).push(" WHERE rowid = ").push_bind(place);
    query.build().execute(connection).await.doing("take a row out of the index of terms")?;
    Ok(())
}

/// Empties an index.
pub(crate) async fn clear_terms(connection: &mut Connection, index: &'static str) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new("INSERT INTO ");
    query.push(index).push(" (").push(index).push(") VALUES ('delete-all')");
    query.build().execute(connection).await.doing("empty the index of terms")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Expression::words(text).map_or(String::new(), |words| words.to_match()), expected);
    }

    #[test]
    fn words_are_quoted_whatever_they_hold() {
        check("Failed  login", "(\"Failed\"* AND \"login\"*)");
        check("203.0.113.7", "\"203.0.113.7\"");
        check("203.0.113.70", "\"203.0.113.70\"*");
        check("web- x", "(\"web-\" AND \"x\")");
        check("a\"b OR NEAR(\"c\" d, 1)", "(\"a\"\"b\" AND \"OR\"* AND \"NEAR(\"\"c\"\"\" AND \"d,\" AND \"1)\")");
        check("-- \" * ) ^", "");
        check("\u{e000}abc\0def", "(\"abc\"* AND \"def\"*)");
    }

    #[test]
    fn expressions_are_in_brackets() {
        let facet = |name: &str| Expression::Facet(name.to_owned());
        let any = Expression::Any(vec![facet("a"), facet("b")]);
        let all = Expression::All(vec![any, Expression::Word("w".into())]);
        let but = Expression::But(Box::new(all), Box::new(facet("c")));
        assert_eq!(but.to_match(), "(((\"a\" OR \"b\") AND \"w\") NOT \"c\")");
    }
}
