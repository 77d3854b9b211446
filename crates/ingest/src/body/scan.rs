//! Where JSON values begin and end, found without reading them.
//!
//! A container's elements must come out as the bytes that they were, and one broken element must not take the others
//! with it. So the borders are found first, by brackets and quotes alone; each slice is parsed later, by itself. The scan
//! never recurses, allocates nothing, and does not care whether strings are UTF-8.

use std::ops::Range;

/// Where and why the border of a value was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScanFault {
    pub(crate) reason: &'static str,
    pub(crate) offset: usize,
}

/// Returns the first offset from `at` on that holds something other than JSON's white space.
pub(crate) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Returns the offset after the value that begins at `start`.
pub(crate) fn value_end(bytes: &[u8], start: usize) -> Result<usize, ScanFault> {
    let mut depth = 0_usize;
    let mut before = b',';
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'{' | b'[' if !matches!(before, b',' | b':' | b'{' | b'[') => {
                return Err(ScanFault { reason: "expected `,`, `]` or `}` before a new value", offset: at });
            }
            b'"' => at = string_end(bytes, at)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Err(ScanFault { reason: "a bracket that nothing opened", offset: at }),
            b'}' | b']' => depth -= 1,
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            _ if depth == 0 => return Ok(scalar_end(bytes, at)),
            _ => {}
        }
        before = byte;
        at += 1;
        if depth == 0 {
            return Ok(at);
        }
    }
    Err(ScanFault { reason: "the body ends inside a value that begins", offset: start })
}

fn string_end(bytes: &[u8], quote: usize) -> Result<usize, ScanFault> {
    let mut at = quote + 1;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest)) {
        match bytes[at + next] {
            b'"' => return Ok(at + next + 1),
            b'\\' => at += next + 2,
            _ => return Err(ScanFault { reason: "a line break inside a string", offset: at + next }),
        }
    }
    Err(ScanFault { reason: "the body ends inside a string that begins", offset: quote })
}

fn scalar_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n');
    start + bytes[start..].iter().take_while(|byte| !ends(byte)).count().max(1)
}

/// The elements of an array, as ranges of the bytes that it stands in.
pub(crate) struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    first: bool,
    done: bool,
}

/// Returns the elements of the array whose bracket opens at `open`.
pub(crate) fn array_elements(bytes: &[u8], open: usize) -> Elements<'_> {
    Elements { bytes, at: open + 1, first: true, done: false }
}

impl Elements<'_> {
    /// Returns the offset after what was read so far: after the closing bracket once the elements are through.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    fn step(&mut self) -> Result<Option<Range<usize>>, ScanFault> {
        let missing = |offset| ScanFault { reason: "expected `,` or `]` in an array", offset };
        self.at = skip_space(self.bytes, self.at);
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(None);
        }
        if !self.first {
            if self.bytes.get(self.at) != Some(&b',') {
                return Err(missing(self.at));
            }
            self.at = skip_space(self.bytes, self.at + 1);
        }
        self.first = false;
        if matches!(self.bytes.get(self.at), None | Some(b',' | b']' | b'}')) {
            return Err(ScanFault { reason: "expected a value in an array", offset: self.at });
        }
        let start = self.at;
        self.at = value_end(self.bytes, start)?;
        Ok(Some(start..self.at))
    }
}

impl Iterator for Elements<'_> {
    type Item = Result<Range<usize>, ScanFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// Returns the offset of the value of a member of the object that opens at `open`; only the object's own members count,
/// not those of objects inside it.
pub(crate) fn member(bytes: &[u8], open: usize, name: &str) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let key = skip_space(bytes, at);
        if bytes.get(key) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, key).ok()?;
        let colon = skip_space(bytes, key_end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(bytes, colon + 1);
        if &bytes[key + 1..key_end - 1] == name.as_bytes() {
            return Some(value);
        }
        let comma = skip_space(bytes, value_end(bytes, value).ok()?);
        if bytes.get(comma) != Some(&b',') {
            return None;
        }
        at = comma + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(array: &str, expected: &[&str], fault: Option<&str>) {
        let mut found = Vec::new();
        let mut said = None;
        for element in array_elements(array.as_bytes(), 0) {
            match element {
                Ok(range) => found.push(&array[range]),
                Err(fault) => said = Some(format!("{} at {}", fault.reason, fault.offset)),
            }
        }
        assert_eq!(found, expected);
        assert_eq!(said.as_deref(), fault);
    }

    #[test]
    fn elements_keep_their_bytes() {
        check("[]", &[], None);
        check(r#"[{"a": "]}\"" } , [1,2],3, "x" ]tail"#, &[r#"{"a": "]}\"" }"#, "[1,2]", "3", r#""x""#], None);
        check("[1 2]", &["1"], Some("expected `,` or `]` in an array at 3"));
        check("[1,]", &["1"], Some("expected a value in an array at 3"));
        check(r#"[{"a":1}, {"b":"#, &[r#"{"a":1}"#], Some("the body ends inside a value that begins at 10"));
        check("[\"a\nb\"]", &[], Some("a line break inside a string at 3"));
        check("[{} {}]", &["{}"], Some("expected `,` or `]` in an array at 4"));
    }

    #[test]
    fn members_of_the_object_itself() {
        let text = br#"{"a": {"Records": 1}, "Records" : [2]}"#;
        assert_eq!(member(text, 0, "Records").map(|at| &text[at..]), Some(&b"[2]}"[..]));
        assert_eq!(member(text, 0, "b"), None);
        assert_eq!(member(b"{\"a\"", 0, "a"), None);
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(value_end(deep.as_bytes(), 0), Ok(deep.len()));
    }
}
