//! The combined log format, <https://httpd.apache.org/docs/current/logs.html#combined>, with the host before it that
//! `vhost_combined` writes, and the names that JSON access logs use for its parts.

use std::borrow::Cow;

use crate::Fault;

/// A line of an access log taken apart; absent parts are `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) host: Option<&'a str>,
    pub(super) client: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) time: &'a str,
    pub(super) request: Cow<'a, str>,
    pub(super) status: Option<u16>,
    pub(super) bytes: Option<u64>,
    pub(super) referer: Option<Cow<'a, str>>,
    pub(super) agent: Option<Cow<'a, str>>,
}

const EXPECTED: &str = "a line of the common or combined log format";

/// Takes a line apart. What follows the user agent, such as nginx's request time, is left alone.
///
/// # Errors
/// Fails where the client, the time in brackets, the request in quotes or the status is missing.
pub(super) fn line(text: &str) -> Result<Line<'_>, Fault> {
    let fault = |reason, rest: &str| Fault::BadLine { expected: EXPECTED, reason, offset: text.len() - rest.len() };
    let (names, rest) = text.split_once(" [").ok_or_else(|| fault("no time in brackets", text))?;
    let (time, rest) = rest.split_once(']').ok_or_else(|| fault("no bracket closes the time", rest))?;
    let names: Vec<&str> = names.splitn(5, ' ').filter(|name| !name.is_empty()).collect();
    // A user name may hold blanks, so what is left over belongs to it.
    let (host, client, user) = match names[..] {
        [client] => (None, client, None),
        [client, _ident] => (None, client, None),
        [client, _ident, user] => (None, client, Some(user)),
        [host, client, "-", user] => (Some(host), client, Some(user)),
        [client, "-", user, ..] => (None, client, Some(user)),
        [_, _, _, _, ..] => return Err(fault("more before the time than a client, an identity and a user", text)),
        [] => return Err(fault("no client", text)),
    };
    let quoted = rest.trim_start();
    let (request, rest) = quote(quoted).ok_or_else(|| fault("no request in quotes", quoted))?;
    let mut words = rest.trim_start().splitn(3, ' ');
    let status = words.next().unwrap_or_default();
    if status != "-" && status.parse::<u16>().is_err() {
        return Err(fault("no status", rest.trim_start()));
    }
    let bytes = words.next().and_then(|word| word.parse().ok());
    let rest = words.next().unwrap_or_default().trim_start();
    let (referer, rest) = quote(rest).map_or((None, rest), |(value, rest)| (Some(value), rest.trim_start()));
    let agent = quote(rest).map(|(value, _)| value);
    Ok(Line {
        host: host.map(|host| host.split_once(':').map_or(host, |(name, _port)| name)),
        client,
        user: user.filter(|user| !matches!(*user, "-" | "\"\"")),
        time,
        request,
        status: status.parse().ok(),
        bytes,
        referer: referer.filter(|value| is_said(value)),
        agent: agent.filter(|value| is_said(value)),
    })
}

fn is_said(value: &str) -> bool {
    !matches!(value, "" | "-")
}

/// Reads a text in quotes, a backslash before an inner quote taken off; returns it and what follows.
fn quote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    let mut has_escapes = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => (escaped, has_escapes) = (true, true),
            b'"' => {
                let value = &inside[..at];
                let value = if has_escapes { Cow::Owned(value.replace("\\\"", "\"")) } else { Cow::Borrowed(value) };
                return Some((value, &inside[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

/// A part of a request by its Sigma name, and the names that JSON logs of nginx, Apache, Caddy, Traefik, HAProxy, IIS and
/// load balancers give it.
pub(super) const JSON_NAMES: [(&str, &[&str]); 10] = [
    (
        "c-ip",
        &[
            "c-ip",
            "remote_addr",
            "remote_ip",
            "client_ip",
            "clientip",
            "ClientHost",
            "request.remote_ip",
            "request.client_ip",
            "client",
            "remoteIP",
            "source.ip",
            "ip",
        ],
    ),
    ("cs-username", &["cs-username", "remote_user", "user", "user_id", "ClientUsername"]),
    (
        "cs-method",
        &["cs-method", "request_method", "method", "verb", "RequestMethod", "request.method", "http.request.method"],
    ),
    ("cs-uri", &["cs-uri", "request_uri", "uri", "RequestPath", "request.uri", "path", "url.original", "url"]),
    ("cs-version", &["cs-version", "server_protocol", "protocol", "RequestProtocol", "request.proto", "httpversion"]),
    ("sc-status", &["sc-status", "status", "status_code", "response", "DownstreamStatus", "http.response.status_code"]),
    ("sc-bytes", &["sc-bytes", "body_bytes_sent", "bytes_sent", "bytes", "size", "DownstreamContentSize"]),
    (
        "cs-referer",
        &["cs-referer", "http_referer", "referer", "referrer", "request_Referer", "request.headers.Referer"],
    ),
    (
        "cs-user-agent",
        &[
            "cs-user-agent",
            "http_user_agent",
            "user_agent",
            "agent",
            "userAgent",
            "request_User-Agent",
            "request.headers.User-Agent",
            "user_agent.original",
        ],
    ),
    ("cs-host", &["cs-host", "http_host", "host", "vhost", "server_name", "RequestHost", "request.host"]),
];

/// Where JSON logs keep the time.
pub(super) const JSON_TIMES: [&str; 9] =
    ["time_iso8601", "time_local", "@timestamp", "timestamp", "time", "StartUTC", "ts", "msec", "datetime"];
