//! The recursive descent: disjunctions of conjunctions of negations of terms.

use vigie_model::{Comparison, Filter, Timestamp};

use super::value::{self, Bound, Word, Wrong};
use super::{SEARCH_DEPTH_MAX, SEARCH_TERMS_MAX, SearchSyntaxError};
use crate::fields::{self, SearchField};

type Parsed<T> = Result<T, SearchSyntaxError>;
/// The field whose parentheses we are in, as in `user:(ann OR bob)`.
type Context = Option<&'static SearchField>;

pub(super) struct Parser<'a> {
    text: &'a str,
    now: Timestamp,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, now: Timestamp) -> Self {
        Self { text, now, at: 0, depth: 0, terms: 0 }
    }

    pub(super) fn parse(mut self) -> Parsed<Filter> {
        self.skip_space();
        if self.at == self.text.len() {
            return Ok(Filter::All);
        }
        let filter = self.disjunction(None)?;
        if self.peek() == Some(')') {
            return Err(self.fault("this `)` closes nothing"));
        }
        Ok(filter)
    }

    fn disjunction(&mut self, context: Context) -> Parsed<Filter> {
        let mut items = vec![self.conjunction(context)?];
        while self.take_operator("OR", "||") {
            items.push(self.conjunction(context)?);
        }
        Ok(one_or(items, Filter::Or))
    }

    fn conjunction(&mut self, context: Context) -> Parsed<Filter> {
        let mut items = vec![self.negation(context)?];
        loop {
            if self.take_operator("AND", "&&") {
                items.push(self.negation(context)?);
                continue;
            }
            self.skip_space();
            if matches!(self.peek(), None | Some(')')) || self.at_operator("OR", "||") {
                return Ok(one_or(items, Filter::And));
            }
            items.push(self.negation(context)?);
        }
    }

    fn negation(&mut self, context: Context) -> Parsed<Filter> {
        self.skip_space();
        let start = self.at;
        let symbol = matches!(self.peek(), Some('-' | '!'))
            && self.rest()[1..].chars().next().is_some_and(|next| !next.is_whitespace());
        if symbol {
            self.at += 1;
        } else if !self.take_keyword("NOT") {
            return self.primary(context);
        }
        self.deeper(start)?;
        let inner = self.negation(context)?;
        self.depth -= 1;
        Ok(Filter::Not(Box::new(inner)))
    }

    fn primary(&mut self, context: Context) -> Parsed<Filter> {
        self.skip_space();
        match self.peek() {
            None => Err(self.fault("the search ends where a word or a condition is expected")),
            Some(')') => Err(self.fault("expected a word or a condition before this `)`")),
            Some('(') => self.group(context),
            Some(_) if self.at_operator("AND", "&&") || self.at_operator("OR", "||") => {
                Err(self.fault("expected a word or a condition before this operator; quote it to search for the word"))
            }
            Some(_) => match context {
                Some(field) => self.value(field),
                None => self.term(),
            },
        }
    }

    fn group(&mut self, context: Context) -> Parsed<Filter> {
        let open = self.at;
        self.deeper(open)?;
        self.at += 1;
        let filter = self.disjunction(context)?;
        if self.peek() != Some(')') {
            return Err(SearchSyntaxError::new(open, "this `(` is never closed"));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self) -> Parsed<Filter> {
        if let Some(field) = self.field_name()? {
            return self.value(field);
        }
        let start = self.count_term()?;
        let word = self.word(" ()\"")?;
        value::free(&word).map_err(|wrong| fault_of(start, wrong))
    }

    /// Takes a field's name and its colon, where that is what comes next.
    fn field_name(&mut self) -> Parsed<Option<&'static SearchField>> {
        let rest = self.rest();
        let Some(colon) = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.@-".contains(c))) else {
            return Ok(None);
        };
        let name = &rest[..colon];
        let begins_a_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '@');
        let after = rest[colon..].strip_prefix(':');
        let (true, Some(after)) = (begins_a_name, after) else { return Ok(None) };
        // `fe80::1`, `C:\Windows` and `https://…` are not conditions.
        let word = rest.split(|c: char| c.is_whitespace() || "()\"".contains(c)).next().unwrap_or(rest);
        if value::is_address(word) || name.len() == 1 && after.starts_with('\\') || after.starts_with("//") {
            return Ok(None);
        }
        let Some(field) = fields::find(name) else {
            return Err(SearchSyntaxError {
                position: self.at,
                message: format!("unknown field `{name}` (to search for the text itself, put it in quotes)"),
                suggestion: fields::suggest(name).map(str::to_owned),
            });
        };
        self.at += colon + 1;
        self.skip_space();
        Ok(Some(field))
    }

    /// Reads what a field is compared with.
    fn value(&mut self, field: &'static SearchField) -> Parsed<Filter> {
        let at = |start, result: Result<Filter, Wrong>| result.map_err(|wrong| fault_of(start, wrong));
        match self.peek() {
            None | Some(')') => Err(self.fault(format!("expected a value of `{}` here", field.name))),
            Some('(') => self.group(Some(field)),
            Some('[' | '{') => self.range(field),
            Some('<' | '>') => {
                let comparison = self.comparison();
                self.skip_space();
                let start = self.count_term()?;
                let word = self.word(" ()\"")?;
                at(start, value::compared(field, comparison, &word, self.now))
            }
            Some(_) => {
                let start = self.count_term()?;
                let word = self.word(" ()\"")?;
                at(start, value::equal(field, &word, self.now))
            }
        }
    }

    fn comparison(&mut self) -> Comparison {
        let (length, comparison) = match self.rest().as_bytes() {
            [b'<', b'=', ..] => (2, Comparison::LessOrEqual),
            [b'<', ..] => (1, Comparison::Less),
            [b'>', b'=', ..] => (2, Comparison::GreaterOrEqual),
            _ => (1, Comparison::Greater),
        };
        self.at += length;
        comparison
    }

    fn range(&mut self, field: &'static SearchField) -> Parsed<Filter> {
        let open = self.count_term()?;
        let low_included = self.peek() == Some('[');
        self.at += 1;
        let low = self.bound()?;
        self.skip_space();
        if !self.take_keyword("TO") {
            return Err(self.fault("expected `TO` between the ends of the range"));
        }
        let high = self.bound()?;
        self.skip_space();
        let high_included = match self.peek() {
            Some(']') => true,
            Some('}') => false,
            _ => return Err(SearchSyntaxError::new(open, "this range is never closed: end it with `]` or `}`")),
        };
        self.at += 1;
        let low = Bound { word: low, included: low_included };
        let high = Bound { word: high, included: high_included };
        value::range(field, &low, &high, self.now).map_err(|wrong| fault_of(open, wrong))
    }

    fn bound(&mut self) -> Parsed<Word> {
        self.skip_space();
        if matches!(self.peek(), None | Some(']' | '}')) {
            return Err(self.fault("expected an end of the range here, `*` for none"));
        }
        self.word(" ()\"]}")
    }

    /// Reads a word or a phrase; a word ends before white space (which a space in `ends` stands for) and the other `ends`.
    fn word(&mut self, ends: &str) -> Parsed<Word> {
        let open = self.at;
        let quoted = self.peek() == Some('"');
        if quoted {
            self.at += 1;
        }
        let mut word = Word { quoted, ..Word::default() };
        loop {
            let Some(character) = self.peek() else {
                return if quoted { Err(SearchSyntaxError::new(open, "this quote is never closed")) } else { Ok(word) };
            };
            if quoted && character == '"' {
                self.at += 1;
                return Ok(word);
            }
            if !quoted && (character.is_whitespace() || ends.contains(character)) {
                if word.text.is_empty() {
                    return Err(self.fault("expected a word or a value here"));
                }
                return Ok(word);
            }
            self.at += character.len_utf8();
            let next = self.peek();
            if let ('\\', Some(escaped @ ('"' | '*' | '?'))) = (character, next) {
                self.at += 1;
                word.text.push(escaped);
                word.escaped |= escaped != '"';
            } else {
                word.pattern |= !quoted && matches!(character, '*' | '?');
                word.text.push(character);
            }
        }
    }

    fn count_term(&mut self) -> Parsed<usize> {
        self.terms += 1;
        if self.terms > SEARCH_TERMS_MAX {
            return Err(self.fault(format!("the search has too many terms: at most {SEARCH_TERMS_MAX}")));
        }
        Ok(self.at)
    }

    fn deeper(&mut self, position: usize) -> Parsed<()> {
        self.depth += 1;
        if self.depth > SEARCH_DEPTH_MAX {
            let message = format!("the search nests too deep: at most {SEARCH_DEPTH_MAX} levels");
            return Err(SearchSyntaxError::new(position, message));
        }
        Ok(())
    }

    fn take_operator(&mut self, keyword: &str, symbol: &str) -> bool {
        self.skip_space();
        if self.rest().starts_with(symbol) {
            self.at += symbol.len();
            return true;
        }
        self.take_keyword(keyword)
    }

    fn at_operator(&self, keyword: &str, symbol: &str) -> bool {
        self.rest().starts_with(symbol) || self.at_keyword(keyword)
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.at += keyword.len();
        }
        found
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        self.rest().strip_prefix(keyword).is_some_and(|rest| {
            rest.chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, '(' | ')' | '"'))
        })
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(&self, message: impl Into<String>) -> SearchSyntaxError {
        SearchSyntaxError::new(self.at, message)
    }
}

fn fault_of(position: usize, wrong: Wrong) -> SearchSyntaxError {
    SearchSyntaxError { position, message: wrong.message, suggestion: wrong.suggestion }
}

fn one_or(mut items: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    if items.len() == 1 { items.remove(0) } else { many(items) }
}
