//! Syslog message of an authentication program to event.

use std::borrow::Cow;

use vigie_model::{
    Class, Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Outcome, Process, Severity,
};

use super::schema::{self, Entry};
use crate::entities::{EntityList, address};
use crate::json::{number, port, text};
use crate::normalise::Draft;
use crate::sources::syslog_document;
use crate::syslog::Message;

/// Returns the event in a message. A line that is not known is an event too, without an `action`.
pub(crate) fn draft(message: &Message<'_>) -> Draft {
    let program = message.program.as_deref().unwrap_or_default();
    let (line, repeated) = unfold(&message.text);
    let entry = schema::entry(program, line);
    let mut document = syslog_document(message);
    if let Some(repeated) = repeated {
        document.set("repeated", repeated);
    }
    if let Some(entry) = &entry {
        fill(&mut document, entry, program);
    }
    let owned = |name| text(&document, name).map(str::to_owned);
    let mut envelope = Envelope {
        class: entry.as_ref().map_or(Class::Base, |entry| entry.class),
        activity: owned("action").unwrap_or_default(),
        outcome: entry.as_ref().map_or(Outcome::Unknown, |entry| entry.outcome),
        severity: Severity::Informational,
        logsource: Logsource::new("linux", "", schema::service(program)),
        user: owned("user"),
        src: Endpoint {
            ip: text(&document, "src_ip").and_then(address),
            port: port(&document, "src_port"),
            host: owned("src_host"),
        },
        device: owned("hostname"),
        process: Process {
            name: owned("program"),
            pid: message.pid,
            command_line: owned("command"),
            ..Process::default()
        },
        ..Envelope::default()
    };
    envelope.message = summary(&document, line);
    Draft { time: message.time, entities: entities(&document, &envelope), envelope, document }
}

/// Takes off what rsyslog puts around a line that came several times: `message repeated 3 times: [ … ]`.
fn unfold(text: &str) -> (&str, Option<u64>) {
    let inner = text
        .strip_prefix("message repeated ")
        .and_then(|rest| rest.split_once(" times: ["))
        .and_then(|(count, rest)| Some((rest.strip_suffix(']')?.trim(), count.parse().ok()?)));
    inner.map_or((text, None), |(line, count)| (line, Some(count)))
}

/// Sets what a line says.
fn fill(document: &mut Document, entry: &Entry<'_>, program: &str) {
    document.set("action", entry.action);
    if entry.outcome != Outcome::Unknown {
        document.set("outcome", entry.outcome.as_str());
    }
    for (name, value) in &entry.parts {
        match *name {
            // PAM gives the name of the host where it resolved it.
            "src_ip" if address(value).is_none() => document.set("src_host", &**value),
            "src_ip" => document.set(
                "src_ip",
                address(value).map_or(Cow::Borrowed(&**value), |ip| Cow::Owned(ip.to_string())).as_ref(),
            ),
            "src_port" | "uid" | "gid" | "count" => match value.parse::<u64>() {
                Ok(number) => document.set(name, number),
                Err(_) => document.set(name, &**value),
            },
            "invalid" => document.set("user_known", *value == "authenticating user"),
            name => document.set(name, &**value),
        }
    }
    // Whoever logs in is the user; only sudo, su and the tools for accounts have one account act on another.
    let acts_on_itself = entry.class == Class::Authentication && !matches!(program, "sudo" | "su" | "su-l" | "runuser");
    if acts_on_itself && document.get("user").is_none() {
        let target = document.text("target_user").map(str::to_owned);
        if let Some(target) = target {
            document.set("user", target);
        }
    }
}

fn summary(document: &Document, line: &str) -> String {
    let field = |name| text(document, name);
    let user = field("user").unwrap_or("?");
    let from = field("src_ip").or_else(|| field("src_host")).map(|from| format!(" from {from}")).unwrap_or_default();
    let target = field("target_user").unwrap_or("?");
    let group = field("target_group").unwrap_or("?");
    match (field("action").unwrap_or_default(), field("method")) {
        ("login_failed", Some(method)) if document.get("user_known").is_some() => {
            format!("Failed {method} for invalid user {user}{from}")
        }
        ("login_failed", Some(method)) => format!("Failed {method} for {user}{from}"),
        ("login_failed", None) => format!("Failed login for {user}{from}"),
        ("login_success", Some(method)) => format!("Accepted {method} for {user}{from}"),
        ("invalid_user", _) => format!("Invalid user {user}{from}"),
        ("sudo_command", _) => format!("{user} ran {} as {target}", field("command").unwrap_or("?")),
        ("sudo_denied", _) => {
            let reason = field("reason").unwrap_or("not allowed");
            format!("sudo denied to {user} ({reason}): {}", field("command").unwrap_or("?"))
        }
        ("su_success", _) => format!("{user} became {target}"),
        ("su_failed", _) => format!("{user} failed to become {target}"),
        ("user_added", _) => {
            let uid = number(document, "uid").map(|uid| format!(" (uid {uid})")).unwrap_or_default();
            format!("User {target} added{uid}")
        }
        ("user_deleted", _) => format!("User {target} deleted"),
        ("group_member_added", _) => format!("User {target} added to group {group}"),
        ("group_added", _) => format!("Group {group} added"),
        ("password_changed", _) => format!("Password of {target} changed"),
        ("cron_command", _) => format!("cron ran {} as {user}", field("command").unwrap_or("?")),
        _ => match field("program") {
            Some(program) => format!("{program}: {line}"),
            None if line.is_empty() => "(empty message)".to_owned(),
            None => line.to_owned(),
        },
    }
}

fn entities(document: &Document, envelope: &Envelope) -> EntityList {
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_some(Kind::Host, envelope.src.host.as_deref(), EntityRole::Source);
    entities.add_some(Kind::User, envelope.user.as_deref(), EntityRole::Actor);
    entities.add_some(Kind::User, text(document, "target_user"), EntityRole::Target);
    entities.add_some(Kind::Host, envelope.device.as_deref(), EntityRole::Target);
    entities.add_some(Kind::Process, text(document, "command"), EntityRole::Related);
    entities
}
