//! Regular expressions from Sigma's dialect (PCRE without look-around and back-references) to this engine's.

/// Returns the expression in this engine's notation. What the two read differently and the specification allows is put
/// right: `\<` and `\>` are plain brackets to PCRE, and so are `[`, `&&` and `~~` inside a class. `\w`, `\d`, `\s` and `\b`
/// know ASCII only, as in PCRE; here they would be Unicode's, and a hundred times larger.
pub(super) fn translate(text: &str) -> String {
    let mut translated = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    // Whether we are inside a class.
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match (letter, in_class) {
            ('\\', _) => match letters.next() {
                Some(plain @ ('<' | '>')) => translated.push(plain),
                Some(class @ ('w' | 'W' | 'd' | 'D' | 's' | 'S')) => translated.push_str(ascii(class)),
                Some(edge @ ('b' | 'B')) if !in_class => {
                    translated.extend(["(?-u:\\", if edge == 'b' { "b)" } else { "B)" }]);
                }
                Some(other) => translated.extend(['\\', other]),
                None => translated.push('\\'),
            },
            ('[', false) => {
                translated.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    translated.push('^');
                }
                if letters.next_if_eq(&']').is_some() {
                    translated.push_str("\\]");
                }
                in_class = true;
            }
            ('[', true) if letters.peek() != Some(&':') => translated.push_str("\\["),
            ('[', true) => {
                // A named class such as `[:alpha:]` ends with `:]`.
                translated.push('[');
                for inner in letters.by_ref() {
                    translated.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            (']', true) => {
                translated.push(']');
                in_class = false;
            }
            ('&' | '~', true) => translated.extend(['\\', letter]),
            (letter, _) => translated.push(letter),
        }
    }
    translated
}

fn ascii(class: char) -> &'static str {
    match class {
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[ \t\n\x0b\x0c\r]",
        _ => r"[^ \t\n\x0b\x0c\r]",
    }
}

/// Returns what is wrong with an expression that this engine does not take, by name where it is a construct of PCRE that
/// Sigma leaves out.
pub(super) fn complaint(text: &str, error: &regex::Error) -> String {
    let constructs = [
        ("(?=", "look-ahead"),
        ("(?!", "look-ahead"),
        ("(?<=", "look-behind"),
        ("(?<!", "look-behind"),
        ("(?>", "an atomic group"),
        ("(?R", "recursion"),
    ];
    if let Some((_, name)) = constructs.iter().find(|(mark, _)| text.contains(mark)) {
        return format!("uses {name}, which Sigma does not have");
    }
    if let regex::Error::CompiledTooBig(limit) = error {
        return format!("is larger than {limit} bytes when compiled");
    }
    // The library draws the expression with a caret below; its last line says what is wrong.
    error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations() {
        for (sigma, ours) in [
            (r"a\<b\>", "a<b>"),
            (r"[[a]", r"[\[a]"),
            (r"[]a]", r"[\]a]"),
            (r"[^]a]", r"[^\]a]"),
            (r"[a&&b]", r"[a\&\&b]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"\\<", r"\\<"),
            (r"a&&b", r"a&&b"),
            (r"\", r"\"),
            (r"\w[\d.]", "[0-9A-Za-z_][[0-9].]"),
            (r"\bx", r"(?-u:\b)x"),
        ] {
            assert_eq!(translate(sigma), ours, "{sigma}");
        }
    }
}
