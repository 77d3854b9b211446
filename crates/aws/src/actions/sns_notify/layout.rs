//! How a message is laid out.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A message, ready to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) sms: String,
}

/// SNS takes fewer than 100 letters.
const SUBJECT_MAX: usize = 99;
/// One text message.
const SMS_MAX: usize = 140;
/// It stands twice in the message, and escaped twice each letter may take four bytes more: well below 256 KiB.
const TEXT_BYTES_MAX: usize = 24 * 1024;
/// A line that is longer is cut.
const LINE_MAX: usize = 500;
/// How many lines of one kind are shown.
const LINES_MAX: usize = 50;

/// The facts that have a place of their own, with what a person calls them.
const FACTS: [(&str, &str); 14] = [
    ("type", "Finding"),
    ("rule_title", "Rule"),
    ("description", "About"),
    ("severity", "Severity"),
    ("account", "Account"),
    ("region", "Region"),
    ("count", "Times"),
    ("first_seen", "First seen"),
    ("last_seen", "Last seen"),
    ("finding", "Finding id"),
    ("alarm", "Alarm"),
    ("case", "Case"),
    ("alert", "Alert"),
    ("reason", "Why"),
];

/// Facts that stand elsewhere, or say nothing to a person.
const ELSEWHERE: [&str; 12] = [
    "title",
    "mode",
    "attackers",
    "resources",
    "actions",
    "entities",
    "entities_more",
    "samples",
    "tenant",
    "rule",
    "attack",
    "link",
];

/// Lays out a message from what a playbook says and from facts. All facts may be missing:
/// `{"mode": "dry_run", "title", "type", "severity", "account", "region", "attackers": ["…"], "resources": ["…"],
/// "actions": [{"summary", "status", "note", "undo": "ID"}], "link"}`, or what the server says of an alert.
pub(super) fn message(subject: Option<&str>, text: Option<&str>, about: &Value) -> Message {
    let nothing = Map::new();
    let about = about.as_object().unwrap_or(&nothing);
    let title = about.get("title").map(spelt).filter(|title| !title.is_empty());
    let severity = about.get("severity").map(spelt).filter(|severity| !severity.is_empty());
    let headline = match (&severity, &title) {
        (Some(severity), Some(title)) => format!("[{}] {title}", severity.to_uppercase()),
        (None, Some(title)) => title.clone(),
        (_, None) => "Message from Vigie".to_owned(),
    };
    let is_dry_run = about.get("mode").is_some_and(|mode| mode == "dry_run");
    let headline = if is_dry_run { format!("[dry run] {headline}") } else { headline };
    let subject = plain(subject.unwrap_or(&headline), SUBJECT_MAX);
    Message {
        subject: if subject.is_empty() { "Message from Vigie".to_owned() } else { subject },
        text: cut(&body(text, &headline, about, is_dry_run), TEXT_BYTES_MAX),
        sms: plain(&sms(&headline, about), SMS_MAX),
    }
}

fn body(text: Option<&str>, headline: &str, about: &Map<String, Value>, is_dry_run: bool) -> String {
    let mut body = String::new();
    let lead: Vec<String> = text.unwrap_or(headline).lines().map(clean).collect();
    line(&mut body, lead.join("\n").trim());
    if is_dry_run {
        line(&mut body, "\nThis is a dry run: nothing was changed.");
    }
    let facts = FACTS.iter().filter_map(|(name, words)| Some(format!("{words}: {}", spelt(about.get(*name)?))));
    let more = about
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()) && FACTS.iter().all(|(known, _)| known != name))
        .map(|(name, value)| format!("{}: {}", clean(name), spelt(value)));
    section(&mut body, "What happened", facts.chain(more));
    section(&mut body, "Who attacks", list(about, "attackers").map(spelt));
    section(&mut body, "What is ours", list(about, "resources").map(spelt));
    section(&mut body, "Who and what", list(about, "entities").map(entity));
    let heading = if is_dry_run { "What would be done" } else { "What was done" };
    section(&mut body, heading, list(about, "actions").map(action));
    let undo: Vec<String> = list(about, "actions")
        .filter_map(|action| action.get("undo")?.as_str())
        .map(|id| format!("vigie aws undo {}", clean(id)))
        .collect();
    section(&mut body, "How to take it back", undo.into_iter());
    if let Some(link) = about.get("link").and_then(Value::as_str) {
        let _ = write!(body, "\n{}\n", stripped(link).trim());
    }
    body
}

fn sms(headline: &str, about: &Map<String, Value>) -> String {
    let attackers: Vec<String> = list(about, "attackers").take(2).map(spelt).collect();
    let count = list(about, "actions").count();
    let mut text = headline.to_owned();
    if !attackers.is_empty() {
        let _ = write!(text, " from {}", attackers.join(", "));
    }
    if count > 0 {
        let _ = write!(text, "; {count} action{}", if count == 1 { "" } else { "s" });
    }
    text
}

fn line(body: &mut String, text: &str) {
    body.push_str(text);
    body.push('\n');
}

fn section(body: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.filter(|text| !text.is_empty()).peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = write!(body, "\n{heading}\n");
    for text in lines.by_ref().take(LINES_MAX) {
        let _ = writeln!(body, "  {text}");
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(body, "  and {more} more");
    }
}

fn list<'a>(about: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    about.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn entity(entity: &Value) -> String {
    let text = |name: &str| entity.get(name).map(spelt).unwrap_or_default();
    format!("{} {} ({})", text("kind"), text("value"), text("role"))
}

fn action(action: &Value) -> String {
    if let Some(text) = action.as_str() {
        return clean(text);
    }
    let text = |name: &str| action.get(name).map(spelt).filter(|text| !text.is_empty());
    let what = text("summary").or_else(|| text("action")).unwrap_or_default();
    let rest = [text("status"), text("note")].into_iter().flatten().collect::<Vec<_>>().join(", ");
    if rest.is_empty() { what } else { format!("{what}: {rest}") }
}

/// Returns a value as a person reads it, on one line.
fn spelt(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    }
}

/// Returns a text on one line, without letters that nobody sees, and with no address to click on.
fn clean(text: &str) -> String {
    let line = stripped(text).replace("://", "[:]//");
    let line = line.trim();
    match line.char_indices().nth(LINE_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn stripped(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .filter(|letter| !is_invisible(*letter))
        .collect()
}

/// Letters without a width, and those that turn the direction of writing: they make a text look like another one.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Returns a text in ASCII, of a length at most.
fn plain(text: &str, letters_max: usize) -> String {
    let text: String = clean(text).chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect();
    text.chars().take(letters_max).collect::<String>().trim_end().to_owned()
}

/// Returns a text of so many bytes at most.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = (0..=bytes_max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}\n… the rest is left out\n", &text[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_readable() {
        let about = json!({
            "mode": "enforce", "title": "Port probe on i-0123456789abcdef0", "severity": "low",
            "type": "Recon:EC2/PortProbeUnprotectedPort", "account": "123456789012", "region": "eu-west-3",
            "attackers": ["203.0.113.7", "198.51.100.9"], "resources": ["i-0123456789abcdef0"],
            "actions": [{"summary": "block 203.0.113.7 at the web application firewall", "status": "done",
                "note": "203.0.113.7 is in the IP set block_v4", "undo": "d-1"}],
            "link": "https://soc.example/alerts/1", "port": 22,
        });
        let message = message(None, None, &about);
        assert_eq!(message.subject, "[LOW] Port probe on i-0123456789abcdef0");
        assert_eq!(message.sms, "[LOW] Port probe on i-0123456789abcdef0 from 203.0.113.7, 198.51.100.9; 1 action");
        let expected = "\
[LOW] Port probe on i-0123456789abcdef0

What happened
  Finding: Recon:EC2/PortProbeUnprotectedPort
  Severity: low
  Account: 123456789012
  Region: eu-west-3
  port: 22

Who attacks
  203.0.113.7
  198.51.100.9

What is ours
  i-0123456789abcdef0

What was done
  block 203.0.113.7 at the web application firewall: done, 203.0.113.7 is in the IP set block_v4

How to take it back
  vigie aws undo d-1

https://soc.example/alerts/1
";
        assert_eq!(message.text, expected);
    }

    #[test]
    fn hostile_content_is_tamed() {
        let about = json!({
            "title": "x\r\nBcc: all@example.org\u{202e}gpj.exe http://evil.example/", "mode": "dry_run",
            "attackers": vec!["\u{200b}é\u{7}\"\\".repeat(2_000); 500],
            "note": "\u{e0001}\u{feff}",
        });
        let made =
            message(Some("\u{1b}[31m ünï\ncode"), Some(&"line\r\nhttps://evil.example\u{0}\n".repeat(9_000)), &about);
        assert_eq!(made.subject, "[31m ?n? code");
        for text in [&made.subject, &made.sms] {
            assert!(text.chars().all(|letter| letter.is_ascii() && !letter.is_ascii_control()), "{text}");
        }
        assert!(made.subject.len() <= SUBJECT_MAX && made.sms.len() <= SMS_MAX);
        assert!(!made.text.contains("://"));
        assert!(made.text.chars().all(|letter| letter == '\n' || !letter.is_control()));
        let quotes = message(None, Some(&"\"\\".repeat(400)), &json!({"attackers": vec!["\"\\".repeat(240); 400]}));
        for made in [made, quotes, message(None, None, &Value::Null), message(Some(""), Some(""), &json!([1]))] {
            assert!(!made.subject.is_empty());
            // Percent-encoding is not part of what SNS counts.
            assert!(made.to_json().len() < 256 * 1024, "{}", made.to_json().len());
        }
    }
}
