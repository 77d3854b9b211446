//! Access log line to event. Documents use Sigma's names for web servers, which are W3C's.

use std::borrow::Cow;

use serde_json::{Map, Value};
use vigie_model::{
    Class, Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Outcome, Timestamp,
};

use super::schema;
use crate::Fault;
use crate::entities::{EntityList, address};
use crate::json::{number, scalar, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a line.
pub(crate) fn draft_of_line(line: &str) -> Result<Draft, Fault> {
    let line = schema::line(line)?;
    let time = times::common_log(line.time)
        .or_else(|| times::iso(line.time))
        .ok_or_else(|| Fault::bad_time("time", line.time))?;
    let mut document = Document::default();
    document.set("c-ip", line.client);
    let texts = [
        ("cs-host", line.host),
        ("cs-username", line.user),
        ("cs-referer", line.referer.as_deref()),
        ("cs-user-agent", line.agent.as_deref()),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            document.set(name, value);
        }
    }
    if let Some(status) = line.status {
        document.set("sc-status", status);
    }
    if let Some(bytes) = line.bytes {
        document.set("sc-bytes", bytes);
    }
    request(&mut document, &line.request);
    Ok(draft(document, Some(time)))
}

/// Returns the event in a JSON document: the document as it is, with Sigma's names added.
pub(super) fn draft_of_json(fields: Map<String, Value>) -> Result<Draft, Fault> {
    let native = Document::new(fields);
    let mut document = native.clone();
    // The request line first: its parts are the most exact, and single members override none of them.
    if let Some(line) = text(&native, "request") {
        request(&mut document, line);
    }
    for (name, paths) in schema::JSON_NAMES {
        if document.fields().contains_key(name) {
            continue;
        }
        let is_number = matches!(name, "sc-status" | "sc-bytes");
        let value = paths.iter().find_map(|path| {
            if is_number {
                return number(&native, path).map(Value::from);
            }
            // Caddy keeps headers as lists.
            let first = native.get(path).and_then(Value::as_array).and_then(|list| list.first()?.as_str());
            first.map(str::to_owned).or_else(|| scalar(&native, path).map(Cow::into_owned)).map(Value::from)
        });
        if let Some(value) = value {
            document.set(name, value);
        }
    }
    if !document.fields().contains_key("c-ip") && !document.fields().contains_key("cs-uri") {
        return Err(Fault::MissingField { field: "c-ip" });
    }
    uri_parts(&mut document);
    let said = schema::JSON_TIMES.iter().find_map(|path| native.get(path).filter(|value| !value.is_null()));
    let time = match said {
        None => None,
        Some(value) => Some(
            times::json(value)
                .or_else(|| times::common_log(value.as_str()?))
                .ok_or_else(|| Fault::bad_time("time", value))?,
        ),
    };
    Ok(draft(document, time))
}

/// Sets what a request line says. A line that is no HTTP, such as a TLS hello sent to a plain port, is all `cs-uri`.
fn request(document: &mut Document, line: &str) {
    let parts = line.split_once(' ').filter(|(method, _)| {
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'-')
    });
    let uri = match parts {
        Some((method, rest)) => {
            document.set("cs-method", method);
            match rest.rsplit_once(' ').filter(|(_, version)| version.starts_with("HTTP/")) {
                Some((uri, version)) => {
                    document.set("cs-version", version);
                    uri
                }
                None => rest,
            }
        }
        None => line,
    };
    if !uri.is_empty() && uri != "-" {
        document.set("cs-uri", uri);
    }
    uri_parts(document);
}

fn uri_parts(document: &mut Document) {
    let Some(uri) = document.text("cs-uri").map(str::to_owned) else { return };
    let (stem, query) = uri.split_once('?').map_or((&*uri, None), |(stem, query)| (stem, Some(query)));
    document.set("cs-uri-stem", stem);
    if let Some(query) = query {
        document.set("cs-uri-query", query);
    }
}

fn draft(document: Document, time: Option<Timestamp>) -> Draft {
    let owned = |name| text(&document, name).map(str::to_owned);
    let client = text(&document, "c-ip");
    let status = number(&document, "sc-status");
    let host = owned("cs-host").map(|host| host.split_once(':').map_or(host.as_str(), |(name, _)| name).to_owned());
    let mut envelope = Envelope {
        class: Class::HttpActivity,
        activity: owned("cs-method").unwrap_or_default(),
        outcome: match status {
            Some(100..=399) => Outcome::Success,
            Some(_) => Outcome::Failure,
            None => Outcome::Unknown,
        },
        logsource: Logsource::new("", "webserver", ""),
        user: owned("cs-username"),
        src: Endpoint {
            ip: client.and_then(address),
            port: None,
            host: client.filter(|client| address(client).is_none()).map(str::to_owned),
        },
        url: owned("cs-uri"),
        domain: host,
        ..Envelope::default()
    };
    let from = client.unwrap_or("?");
    let code = status.map_or("-".to_owned(), |status| status.to_string());
    let uri = envelope.url.as_deref().unwrap_or("-");
    let method = if envelope.activity.is_empty() { "request" } else { &envelope.activity };
    envelope.message = format!("{method} {uri} {code} from {from}");
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_some(Kind::User, envelope.user.as_deref(), EntityRole::Actor);
    entities.add_some(Kind::Domain, envelope.domain.as_deref().filter(|d| address(d).is_none()), EntityRole::Target);
    entities.add_some(Kind::UserAgent, text(&document, "cs-user-agent"), EntityRole::Related);
    Draft { time, envelope, entities, document }
}
