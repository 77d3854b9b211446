//! Which source reads the payload of a message.

use crate::sources::linux_auth;
use crate::syslog::Message;

/// Programs whose messages may be lines of a web server's access log.
const WEB_SERVERS: [&str; 7] = ["nginx", "apache", "apache2", "httpd", "haproxy", "caddy", "lighttpd"];

/// What a message holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// Logins, sessions, accounts: `linux_auth`.
    Auth,
    /// Perhaps a line of an access log: `web_access`.
    Access,
    /// Perhaps an EVE record: `suricata_eve`.
    Json,
    /// Text.
    Text,
}

/// Returns what a message seems to hold; the reader has the last word.
pub(super) fn payload(message: &Message<'_>) -> Payload {
    let program = message.program.as_deref().unwrap_or_default();
    if linux_auth::is_auth_program(program) {
        return Payload::Auth;
    }
    if message.text.starts_with('{') || message.text.starts_with("@cee:") {
        return Payload::Json;
    }
    // A file with several logs in it has lines without any header.
    if WEB_SERVERS.contains(&program) || (message.time.is_none() && message.program.is_none()) {
        return Payload::Access;
    }
    Payload::Text
}
