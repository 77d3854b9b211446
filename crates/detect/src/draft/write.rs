//! The rule's text.

use std::fmt::Write as _;

use vigie_model::Logsource;

use super::Draft;
use super::sigma::{Line, Sigma, Word};

/// How long a title may be in characters.
const TITLE_CHARACTERS_MAX: usize = 200;

/// Returns a rule's YAML.
pub(super) fn rule(draft: &Draft<'_>, logsource: &Logsource, sigma: &Sigma) -> String {
    let mut detection = Detection::default();
    let condition = detection.say(sigma, true);
    let title: String = draft.title.chars().take(TITLE_CHARACTERS_MAX).collect();
    let mut text = String::new();
    let mut put = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}: {}", quoted(value));
    };
    put("title", if title.trim().is_empty() { "A new rule" } else { title.trim() });
    put("id", draft.id);
    put("status", "experimental");
    put("description", &format!("Made from the search: {}", draft.written));
    put("author", draft.author);
    put("date", draft.date);
    text.push_str("logsource:\n");
    for (name, part) in
        [("product", &logsource.product), ("category", &logsource.category), ("service", &logsource.service)]
    {
        if let Some(part) = part {
            let _ = writeln!(text, "    {name}: {}", quoted(part));
        }
    }
    text.push_str("detection:\n");
    for (name, lines) in &detection.selections {
        let _ = writeln!(text, "    {name}:");
        for line in lines {
            write_line(&mut text, line);
        }
    }
    let _ = writeln!(text, "    condition: {condition}");
    text.push_str("falsepositives:\n    - Unknown\nlevel: medium\n");
    text
}

fn write_line(text: &mut String, line: &Line) {
    let _ = write!(text, "        {}:", quoted(&line.key));
    if let [only] = line.values.as_slice() {
        let _ = writeln!(text, " {}", value(only));
        return;
    }
    text.push('\n');
    for word in &line.values {
        let _ = writeln!(text, "            - {}", value(word));
    }
}

#[derive(Default)]
struct Detection {
    selections: Vec<(String, Vec<Line>)>,
}

impl Detection {
    /// Puts what is said into selections, and returns the condition over them.
    fn say(&mut self, sigma: &Sigma, is_top: bool) -> String {
        match sigma {
            Sigma::All(parts) => {
                let lines: Vec<Line> = parts.iter().filter_map(as_line).cloned().collect();
                let mut keys: Vec<&str> = lines.iter().map(|line| line.key.as_str()).collect();
                keys.sort_unstable();
                keys.dedup();
                // The lines of a selection hold together; one key may stand there once.
                let together = lines.len() > 1 && keys.len() == lines.len();
                let mut said = Vec::new();
                if together {
                    said.push(self.select(lines));
                }
                let rest = parts.iter().filter(|part| !together || as_line(part).is_none());
                let rest: Vec<String> = rest.map(|part| self.say(part, false)).collect();
                said.extend(rest);
                joined(&said, "and", is_top)
            }
            Sigma::Any(parts) => {
                let said: Vec<String> = parts.iter().map(|part| self.say(part, false)).collect();
                joined(&said, "or", is_top)
            }
            Sigma::Not(part) => format!("not {}", self.say(part, false)),
            Sigma::Line(line) => self.select(vec![line.clone()]),
            Sigma::Implied => String::new(),
        }
    }

    fn select(&mut self, lines: Vec<Line>) -> String {
        let name = match self.selections.len() {
            0 => "selection".to_owned(),
            number => format!("selection_{}", number + 1),
        };
        self.selections.push((name.clone(), lines));
        name
    }
}

fn as_line(sigma: &Sigma) -> Option<&Line> {
    match sigma {
        Sigma::Line(line) => Some(line),
        _ => None,
    }
}

fn joined(said: &[String], word: &str, is_top: bool) -> String {
    let text = said.join(&format!(" {word} "));
    if is_top || said.len() == 1 { text } else { format!("({text})") }
}

fn value(word: &Word) -> String {
    match word {
        Word::Text(text) => quoted(text),
        Word::Number(number) => number.to_string(),
        Word::Truth(truth) => truth.to_string(),
    }
}

/// Returns a text as YAML reads it back: bare where it can stand so, else between quotes.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'|' | b'.' | b'-' | b'/');
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let is_word = !matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if begins && is_word && text.bytes().all(plain) {
        return text.to_owned();
    }
    if text.chars().any(|character| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        // YAML's double quotes understand JSON's escapes.
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}
