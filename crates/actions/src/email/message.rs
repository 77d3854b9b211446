//! What a mail says.

use std::fmt::Write as _;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use vigie_model::Action;
use vigie_respond::{Briefing, ExecuteError};

use super::MailLetter;

/// How many characters of a subject are kept.
const SUBJECT_CHARS_MAX: usize = 200;

/// Builds the mail that an action asks for.
pub(super) fn build(action: &Action, from: &Mailbox, recipients: &[Mailbox]) -> Result<Message, ExecuteError> {
    let briefing = briefing(action)?;
    let lead = text(action, "text")?;
    let subject = subject(action, briefing.as_ref())?;
    let rows = briefing.as_ref().map(rows).unwrap_or_default();
    let body = MultiPart::alternative_plain_html(
        plain(lead, briefing.as_ref(), &rows, action),
        html(lead, briefing.as_ref(), &rows, action),
    );
    write(&action.id.to_string(), &subject, from, recipients, body)
}

/// Builds the mail of a letter.
pub(super) fn letter(letter: &MailLetter<'_>, from: &Mailbox, to: &[Mailbox]) -> Result<Message, ExecuteError> {
    let words = if letter.html.is_empty() {
        MultiPart::mixed().singlepart(SinglePart::plain(letter.text.to_owned()))
    } else {
        MultiPart::alternative_plain_html(letter.text.to_owned(), letter.html.to_owned())
    };
    let body = if letter.attachments.is_empty() { words } else { attached(letter, words)? };
    // A key may hold what an address may not.
    let id = hex::encode(&Sha256::digest(letter.key)[..16]);
    write(&id, &on_one_line(letter.subject), from, to, body)
}

fn attached(letter: &MailLetter<'_>, words: MultiPart) -> Result<MultiPart, ExecuteError> {
    let mut body = MultiPart::mixed().multipart(words);
    for file in letter.attachments {
        let media_type = ContentType::parse(&file.media_type).map_err(|error| ExecuteError::Unable {
            what: format!("attach `{}` to a mail", file.name),
            reason: error.to_string(),
        })?;
        body = body.singlepart(Attachment::new(on_one_line(&file.name)).body(file.bytes.clone(), media_type));
    }
    Ok(body)
}

fn write(
    id: &str,
    subject: &str,
    from: &Mailbox,
    recipients: &[Mailbox],
    body: MultiPart,
) -> Result<Message, ExecuteError> {
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(subject)
        .date_now()
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        // RFC 3834: out-of-office programs must not answer.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for recipient in recipients {
        builder = builder.to(recipient.clone());
    }
    builder
        .multipart(body)
        .map_err(|error| ExecuteError::Unable { what: "write the mail".to_owned(), reason: error.to_string() })
}

fn briefing(action: &Action) -> Result<Option<Briefing>, ExecuteError> {
    let Some(about) = action.parameters.get("about") else { return Ok(None) };
    serde_json::from_value(about.clone())
        .map(Some)
        .map_err(|error| ExecuteError::Parameter { name: "about".to_owned(), reason: error.to_string() })
}

fn text<'a>(action: &'a Action, name: &str) -> Result<Option<&'a str>, ExecuteError> {
    match action.parameters.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(ExecuteError::Parameter { name: name.to_owned(), reason: "expected a text".to_owned() }),
    }
}

/// A line break here would begin a header of the attacker's own.
fn subject(action: &Action, briefing: Option<&Briefing>) -> Result<String, ExecuteError> {
    let given = text(action, "subject")?.map(str::to_owned);
    let subject = given.unwrap_or_else(|| match briefing {
        Some(about) => format!("[{}] {}", about.severity.as_str().to_uppercase(), about.title),
        None => "Message from Vigie".to_owned(),
    });
    Ok(on_one_line(&subject))
}

fn on_one_line(subject: &str) -> String {
    let is_break = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    subject.chars().map(|letter| if is_break(letter) { ' ' } else { letter }).take(SUBJECT_CHARS_MAX).collect()
}

fn rows(about: &Briefing) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Severity", about.severity.to_string()),
        ("Tenant", about.tenant.to_string()),
        ("Rule", format!("{} ({})", about.rule_title, about.rule)),
        ("Findings", about.count.to_string()),
        ("First seen", about.first_seen.to_string()),
        ("Last seen", about.last_seen.to_string()),
    ];
    if !about.attack.is_empty() {
        rows.push(("ATT&CK", about.attack.join(", ")));
    }
    if let Some(case) = &about.case {
        rows.push(("Case", format!("#{} {}", case.number, case.title)));
    }
    rows.push(("Alert", about.alert.to_string()));
    rows
}

fn entities(about: &Briefing) -> Vec<String> {
    let mut lines: Vec<String> =
        about.entities.iter().map(|entity| format!("{} {}", entity.kind, entity.value)).collect();
    if about.entities_more > 0 {
        lines.push(format!("and {} more", about.entities_more));
    }
    lines
}

fn samples(about: &Briefing) -> Vec<String> {
    about.samples.iter().map(|event| format!("{} {}: {}", event.time, event.source, event.message)).collect()
}

fn footer(action: &Action) -> String {
    format!("Sent by Vigie, action {}.", action.id)
}

fn plain(lead: Option<&str>, about: Option<&Briefing>, rows: &[(&str, String)], action: &Action) -> String {
    let mut body = String::new();
    if let Some(lead) = lead {
        body.extend([lead, "\n\n"]);
    }
    if let Some(about) = about {
        body.extend([about.title.as_str(), "\n"]);
        if !about.description.is_empty() {
            body.extend([about.description.as_str(), "\n"]);
        }
        body.push('\n');
        for (name, value) in rows {
            writeln!(body, "{name:<11} {value}").expect("a string takes any text");
        }
        for (heading, lines) in [("What it is about", entities(about)), ("Sample events", samples(about))] {
            if !lines.is_empty() {
                writeln!(body, "\n{heading}\n  {}", lines.join("\n  ")).expect("a string takes any text");
            }
        }
        body.push('\n');
    }
    body.extend(["-- \n", &footer(action), "\n"]);
    body
}

fn html(lead: Option<&str>, about: Option<&Briefing>, rows: &[(&str, String)], action: &Action) -> String {
    let mut body = String::from("<!doctype html><html><body style=\"font-family:sans-serif\">\n");
    if let Some(lead) = lead {
        writeln!(body, "<p>{}</p>", escape(lead).replace('\n', "<br>")).expect("a string takes any text");
    }
    if let Some(about) = about {
        writeln!(body, "<h2>{}</h2>", escape(&about.title)).expect("a string takes any text");
        if !about.description.is_empty() {
            writeln!(body, "<p>{}</p>", escape(&about.description)).expect("a string takes any text");
        }
        body.push_str("<table>\n");
        for (name, value) in rows {
            writeln!(body, "<tr><th align=\"left\">{}</th><td>{}</td></tr>", escape(name), escape(value))
                .expect("a string takes any text");
        }
        body.push_str("</table>\n");
        for (heading, lines) in [("What it is about", entities(about)), ("Sample events", samples(about))] {
            if lines.is_empty() {
                continue;
            }
            writeln!(body, "<h3>{heading}</h3>\n<ul>").expect("a string takes any text");
            for line in lines {
                writeln!(body, "<li>{}</li>", escape(&line)).expect("a string takes any text");
            }
            body.push_str("</ul>\n");
        }
    }
    writeln!(body, "<p><small>{}</small></p>\n</body></html>", footer(action)).expect("a string takes any text");
    body
}

/// What came out of a log is only ever text.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
