//! Every key of the configuration file: its type, default and meaning. The check for unknown keys, the explanation of what
//! is in force and the reference are all made of this one table.

use std::fmt::Write as _;

/// One key of the configuration file.
pub(super) struct Key {
    /// Its path; `[]` marks a list of tables.
    pub(super) path: &'static str,
    /// What it takes, in words.
    pub(super) takes: &'static str,
    /// What is in force without it, as TOML; empty where nothing is, `required` where it must be given.
    pub(super) default: &'static str,
    /// What it means.
    pub(super) meaning: &'static str,
}

const fn key(path: &'static str, takes: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { path, takes, default, meaning }
}

pub(super) const KEYS: &[Key] = &[
    key("version", "1", "1", "The version of this file's shape."),
    key("data_folder", "path", "\"vigie-data\"", "Where everything that must survive a restart is kept."),
    key("default_tenant", "tenant", "\"default\"", "The tenant that is made at the first start."),
    key(
        "http.listen",
        "address:port",
        "\"127.0.0.1:8787\"",
        "Where the API and the page are served. An address other than loopback needs TLS.",
    ),
    key("http.tls_certificate", "path", "", "The certificate chain, PEM, leaf first."),
    key("http.tls_key", "path", "", "The private key of the certificate, PEM."),
    key(
        "http.insecure_plaintext",
        "true or false",
        "false",
        "Serve an address other than loopback without TLS. Passwords and keys can then be read on the way: only behind a proxy that adds TLS.",
    ),
    key(
        "http.public_url",
        "URL",
        "",
        "The address that people use, where it is not that of `http.listen`: for links in messages, and as an origin that browsers may send changes from.",
    ),
    key("http.session_hours", "1 to 720", "12", "How long a sign-in holds."),
    key("http.request_timeout_s", "1 to 600", "30", "How long a request may take, the live stream excepted."),
    key(
        "syslog[].protocol",
        "\"udp\" or \"tcp\"",
        "required",
        "How messages come. UDP cannot be slowed down: what does not fit is counted and lost.",
    ),
    key("syslog[].listen", "address:port", "required", "Where to listen."),
    key("syslog[].tenant", "tenant", "required", "Whose the messages are."),
    key("syslog[].source", "source", "\"syslog\"", "Which source reads them."),
    key("tail[].path", "path", "required", "The file to follow, through rotation and truncation."),
    key("tail[].tenant", "tenant", "required", "Whose its lines are."),
    key("tail[].source", "source", "required", "Which source reads them."),
    key("rules.builtin", "true or false", "true", "Whether the rules and pipelines that Vigie brings are used."),
    key("rules.folders", "list of paths", "[]", "Folders of Sigma rules; every `.yml` and `.yaml` below them is read."),
    key("rules.pipelines", "list of paths", "[]", "Processing pipelines, applied to the rules in this order."),
    key("playbooks.builtin", "true or false", "true", "Whether the playbooks that Vigie brings are used."),
    key("playbooks.folder", "path", "", "The folder of playbooks, `*.yml`."),
    key(
        "respond.mode",
        "\"dry_run\" or \"enforce\"",
        "\"dry_run\"",
        "Whether approved actions are done, or only planned and checked.",
    ),
    key(
        "respond.never_touch",
        "list of networks",
        "[]",
        "Addresses that no action may touch, beside those that the server finds by itself: its own, its gateways, its resolvers, and whoever is signed in as an administrator.",
    ),
    key(
        "respond.actions_per_hour_max",
        "number",
        "60",
        "How many actions playbooks may start in an hour, for each tenant.",
    ),
    key(
        "respond.host_block_ip",
        "true or false",
        "true",
        "Whether this host's firewall may be used to block addresses.",
    ),
    key("smtp.server", "name or address", "required", "The mail relay."),
    key("smtp.port", "port", "", "Its port; the usual one for its security where it is not said: 587, 465 or 25."),
    key(
        "smtp.security",
        "\"starttls\", \"tls\" or \"plain\"",
        "\"starttls\"",
        "How mail is protected on its way; `plain` only to loopback.",
    ),
    key("smtp.from", "mail address", "required", "The sender."),
    key("smtp.to", "list of mail addresses", "[]", "Who is told where a playbook names nobody."),
    key("smtp.username", "text", "", "The account at the relay."),
    key("smtp.password", "secret", "", "Its password."),
    key("smtp.ca_file", "path", "", "Certificate authorities to trust instead of the usual ones, PEM."),
    key("webhook[].name", "text", "required", "What playbooks call it."),
    key(
        "webhook[].url",
        "URL",
        "required",
        "Where messages are posted; `http` only to loopback. Where the address itself is a secret, a reference to it.",
    ),
    key("webhook[].secret", "secret", "", "The key of the HMAC-SHA256 signature that each message carries."),
    key("webhook[].format", "\"generic\" or \"slack\"", "\"generic\"", "What is posted."),
    key("webhook[].ca_file", "path", "", "Certificate authorities to trust instead of the usual ones, PEM."),
    key("aws[].tenant", "tenant", "required", "Whose account it is: actions on AWS for this tenant are done there."),
    key("aws[].region", "Region", "required", "The Region, where an action does not name one."),
    key(
        "aws[].settings",
        "path",
        "required",
        "What the account has for the actions to work with, JSON: `terraform output -raw settings`.",
    ),
    key(
        "aws[].assume_role",
        "ARN",
        "",
        "The role to act in; without it, the server's own credentials: environment, profile, container, instance.",
    ),
    key("aws[].external_id", "text", "", "The external id that the role asks for."),
    key("aws[].endpoint", "URL", "", "Where AWS is found, where it is not AWS's own place: an emulator."),
    key("intel.geo", "list of paths", "[]", "MaxMind-format files (City, Country, ASN) that tell where an address is."),
    key("intel.list[].name", "text", "required", "What the list is called."),
    key("intel.list[].path", "path", "required", "The file."),
    key("intel.list[].tenant", "tenant", "required", "Whose events it is matched with."),
    key("intel.list[].format", "\"csv\" or \"misp\"", "\"csv\"", "How it is written."),
    key(
        "thehive.enabled",
        "true or false",
        "true",
        "Whether TheHive's API is served too: `/api/v1/alert`, `/api/v1/case` and the like, for its clients.",
    ),
    key("forward[].name", "text", "required", "What the log calls it."),
    key("forward[].url", "URL", "required", "A TheHive elsewhere that gets the alerts too; `http` only to loopback."),
    key("forward[].key", "secret", "required", "The API key of a user there who may create alerts."),
    key("forward[].organisation", "text", "", "The organisation there, where the user is in several."),
    key("forward[].tenants", "list of tenants", "[]", "Whose alerts go there; those of all where there is none."),
    key("forward[].severity_min", "severity", "\"informational\"", "From which severity on."),
    key("forward[].ca_file", "path", "", "Certificate authorities to trust instead of the usual ones, PEM."),
    key("inbound[].name", "text", "required", "The last part of the address: `POST /api/v1/inbound/NAME`."),
    key("inbound[].tenant", "tenant", "required", "Whose alerts they become."),
    key(
        "inbound[].mapping.items",
        "JSON Pointer",
        "",
        "Where the list of alerts stands; the document is one alert where it is not said.",
    ),
    key(
        "inbound[].mapping.title",
        "text",
        "required",
        "One line. Here and below `{/path}` stands for the value at that JSON Pointer.",
    ),
    key("inbound[].mapping.description", "text", "", "What happened, in words."),
    key("inbound[].mapping.kind", "text", "\"external\"", "What kind of alert it is."),
    key("inbound[].mapping.source", "text", "required", "Who sends it."),
    key(
        "inbound[].mapping.reference",
        "text",
        "required",
        "What the sender calls it: a second one of this name is the same alert.",
    ),
    key("inbound[].mapping.link", "text", "", "Where to see it there."),
    key(
        "inbound[].mapping.severity",
        "text",
        "",
        "How bad it is: a severity, 1 to 4, or a word of `severity_words`; medium where it is not said.",
    ),
    key("inbound[].mapping.severity_words", "table of severities", "", "The sender's words for severities."),
    key(
        "inbound[].mapping.date",
        "text",
        "",
        "When it happened: RFC 3339, or seconds, milliseconds or microseconds since 1970.",
    ),
    key("inbound[].mapping.tags", "list of texts", "[]", "Its tags; one that comes out empty is left out."),
    key(
        "inbound[].mapping.observables",
        "list of texts",
        "",
        "For each type of observable the values; a pointer alone may lead to a list.",
    ),
    key(
        "cases.auto_open",
        "true or false",
        "true",
        "Whether alerts that share strong links open a case by themselves.",
    ),
    key(
        "cases.severity_min",
        "severity",
        "\"medium\"",
        "How bad an alert must be to count towards a case that opens by itself.",
    ),
    key("report.title", "text", "\"Weekly security report\"", "The title of the weekly report."),
    key("report.kept_days", "days", "1095", "How long reports that were made are kept."),
    key(
        "events.log_bytes_max",
        "bytes",
        "4294967296",
        "How large the write-ahead log may become. While it is full, senders are slowed down. Usually it holds some seconds.",
    ),
    key(
        "events.log_segment_bytes",
        "bytes",
        "67108864",
        "How large one file of the write-ahead log becomes; what everybody has read is deleted file by file.",
    ),
    key(
        "events.retention_days",
        "days",
        "90",
        "For how many days after their arrival events are kept; a legal hold keeps them longer.",
    ),
    key(
        "events.retention_bytes",
        "bytes",
        "0",
        "How much disk the events of one tenant may take before the oldest days are deleted; 0 sets no limit.",
    ),
    key("events.tenant[].id", "tenant", "required", "The tenant for which the keys beside this one differ."),
    key("events.tenant[].retention_days", "days", "", "As `events.retention_days`, for this tenant."),
    key("events.tenant[].retention_bytes", "bytes", "", "As `events.retention_bytes`, for this tenant."),
    key("limits.ingest_body_bytes_max", "bytes", "16777216", "How long the body of an ingest request may be as sent."),
    key("limits.ingest_decoded_bytes_max", "bytes", "67108864", "How long it may be once decompressed."),
    key(
        "limits.ingest_requests_max",
        "number",
        "8",
        "How many ingest requests are held in memory at once; the next ones are asked to come again.",
    ),
    key("limits.request_body_bytes_max", "bytes", "1048576", "How long the body of any other request may be."),
    key(
        "limits.attachment_bytes_max",
        "bytes",
        "268435456",
        "How long a file on an alert, case, task log or observable may be.",
    ),
    key(
        "limits.queue_batches_max",
        "number",
        "64",
        "How many batches may wait for the pipeline before sources are slowed down.",
    ),
    key("limits.live_clients_max", "number", "256", "How many clients may watch the live stream."),
    key(
        "limits.searches_max",
        "number",
        "16",
        "How many searches of events may run at once; the next ones are asked to come again.",
    ),
    key("limits.searches_per_tenant_max", "number", "4", "How many of them may be of one tenant."),
    key(
        "limits.search_s_max",
        "seconds",
        "30",
        "How long a search may take, and a second less than `http.request_timeout_s` at most.",
    ),
    key(
        "limits.batch_memory_days",
        "days",
        "7",
        "How long the id of a batch is remembered, so that a repeat is known.",
    ),
    key("limits.dead_letter_days", "days", "30", "How long records that could not be read are kept."),
    key("log.format", "\"text\" or \"json\"", "\"text\"", "How the server's own log is written."),
    key("log.filter", "text", "\"info\"", "What is logged: a level, or `target=level` pairs."),
];

/// Returns the names that may stand in the table at this path, sorted as in the reference.
pub(super) fn names_in(table: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS {
        let rest = if table.is_empty() {
            Some(key.path)
        } else {
            key.path.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'))
        };
        let Some(name) = rest.and_then(|rest| rest.split('.').next()) else { continue };
        let name = name.trim_end_matches("[]");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Returns whether a table, or a list of tables, stands at this path.
pub(super) fn is_table(path: &str) -> bool {
    KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// Returns the reference of the configuration file, in Markdown.
pub fn config_reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         One TOML file. Unknown keys are refused. Relative paths start from the file's folder. A *secret* is named, never\n\
         written: `env:NAME` (an environment variable) or `file:PATH` (a file). `vigie config check` prints what is in\n\
         force and where each value came from.\n",
    );
    let mut section = None;
    for key in KEYS {
        let (table, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if section != Some(table) {
            section = Some(table);
            let heading = match table.strip_suffix("[]") {
                Some(list) => format!("\n## `[[{list}]]`\n"),
                None if table.is_empty() => "\n## Top level\n".to_owned(),
                None => format!("\n## `[{table}]`\n"),
            };
            let _ = write!(text, "{heading}\n| key | takes | default | meaning |\n|---|---|---|---|\n");
        }
        let default = match key.default {
            "" => "none".to_owned(),
            "required" => "required".to_owned(),
            value => format!("`{value}`"),
        };
        let _ = writeln!(text, "| `{name}` | {} | {default} | {} |", key.takes.replace('|', "\\|"), key.meaning);
    }
    text
}
