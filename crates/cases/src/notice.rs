//! What people are told of: a notification rule and an occasion make a letter.
//!
//! Subject and text may be the tenant's own, with `{{title}}` and the like; what the facts say goes into the text as it is,
//! into HTML escaped, into Slack's markup escaped, and into the subject on one line.

use std::collections::BTreeMap;

use vigie_model::{Alert, Case, Comment, NoticeRule, NoticeTrigger, Severity, Task};

use crate::text::one_line;

/// How long a subject is, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
/// How much of a description a letter quotes, in characters.
const QUOTE_CHARS_MAX: usize = 2_000;
/// How long a template may be, in characters.
pub const TEMPLATE_CHARS_MAX: usize = 20_000;

/// What a template may name.
pub const PLACEHOLDERS: [&str; 13] = [
    "assignee",
    "by",
    "description",
    "due",
    "kind",
    "link",
    "number",
    "severity",
    "status",
    "summary",
    "tenant",
    "text",
    "title",
];

/// What happened, and to what.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// An alert.
    Alert(&'a Alert),
    /// A case.
    Case(&'a Case),
    /// A task of a case.
    Task(&'a Task),
    /// A comment, with the title of what it is on.
    Comment(&'a Comment, &'a str),
}

/// Something that somebody may want to be told of.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// What happened.
    pub trigger: NoticeTrigger,
    /// To what.
    pub about: About<'a>,
    /// What people call the tenant.
    pub tenant: &'a str,
    /// Who did it.
    pub by: &'a str,
    /// Where to see it.
    pub link: Option<&'a str>,
    /// By when it is due, for what is or will be late.
    pub due: Option<vigie_model::Timestamp>,
}

/// What to send: one subject, the same words as text, HTML and Slack's markup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A page of HTML without scripts, styles from elsewhere or images.
    pub html: String,
    /// Slack's markup.
    pub slack: String,
}

/// A rule that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeRuleError {
    /// A template names what is not known.
    #[error("`{field}` names `{{{{{placeholder}}}}}`, which is not known: use one of {}", PLACEHOLDERS.join(", "))]
    Placeholder {
        /// Which template.
        field: &'static str,
        /// What it names.
        placeholder: String,
    },
    /// A text is too long.
    #[error("`{0}` is too long: at most {TEMPLATE_CHARS_MAX} characters")]
    TooLong(&'static str),
    /// The name is empty.
    #[error("`name` is empty: say what the rule is for")]
    NoName,
}

/// Returns what is wrong with a rule, if anything is.
pub fn check_notice_rule(rule: &NoticeRule) -> Result<(), NoticeRuleError> {
    if rule.name.trim().is_empty() {
        return Err(NoticeRuleError::NoName);
    }
    for (field, text) in [("name", &rule.name), ("subject", &rule.subject), ("body", &rule.body)] {
        if text.chars().nth(TEMPLATE_CHARS_MAX).is_some() {
            return Err(NoticeRuleError::TooLong(field));
        }
    }
    // A name is never filled in.
    for (field, text) in [("subject", &rule.subject), ("body", &rule.body)] {
        for placeholder in placeholders(text) {
            if !PLACEHOLDERS.contains(&placeholder) {
                let placeholder = placeholder.chars().take(40).collect();
                return Err(NoticeRuleError::Placeholder { field, placeholder });
            }
        }
    }
    Ok(())
}

/// Returns whether the rule asks to be told of the occasion.
pub fn asks_for(rule: &NoticeRule, occasion: &Occasion<'_>) -> bool {
    let severity = match occasion.about {
        About::Alert(alert) => alert.severity,
        About::Case(case) => case.severity,
        // A task and a comment have none of their own.
        About::Task(_) | About::Comment(..) => Severity::Critical,
    };
    rule.enabled && rule.trigger == occasion.trigger && severity >= rule.severity_min
}

/// Returns the letter that a rule sends on an occasion.
pub fn letter(rule: &NoticeRule, occasion: &Occasion<'_>) -> Letter {
    let facts = facts(occasion);
    let subject = if rule.subject.is_empty() { usual_subject(occasion.trigger) } else { &rule.subject };
    let subject = one_line(&filled(subject, &facts, str::to_owned), SUBJECT_CHARS_MAX);
    if rule.body.is_empty() {
        return Letter {
            text: usual_text(&facts),
            html: page(&subject, &usual_html(&facts)),
            slack: usual_slack(&subject, &facts),
            subject,
        };
    }
    let html = filled(&escape_html(&rule.body), &facts, escape_html).replace('\n', "<br>\n");
    Letter {
        text: filled(&rule.body, &facts, str::to_owned),
        html: page(&subject, &format!("<p>{html}</p>")),
        slack: filled(&rule.body, &facts, escape_slack),
        subject,
    }
}

type Facts = BTreeMap<&'static str, String>;

fn facts(occasion: &Occasion<'_>) -> Facts {
    let mut facts = Facts::from([("tenant", occasion.tenant.to_owned()), ("by", occasion.by.to_owned())]);
    let mut say = |name: &'static str, text: String| {
        if !text.is_empty() {
            facts.insert(name, text);
        }
    };
    say("link", occasion.link.unwrap_or_default().to_owned());
    say("due", occasion.due.map(|due| due.to_string()).unwrap_or_default());
    match occasion.about {
        About::Alert(alert) => {
            let words = if alert.description.is_empty() { &alert.rule.description } else { &alert.description };
            say("kind", "alert".into());
            say("title", alert.title.clone());
            say("severity", alert.severity.to_string());
            say("status", alert.status.as_str().replace('_', " "));
            say("assignee", alert.assignee.clone().unwrap_or_default());
            say("description", words.chars().take(QUOTE_CHARS_MAX).collect());
        }
        About::Case(case) => {
            say("kind", "case".into());
            say("title", case.title.clone());
            say("number", case.number.to_string());
            say("severity", case.severity.to_string());
            say("status", case.status.as_str().replace('_', " "));
            say("assignee", case.assignee.clone().unwrap_or_default());
            say("description", case.description.chars().take(QUOTE_CHARS_MAX).collect());
            say("summary", case.resolution.as_ref().map(|resolution| resolution.summary.clone()).unwrap_or_default());
        }
        About::Task(task) => {
            say("kind", "task".into());
            say("title", task.title.clone());
            say("assignee", task.assignee.clone().unwrap_or_default());
            say("description", task.description.chars().take(QUOTE_CHARS_MAX).collect());
            say("due", task.due.map(|due| due.to_string()).unwrap_or_default());
        }
        About::Comment(comment, title) => {
            say("kind", "comment".into());
            say("title", title.to_owned());
            say("text", comment.text.chars().take(QUOTE_CHARS_MAX).collect());
        }
    }
    facts
}

const fn usual_subject(trigger: NoticeTrigger) -> &'static str {
    match trigger {
        NoticeTrigger::AlertCreated => "[{{tenant}}] {{severity}} alert: {{title}}",
        NoticeTrigger::CaseCreated => "[{{tenant}}] {{severity}} case #{{number}} opened: {{title}}",
        NoticeTrigger::CaseAssigned => "[{{tenant}}] case #{{number}} is yours: {{title}}",
        NoticeTrigger::CaseClosed => "[{{tenant}}] case #{{number}} closed: {{title}}",
        NoticeTrigger::TaskAssigned => "[{{tenant}}] a task is yours: {{title}}",
        NoticeTrigger::CommentAdded => "[{{tenant}}] {{by}} commented on {{title}}",
        NoticeTrigger::SlaNear => "[{{tenant}}] case #{{number}} is due at {{due}}: {{title}}",
        NoticeTrigger::SlaBreached => "[{{tenant}}] case #{{number}} is late since {{due}}: {{title}}",
    }
}

/// The facts in the order in which a letter shows them.
const ORDER: [(&str, &str); 11] = [
    ("title", "Title"),
    ("number", "Case"),
    ("severity", "Severity"),
    ("status", "Status"),
    ("tenant", "Tenant"),
    ("assignee", "Assigned to"),
    ("by", "By"),
    ("due", "Due"),
    ("summary", "Summary"),
    ("text", "Comment"),
    ("description", "Description"),
];

fn shown(facts: &Facts) -> impl Iterator<Item = (&'static str, &str)> {
    ORDER.iter().filter_map(|(name, label)| facts.get(name).map(|text| (*label, text.as_str())))
}

fn usual_text(facts: &Facts) -> String {
    let line = |(label, fact): (&str, &str)| {
        let sign = if fact.contains('\n') { '\n' } else { ' ' };
        format!("{label}:{sign}{fact}\n")
    };
    let link = facts.get("link").map(|link| format!("\n{link}\n"));
    shown(facts).map(line).chain(link).collect::<Vec<_>>().concat()
}

fn usual_html(facts: &Facts) -> String {
    let row = |(label, fact): (&str, &str)| {
        let fact = escape_html(fact).replace('\n', "<br>");
        format!(
            "<tr><th align=\"left\" valign=\"top\" style=\"padding:2px 16px 2px 0\">{label}</th><td>{fact}</td></tr>\n"
        )
    };
    let rows = shown(facts).map(row).collect::<Vec<_>>().concat();
    let link = facts.get("link").map(|link| {
        let link = escape_html(link);
        format!("<p><a href=\"{link}\">{link}</a></p>\n")
    });
    format!("<table>\n{rows}</table>\n{}", link.unwrap_or_default())
}

fn page(subject: &str, inner: &str) -> String {
    let title = escape_html(subject);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"font-family:sans-serif\">\n<h1 style=\"font-size:18px\">{title}</h1>\n{inner}</body></html>\n"
    )
}

fn usual_slack(subject: &str, facts: &Facts) -> String {
    let subject = escape_slack(subject);
    let rest: Vec<String> = ["status", "assignee", "by", "summary", "text"]
        .iter()
        .filter_map(|name| facts.get(name).map(|fact| format!("{name}: {}", escape_slack(&one_line(fact, 300)))))
        .collect();
    let link = facts.get("link").map(|link| format!("\n{}", escape_slack(link))).unwrap_or_default();
    format!("*{subject}*\n{}{link}", rest.join(" · "))
}

/// Returns the names between `{{` and `}}`.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
}

/// Returns a template with its placeholders filled in; a fact that is missing leaves nothing. What a fact says is never read
/// as a template again.
fn filled(template: &str, facts: &Facts, escape: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some((name, rest)) = part.split_once("}}") {
            text.push_str(&facts.get(name.trim()).map(|fact| escape(fact)).unwrap_or_default());
            text.push_str(rest);
        } else {
            text.push_str("{{");
            text.push_str(part);
        }
    }
    text
}

fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A control character has no place in a page.
            other if other.is_control() && other != '\n' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Slack reads `<…>` as a link or a call to a channel.
fn escape_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
