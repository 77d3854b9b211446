//! What a word of free text is: the one rule that events are indexed by and searches are read by.
//!
//! A word is a run of letters, digits and `_`, in lower case. An IPv4 or IPv6 address is *one* word, in canonical form, so
//! that a search for an address is one look-up and finds `2001:DB8:0::1` by `2001:db8::1`.

use std::net::IpAddr;

/// How many bytes of a word count; what follows is ignored, in events and searches alike.
pub(crate) const WORD_BYTES_MAX: usize = 256;

/// How many bytes of a short text count when it is compared; what follows is ignored, in events and searches alike.
pub(crate) const KEYWORD_BYTES_MAX: usize = 8 * 1024;

/// The longest run of characters that can be an address (45) with a port and some punctuation.
const ADDRESS_RUN_MAX: usize = 64;

/// Reads the words of a text one by one.
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Before this, no address begins: a run such as `1.3.6.1.4.1` is not one, and neither are parts of it.
    no_address_before: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, at: 0, no_address_before: 0 }
    }

    /// Puts the next word into `word` and returns where it stood, or returns `None` at the end.
    pub(crate) fn next_into(&mut self, word: &mut String) -> Option<(usize, usize)> {
        word.clear();
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let start = self.at;
            let byte = bytes[start];
            let may_begin = (byte.is_ascii_hexdigit() || byte == b':') && start >= self.no_address_before;
            if let Some((address, end)) = may_begin.then(|| self.address(start)).flatten() {
                word.push_str(&address.to_string());
                self.at = end;
                return Some((start, end));
            }
            let character = if byte.is_ascii() { char::from(byte) } else { self.character(start) };
            if is_word(character) {
                self.at = self.word(start, word);
                return Some((start, self.at));
            }
            self.at = start + character.len_utf8();
        }
        None
    }

    fn character(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or('\0')
    }

    /// Reads the word that begins here, lower case, and returns its end.
    fn word(&self, start: usize, word: &mut String) -> usize {
        let rest = &self.text[start..];
        let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        push_lower(&rest[..end], word);
        truncate(word, WORD_BYTES_MAX);
        start + end
    }

    /// Returns the address that begins here and its end.
    fn address(&mut self, start: usize) -> Option<(IpAddr, usize)> {
        let bytes = self.text.as_bytes();
        let (mut dots, mut colons, mut end) = (0, 0, start);
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'.' => dots += 1,
                b':' => colons += 1,
                byte if byte.is_ascii_hexdigit() => {}
                _ => break,
            }
            end += 1;
        }
        if dots < 3 && colons < 2 {
            return None;
        }
        self.no_address_before = end;
        let inside_a_word = end < bytes.len() && is_word(self.character(end))
            || start > 0 && bytes[start] == b':' && bytes[start - 1].is_ascii_alphanumeric();
        if inside_a_word || end - start > ADDRESS_RUN_MAX {
            return None;
        }
        let run = &self.text[start..end];
        let trimmed = run.trim_end_matches(['.', ':']);
        let host = if dots >= 3 { run.split(':').next().unwrap_or(run) } else { trimmed };
        [run, trimmed, host].into_iter().find_map(|candidate| {
            let address: IpAddr = candidate.parse().ok()?;
            candidate
                .bytes()
                .any(|byte| byte.is_ascii_hexdigit())
                .then_some((address.to_canonical(), start + candidate.len()))
        })
    }
}

/// Returns the words of a text.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut scanner = Words::of(text);
    let mut word = String::new();
    let mut words = Vec::new();
    while scanner.next_into(&mut word).is_some() {
        words.push(word.clone());
    }
    words
}

/// Returns a short text as it is compared: ASCII lower case, its first [`KEYWORD_BYTES_MAX`] bytes.
pub(crate) fn keyword(text: &str) -> String {
    clip(text).to_ascii_lowercase()
}

/// Returns the part of a short text that counts.
pub(crate) fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(KEYWORD_BYTES_MAX)]
}

/// Returns a text in the lower case of words.
pub(crate) fn lower(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    push_lower(text, &mut lower);
    lower
}

pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn push_lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
        return;
    }
    // Character by character, so that a word reads the same wherever it stands (a Greek final sigma would not).
    out.extend(text.chars().flat_map(char::to_lowercase));
}

fn truncate(word: &mut String, bytes_max: usize) {
    word.truncate(word.floor_char_boundary(bytes_max));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text), expected, "{text:?}");
    }

    #[test]
    fn words_are_letters_digits_and_underscores() {
        check("Failed password for root", &["failed", "password", "for", "root"]);
        check(r"C:\Windows\System32\cmd.exe /c", &["c", "windows", "system32", "cmd", "exe", "c"]);
        check("user_name=ann-lee", &["user_name", "ann", "lee"]);
        check("ÉCOLE été 東京", &["école", "été", "東京"]);
        check("", &[]);
        check("-- !", &[]);
    }

    #[test]
    fn an_address_is_one_word() {
        check("from 203.0.113.9 port 22", &["from", "203.0.113.9", "port", "22"]);
        check("203.0.113.9:4711, then 203.0.113.10.", &["203.0.113.9", "4711", "then", "203.0.113.10"]);
        check("[2001:DB8:0::1]:443", &["2001:db8::1", "443"]);
        check("::ffff:192.0.2.7 ", &["192.0.2.7"]);
        check("2001:db8:: 2001:db8::1:", &["2001:db8::", "2001:db8::1"]);
        check("ip=198.51.100.1;", &["ip", "198.51.100.1"]);
    }

    #[test]
    fn what_only_looks_like_an_address_is_words() {
        check("1.3.6.1.4.1.311", &["1", "3", "6", "1", "4", "1", "311"]);
        check("12:30:45", &["12", "30", "45"]);
        check("00:1a:2b:3c:4d:5e", &["00", "1a", "2b", "3c", "4d", "5e"]);
        check("999.0.113.9", &["999", "0", "113", "9"]);
        check("203.0.113.9x", &["203", "0", "113", "9x"]);
        check("arn:aws:iam::111122223333:user/ann", &["arn", "aws", "iam", "111122223333", "user", "ann"]);
        check(":: x::y std::fmt", &["x", "y", "std", "fmt"]);
        check(&"1.".repeat(1_000), &["1"; 1_000]);
    }

    #[test]
    fn long_words_are_cut_the_same_way_everywhere() {
        assert_eq!(words(&"é".repeat(1_000))[0].len(), WORD_BYTES_MAX);
        assert_eq!(keyword(&"A".repeat(100_000)), "a".repeat(KEYWORD_BYTES_MAX));
    }
}
