//! The fields that events can be searched by: one table, read by the language, the query maker and the schema.

use serde::Serialize;

/// What kind of values a field has, and so how it can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A short text, compared whole and without regard to ASCII case; takes patterns and ranges.
    Keyword,
    /// Free text, searched by its words.
    Text,
    /// An IPv4 or IPv6 address; takes networks and ranges.
    Address,
    /// A whole number from 0; takes ranges.
    Number,
    /// A point in time; takes ranges.
    Time,
    /// One of informational, low, medium, high, critical; takes ranges.
    Severity,
    /// An id of 32 hex digits.
    Id,
}

/// A field that events can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SearchField {
    /// Its own name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// How it can be searched.
    pub kind: FieldKind,
    /// Whether [`crate::EventStore::top`] counts its values.
    pub countable: bool,
    /// What it holds, for a person.
    pub about: &'static str,
}

use FieldKind::{Address, Id, Keyword, Number, Severity, Text, Time};

const fn field(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    about: &'static str,
) -> SearchField {
    SearchField { name, aliases, kind, countable: true, about }
}

const fn uncounted(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    about: &'static str,
) -> SearchField {
    SearchField { name, aliases, kind, countable: false, about }
}

/// Every field. The columns of the index are named after these with `_` for `.`; `tenant`, `ip` and `hash` have no column
/// of their own.
const FIELDS: &[SearchField] = &[
    uncounted("time", &["timestamp", "@timestamp"], Time, "when it happened, by its own account"),
    uncounted("arrival", &["arrived", "ingested"], Time, "when it reached us"),
    uncounted("id", &["event.id", "event_id"], Id, "the event's id"),
    field("tenant", &["client"], Keyword, "whose it is"),
    field("source", &["log_source"], Keyword, "which source read it, such as `cloudtrail`"),
    field("class", &["class_name", "event.class"], Keyword, "what kind of event it is, such as `authentication`"),
    field("activity", &["action", "event.action"], Keyword, "what was done, in the source's words"),
    field("outcome", &["status", "event.outcome"], Keyword, "success, failure or unknown"),
    field("severity", &["level"], Severity, "how bad the source says it is"),
    field("product", &["logsource.product"], Keyword, "the logsource's product, such as `windows`"),
    field("category", &["logsource.category"], Keyword, "the logsource's category, such as `process_creation`"),
    field("service", &["logsource.service"], Keyword, "the logsource's service, such as `sshd`"),
    field("user", &["user.name", "username", "actor", "account"], Keyword, "the account that acted"),
    uncounted("ip", &["address", "addr"], Address, "either end's address"),
    field("src.ip", &["src_ip", "srcip", "source.ip", "src"], Address, "where it came from"),
    field("src.port", &["src_port", "srcport", "source.port"], Number, "the port it came from"),
    field("src.host", &["src_host", "source.host"], Keyword, "the name of where it came from"),
    field("dst.ip", &["dst_ip", "dstip", "dest_ip", "destination.ip", "dst"], Address, "where it went"),
    field("dst.port", &["dst_port", "dstport", "dest_port", "destination.port", "port"], Number, "the port it went to"),
    field("dst.host", &["dst_host", "destination.host"], Keyword, "the name of where it went"),
    field("device", &["host", "hostname", "host.name", "computer"], Keyword, "the machine that told of it"),
    field("process.name", &["process", "process_name", "program"], Keyword, "the process's short name"),
    field("process.path", &["process_path", "image"], Keyword, "the path of the process's image"),
    field("process.pid", &["pid", "process_pid"], Number, "the process id"),
    uncounted(
        "process.command_line",
        &["command_line", "commandline", "cmdline", "command"],
        Keyword,
        "the command line, whole; `text` finds its words",
    ),
    field("process.parent", &["parent", "process_parent", "parent_image"], Keyword, "the parent's image"),
    field("file.path", &["file", "file_path", "path"], Keyword, "the path of the file touched"),
    uncounted("file.hash", &["hash", "file_hash", "md5", "sha1", "sha256"], Keyword, "a hash of the file touched"),
    uncounted("url", &["uri"], Keyword, "the URL or request path, whole; `text` finds its words"),
    field("domain", &["dns", "query"], Keyword, "the domain asked for or spoken to"),
    field("cloud.provider", &["cloud_provider", "provider"], Keyword, "the cloud, such as `aws`"),
    field("cloud.account", &["cloud_account", "account_id"], Keyword, "the cloud account"),
    field("cloud.region", &["cloud_region", "region"], Keyword, "the cloud region"),
    uncounted("entity", &["entities", "entity.value"], Keyword, "the value of any entity of the event"),
    uncounted("message", &["msg"], Text, "the words of the one-line message"),
    uncounted("text", &["native", "raw", "any"], Text, "the words of the message and the native document"),
];

/// Returns every field that events can be searched by, for help and completion.
pub fn search_fields() -> &'static [SearchField] {
    FIELDS
}

/// Returns the field of this name or alias, without regard to ASCII case.
pub(crate) fn find(name: &str) -> Option<&'static SearchField> {
    FIELDS.iter().find(|field| names(field).any(|known| known.eq_ignore_ascii_case(name)))
}

fn names(field: &'static SearchField) -> impl Iterator<Item = &'static str> {
    std::iter::once(field.name).chain(field.aliases.iter().copied())
}

/// How long a name may be before no suggestion is looked for.
const SUGGESTION_NAME_MAX: usize = 64;

/// Returns the field's name most like one that does not exist, where any is like it at all.
pub(crate) fn suggest(name: &str) -> Option<&'static str> {
    nearest(name, FIELDS.iter().flat_map(names))
}

/// Returns that of the known words which is most like another, where any is like it at all.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > SUGGESTION_NAME_MAX {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let near = word.len().div_ceil(3).min(3);
    known
        .map(|known| (distance(word.as_bytes(), known.as_bytes()), known))
        .filter(|(distance, _)| *distance <= near)
        .min_by_key(|(distance, known)| (*distance, known.len()))
        .map(|(_, known)| known)
}

/// Levenshtein's distance, with the swap of two neighbours counted once (the "optimal string alignment").
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, &a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in right.iter().enumerate() {
            let mut least = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == right[j - 1] && left[i - 1] == b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_one_field() {
        let mut seen = std::collections::HashSet::new();
        for name in FIELDS.iter().flat_map(names) {
            assert!(seen.insert(name), "`{name}` means two fields");
        }
    }

    #[test]
    fn suggestions() {
        #[track_caller]
        fn check(name: &str, expected: Option<&str>) {
            assert_eq!(suggest(name), expected);
        }
        check("scr.ip", Some("src.ip"));
        check("usr", Some("user"));
        check("sorce", Some("source"));
        check("SEVERTY", Some("severity"));
        check("dts_port", Some("dst_port"));
        check("zzzzzzzz", None);
        check(&"a".repeat(100_000), None);
    }
}
