//! The conditions that lists of rows are asked with: `status:new AND severity:>=high AND NOT tag:test`.
//!
//! The grammar is that of the search over events, less what only events have: words, `field:value`, `"quoted values"`,
//! `*` and `?`, `>`, `>=`, `<`, `<=`, networks in CIDR form, `field:*`, `AND` (or nothing), `OR`, `NOT` (or `-`) and parentheses.
//! Which fields there are, the store knows.

use ipnet::IpNet;
use vigie_model::{Comparison, Filter, Value};

/// How long a condition may be, in bytes.
const BYTES_MAX: usize = 8 * 1024;
/// How deep parentheses and negations may nest.
const DEPTH_MAX: usize = 32;
/// How many words and comparisons there may be.
const TERMS_MAX: usize = 256;

/// Returns the filter that a condition stands for; the empty one lets everything through.
///
/// # Errors
/// Where the text cannot be read: the byte, and what was expected there.
pub(super) fn parse_condition(text: &str) -> Result<Filter, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("the condition is longer than {BYTES_MAX} bytes"));
    }
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0 };
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(Filter::All);
    }
    let filter = parser.disjunction()?;
    if parser.rest().is_empty() { Ok(filter) } else { Err(parser.fault("this `)` closes nothing")) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn disjunction(&mut self) -> Result<Filter, String> {
        let mut items = vec![self.conjunction()?];
        while self.take_keyword("OR") {
            items.push(self.conjunction()?);
        }
        Ok(one_or(items, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, String> {
        let mut items = vec![self.negation()?];
        loop {
            let and = self.take_keyword("AND");
            if !and && (self.rest().is_empty() || self.rest().starts_with(')') || self.at_keyword("OR")) {
                return Ok(one_or(items, Filter::And));
            }
            items.push(self.negation()?);
        }
    }

    fn negation(&mut self) -> Result<Filter, String> {
        self.skip_space();
        let symbol = self.rest().starts_with(['-', '!']) && self.rest().len() > 1;
        if symbol {
            self.at += 1;
        } else if !self.take_keyword("NOT") {
            return self.primary();
        }
        self.deeper()?;
        let inner = self.negation()?;
        self.depth -= 1;
        Ok(Filter::Not(Box::new(inner)))
    }

    fn primary(&mut self) -> Result<Filter, String> {
        self.skip_space();
        if self.rest().is_empty() || self.rest().starts_with(')') || self.at_keyword("AND") || self.at_keyword("OR") {
            return Err(self.fault("expected a word or a comparison here"));
        }
        if !self.rest().starts_with('(') {
            return self.term();
        }
        let open = self.at;
        self.deeper()?;
        self.at += 1;
        let filter = self.disjunction()?;
        if !self.rest().starts_with(')') {
            return Err(format!("at byte {open}: this `(` is never closed"));
        }
        self.at += 1;
        self.depth -= 1;
        self.skip_space();
        Ok(filter)
    }

    fn term(&mut self) -> Result<Filter, String> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(self.fault("there are too many words and comparisons: at most 256"));
        }
        let filter = match self.field_name() {
            Some(name) => self.comparison(name)?,
            None => Filter::Text(self.word()?.text),
        };
        self.skip_space();
        Ok(filter)
    }

    /// Takes a field's name and its colon, where that is what comes next.
    fn field_name(&mut self) -> Option<String> {
        let end = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))?;
        let (name, after) = self.rest().split_at(end);
        if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !after.starts_with(':') {
            return None;
        }
        // `fe80::1` and `https://…` are words.
        if after.starts_with("::") || after.starts_with("://") {
            return None;
        }
        let name = name.to_owned();
        self.at += end + 1;
        Some(name)
    }

    fn comparison(&mut self, name: String) -> Result<Filter, String> {
        let signs = [
            (">=", Comparison::GreaterOrEqual),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
        ];
        let sign = signs.into_iter().find(|(sign, _)| self.rest().starts_with(sign));
        self.at += sign.map_or(0, |(sign, _)| sign.len());
        let word = self.word()?;
        if sign.is_none() && !word.quoted && word.text == "*" {
            return Ok(Filter::Exists(name));
        }
        let comparison = match sign {
            Some((_, comparison)) => comparison,
            None if word.quoted => Comparison::Equal,
            None if word.text.contains('/') && word.text.parse::<IpNet>().is_ok() => Comparison::Within,
            None if word.text.contains(['*', '?']) => Comparison::Like,
            None => Comparison::Equal,
        };
        Ok(Filter::Field { name, comparison, value: Value::Text(word.text) })
    }

    fn word(&mut self) -> Result<Word, String> {
        let open = self.at;
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else { return Err(format!("at byte {open}: this quote is never closed")) };
            self.at += end + 2;
            return Ok(Word { text: quoted[..end].to_owned(), quoted: true });
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.fault("expected a value here"));
        }
        self.at += end;
        Ok(Word { text: rest[..end].to_owned(), quoted: false })
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(self.fault("the condition nests too deep: at most 32 levels")) } else { Ok(()) }
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        self.skip_space();
        let found = self.at_keyword(keyword);
        if found {
            self.at += keyword.len();
            self.skip_space();
        }
        found
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        let after = self.rest().strip_prefix(keyword);
        after.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '(' || c == ')')
        })
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fault(&self, what: &str) -> String {
        format!("at byte {}: {what}", self.at)
    }
}

struct Word {
    text: String,
    quoted: bool,
}

fn one_or(mut items: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    if items.len() == 1 { items.remove(0) } else { many(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(show(&parse_condition(text).unwrap()), expected);
    }

    fn show(filter: &Filter) -> String {
        let list = |items: &[Filter], sign: &str| items.iter().map(show).collect::<Vec<_>>().join(sign);
        match filter {
            Filter::All => "all".to_owned(),
            Filter::And(items) => format!("({})", list(items, " & ")),
            Filter::Or(items) => format!("({})", list(items, " | ")),
            Filter::Not(inner) => format!("!{}", show(inner)),
            Filter::Field { name, comparison, value: Value::Text(value) } => format!("{name} {comparison:?} {value}"),
            Filter::Field { name, .. } => format!("{name} ?"),
            Filter::OneOf { name, .. } | Filter::Of { name, .. } => format!("{name} in"),
            Filter::Exists(name) => format!("{name} exists"),
            Filter::Text(text) => format!("'{text}'"),
        }
    }

    #[test]
    fn conditions() {
        check(" ", "all");
        check("status:new", "status Equal new");
        check("status:new severity:>=high", "(status Equal new & severity GreaterOrEqual high)");
        check("a:1 OR b:2 AND c:3", "(a Equal 1 | (b Equal 2 & c Equal 3))");
        check("NOT (a:1 OR -b:2)", "!(a Equal 1 | !b Equal 2)");
        check("title:\"Failed * sign-in\" tag:atta?k*", "(title Equal Failed * sign-in & tag Like atta?k*)");
        check("ip:10.0.0.0/8 case:*", "(ip Within 10.0.0.0/8 & case exists)");
        check("fe80::1 https://x", "('fe80::1' & 'https://x')");
        check("Failed \"sign in\"", "('Failed' & 'sign in')");
        check("created:>=2026-03-01T12:00:00Z", "created GreaterOrEqual 2026-03-01T12:00:00Z");
        check("ORDER ANDROID", "('ORDER' & 'ANDROID')");
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_place() {
        for (text, part) in [
            ("((", "at byte 2: expected"),
            ("a:1)", "closes nothing"),
            ("a:", "expected a value"),
            ("a:\"x", "never closed"),
            ("OR a", "at byte 0"),
            ("NOT", "expected"),
            ("(a:1", "`(` is never closed"),
        ] {
            let error = parse_condition(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(parse_condition(&"(".repeat(33)).unwrap_err().contains("too deep"));
        assert!(parse_condition(&"-".repeat(5_000)).unwrap_err().contains("too deep"));
        assert!(parse_condition(&"a ".repeat(257)).unwrap_err().contains("too many"));
        assert!(parse_condition(&"a".repeat(BYTES_MAX + 1)).is_err());
    }
}
