//! Which of our kinds MISP's attribute types are.

use vigie_model::ObservableKind as Kind;

/// Returns what an attribute of this type and value holds that an event can name: none, one or two values (`domain|ip`).
/// Of a file name with a hash only the hash is taken: names are too common.
///
/// The types are those of MISP's describeTypes (2.5); what is left out (prose, registry keys, fingerprints of TLS, coins,
/// phone numbers…) has no kind of ours.
pub(crate) fn values_of<'a>(kind: &str, value: &'a str) -> Vec<(Kind, &'a str)> {
    let first = || value.split('|').next().unwrap_or_default();
    let second = || value.split_once('|').map(|(_, second)| second).unwrap_or_default();
    match kind {
        "ip-src" | "ip-dst" => vec![(Kind::Ip, value)],
        "ip-src|port" | "ip-dst|port" => vec![(Kind::Ip, first())],
        "domain" | "hostname" => vec![(Kind::Domain, value)],
        "hostname|port" => vec![(Kind::Domain, first())],
        "domain|ip" => vec![(Kind::Domain, first()), (Kind::Ip, second())],
        "url" | "uri" => vec![(Kind::Url, value)],
        "md5" | "sha1" | "sha256" => vec![(Kind::Hash, value)],
        "filename|md5" | "filename|sha1" | "filename|sha256" | "malware-sample" => vec![(Kind::Hash, second())],
        "filename" => vec![(Kind::File, value)],
        "email" | "email-src" | "email-dst" | "email-reply-to" => vec![(Kind::Mail, value)],
        "user-agent" => vec![(Kind::UserAgent, value)],
        _ => Vec::new(),
    }
}
