//! Whether a licence expression can be satisfied with the licences that we allow.
//!
//! The language is SPDX 2.3, annex D, as Cargo manifests use it: `AND`, `OR`, `WITH`, parentheses, and the `/` that
//! older manifests write for `OR`. `WITH` binds closest, then `AND`, then `OR`.

use std::collections::BTreeSet;

/// Longest expression that is read. The longest in use has some 60 bytes; the reader is recursive.
const EXPRESSION_BYTES_MAX: usize = 1024;

/// Returns whether the expression can be satisfied by the allowed licences. `A WITH B` must be allowed as it stands.
///
/// # Errors
/// Says what is not understood.
pub(super) fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> Result<bool, String> {
    if expression.len() > EXPRESSION_BYTES_MAX {
        return Err(format!("longer than {EXPRESSION_BYTES_MAX} bytes"));
    }
    let mut reader = Reader { words: words(expression), next: 0, allowed };
    let answer = reader.any()?;
    match reader.peek() {
        None => Ok(answer),
        Some(word) => Err(format!("`{word}` is not expected after a complete expression")),
    }
}

/// Returns whether a licence is of the GNU family that asks for the source of what it is linked into.
pub(super) fn is_copyleft(licence: &str) -> bool {
    let licence = licence.to_ascii_uppercase();
    ["GPL", "LGPL", "AGPL"].iter().any(|family| licence == *family || licence.starts_with(&format!("{family}-")))
}

/// Cuts an expression into licences, operators and parentheses.
fn words(expression: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in expression.split_ascii_whitespace() {
        let mut rest = part;
        while let Some(at) = rest.find(['(', ')', '/']) {
            words.extend([&rest[..at], &rest[at..=at]].into_iter().filter(|word| !word.is_empty()));
            rest = &rest[at + 1..];
        }
        words.extend(Some(rest).filter(|word| !word.is_empty()));
    }
    words
}

struct Reader<'a> {
    words: Vec<&'a str>,
    next: usize,
    allowed: &'a BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self, operator: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(operator));
        self.next += usize::from(found);
        found
    }

    /// `A OR B OR …`: one suffices. All are read, so that a fault behind a satisfied one is seen.
    fn any(&mut self) -> Result<bool, String> {
        let mut answer = self.all()?;
        while self.take("OR") || self.take("/") {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    /// `A AND B AND …`: each is wanted.
    fn all(&mut self) -> Result<bool, String> {
        let mut answer = self.one()?;
        while self.take("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let answer = self.any()?;
            return if self.take(")") { Ok(answer) } else { Err("a `(` without its `)`".to_owned()) };
        }
        let licence = self.name("a licence")?;
        if self.take("WITH") {
            let exception = self.name("an exception")?;
            return Ok(self.allowed.contains(&format!("{licence} WITH {exception}")));
        }
        // `X+` is X or any later version: whoever allows X may choose it.
        Ok(self.allowed.contains(licence) || licence.strip_suffix('+').is_some_and(|base| self.allowed.contains(base)))
    }

    fn name(&mut self, what: &str) -> Result<&'a str, String> {
        let operator = |word: &str| {
            ["OR", "AND", "WITH", "(", ")", "/"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
        };
        let word = self.peek().ok_or_else(|| format!("{what} is missing at the end"))?;
        if operator(word) {
            return Err(format!("{what} is missing before `{word}`"));
        }
        self.next += 1;
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tests allow.
    const ALLOWED: [&str; 5] = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0", "BSD-3-Clause"];

    #[track_caller]
    fn check(expression: &str, expected: Result<bool, &str>) {
        let allowed = ALLOWED.into_iter().map(str::to_owned).collect();
        assert_eq!(satisfied(expression, &allowed), expected.map_err(str::to_owned), "{expression}");
    }

    #[test]
    fn single_licences() {
        check("MIT", Ok(true));
        check("mit", Ok(false));
        check("GPL-3.0-only", Ok(false));
        check("Apache-2.0+", Ok(true));
        check("GPL-2.0+", Ok(false));
        check("MITE", Ok(false));
    }

    #[test]
    fn or_takes_one_and_and_takes_all() {
        check("MIT OR GPL-2.0-only", Ok(true));
        check("GPL-2.0-only OR MIT", Ok(true));
        check("MIT AND GPL-2.0-only", Ok(false));
        check("MIT AND BSD-3-Clause", Ok(true));
        check("MIT or Apache-2.0", Ok(true));
    }

    #[test]
    fn and_binds_closer_than_or() {
        check("MIT OR GPL-2.0-only AND GPL-3.0-only", Ok(true));
        check("GPL-2.0-only AND GPL-3.0-only OR MIT", Ok(true));
        check("(MIT OR GPL-2.0-only) AND GPL-3.0-only", Ok(false));
        check("(MIT OR Apache-2.0) AND Unicode-3.0", Ok(true));
        check("((MIT)AND(BSD-3-Clause))", Ok(true));
    }

    #[test]
    fn with_is_allowed_as_it_stands() {
        check("Apache-2.0 WITH LLVM-exception", Ok(true));
        check("MIT WITH LLVM-exception", Ok(false));
        check("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", Ok(true));
        check("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", Ok(true));
    }

    #[test]
    fn the_old_slash_is_or() {
        check("MIT/Apache-2.0", Ok(true));
        check("Unlicense / MIT", Ok(true));
        check("MPL-2.0/GPL-2.0", Ok(false));
    }

    #[test]
    fn what_is_not_an_expression_is_said() {
        check("", Err("a licence is missing at the end"));
        check("MIT OR", Err("a licence is missing at the end"));
        check("OR MIT", Err("a licence is missing before `OR`"));
        check("(MIT", Err("a `(` without its `)`"));
        check("MIT Apache-2.0", Err("`Apache-2.0` is not expected after a complete expression"));
        check("MIT)", Err("`)` is not expected after a complete expression"));
        check("Apache-2.0 WITH", Err("an exception is missing at the end"));
        check(&"(".repeat(EXPRESSION_BYTES_MAX), Err("a licence is missing at the end"));
        check(&"(".repeat(EXPRESSION_BYTES_MAX + 1), Err("longer than 1024 bytes"));
    }

    #[test]
    fn copyleft_is_known_by_its_family() {
        for licence in ["GPL-2.0", "LGPL-2.1-or-later", "AGPL-3.0-only", "gpl-3.0+"] {
            assert!(is_copyleft(licence), "{licence}");
        }
        for licence in ["MIT", "MPL-2.0", "BSL-1.0"] {
            assert!(!is_copyleft(licence), "{licence}");
        }
    }
}
