//! The shape of the configuration file. What each key means stands in `keys.rs`, once.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use vigie_model::{Severity, SourceName, TenantId};

use super::events::Events;
use super::feeds::{Forward, Inbound, TheHive};
use super::secret::SecretRef;

/// The configuration that is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Config {
    pub version: u32,
    pub data_folder: PathBuf,
    pub default_tenant: TenantId,
    pub http: Http,
    pub syslog: Vec<Syslog>,
    pub tail: Vec<Tail>,
    pub rules: Rules,
    pub playbooks: Playbooks,
    pub respond: Respond,
    pub smtp: Option<Smtp>,
    pub webhook: Vec<Webhook>,
    pub aws: Vec<Aws>,
    pub intel: Intel,
    pub cases: Cases,
    pub thehive: TheHive,
    pub forward: Vec<Forward>,
    pub inbound: Vec<Inbound>,
    pub report: Report,
    pub events: Events,
    pub limits: Limits,
    pub log: Log,
}

/// `[http]`: where the API and the page are served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Http {
    pub listen: SocketAddr,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub insecure_plaintext: bool,
    pub public_url: Option<String>,
    pub session_hours: u32,
    pub request_timeout_s: u32,
}

/// How syslog is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyslogProtocol {
    /// One message a datagram. What arrives while the queue is full is lost and counted.
    Udp,
    /// Lines or counted octets. The sender is slowed down while the queue is full.
    Tcp,
}

/// `[[syslog]]`: one listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Syslog {
    pub protocol: SyslogProtocol,
    pub listen: SocketAddr,
    pub tenant: TenantId,
    #[serde(default = "syslog_source")]
    pub source: SourceName,
}

/// `[[tail]]`: one file that is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Tail {
    pub path: PathBuf,
    pub tenant: TenantId,
    pub source: SourceName,
}

/// `[rules]`: what is detected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Rules {
    pub builtin: bool,
    pub folders: Vec<PathBuf>,
    pub pipelines: Vec<PathBuf>,
}

/// `[playbooks]`: what is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Playbooks {
    pub builtin: bool,
    pub folder: Option<PathBuf>,
}

/// Whether actions are done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RespondMode {
    /// Everything is planned and checked, nothing is done.
    #[default]
    DryRun,
    /// Approved actions are done.
    Enforce,
}

/// `[respond]`: the guard rails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Respond {
    pub mode: RespondMode,
    pub never_touch: Vec<IpNet>,
    pub actions_per_hour_max: u32,
    pub host_block_ip: bool,
}

/// How mail is protected on its way to the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// The connection begins in the clear and must change to TLS.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// In the clear; only to loopback.
    Plain,
}

/// `[smtp]`: the relay for mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Smtp {
    pub server: String,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub security: SmtpSecurity,
    pub from: String,
    #[serde(default)]
    pub to: Vec<String>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub password: Option<SecretRef>,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// What a webhook is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// All that is known, as JSON.
    #[default]
    Generic,
    /// A message as Slack's incoming webhooks take it.
    Slack,
}

/// `[[webhook]]`: one place that is told by HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Webhook {
    pub name: String,
    pub url: String,
    #[serde(default)]
    pub secret: Option<SecretRef>,
    #[serde(default)]
    pub format: WebhookFormat,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// `[[aws]]`: a tenant's account, where actions on AWS are done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Aws {
    pub tenant: TenantId,
    pub region: String,
    pub settings: PathBuf,
    #[serde(default)]
    pub assume_role: Option<String>,
    #[serde(default)]
    pub external_id: Option<String>,
    #[serde(default)]
    pub endpoint: Option<String>,
}

/// How an indicator list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// Columns named in the first line.
    #[default]
    Csv,
    /// A MISP event as JSON.
    Misp,
}

/// `[[intel.list]]`: one indicator list that is read at start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct IntelList {
    pub name: String,
    pub path: PathBuf,
    pub tenant: TenantId,
    #[serde(default)]
    pub format: ListFormat,
}

/// `[intel]`: what is known of the world.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Intel {
    pub geo: Vec<PathBuf>,
    pub list: Vec<IntelList>,
}

/// `[cases]`: when an incident is opened by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Cases {
    pub auto_open: bool,
    pub severity_min: Severity,
}

/// `[report]`: what stands on the weekly report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Report {
    pub title: String,
    pub kept_days: u32,
}

/// `[limits]`: what an attacker may not grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Limits {
    pub ingest_body_bytes_max: usize,
    pub ingest_decoded_bytes_max: usize,
    pub ingest_requests_max: usize,
    pub request_body_bytes_max: usize,
    pub attachment_bytes_max: u64,
    pub queue_batches_max: usize,
    pub live_clients_max: usize,
    pub searches_max: usize,
    pub searches_per_tenant_max: usize,
    pub search_s_max: u32,
    pub batch_memory_days: u32,
    pub dead_letter_days: u32,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]`: what the server says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

fn syslog_source() -> SourceName {
    SourceName::new("syslog").expect("`syslog` is a source name")
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: super::VERSION,
            data_folder: "vigie-data".into(),
            default_tenant: TenantId::new("default").expect("`default` is a tenant's name"),
            http: Http::default(),
            syslog: Vec::new(),
            tail: Vec::new(),
            rules: Rules::default(),
            playbooks: Playbooks::default(),
            respond: Respond::default(),
            smtp: None,
            webhook: Vec::new(),
            aws: Vec::new(),
            intel: Intel::default(),
            cases: Cases::default(),
            thehive: TheHive::default(),
            forward: Vec::new(),
            inbound: Vec::new(),
            report: Report::default(),
            events: Events::default(),
            limits: Limits::default(),
            log: Log::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_787)),
            tls_certificate: None,
            tls_key: None,
            insecure_plaintext: false,
            public_url: None,
            session_hours: 12,
            request_timeout_s: 30,
        }
    }
}

impl Http {
    /// Returns whether connections are protected by TLS.
    pub fn tls(&self) -> bool {
        self.tls_certificate.is_some() && self.tls_key.is_some()
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { builtin: true, folders: Vec::new(), pipelines: Vec::new() }
    }
}

impl Default for Playbooks {
    fn default() -> Self {
        Self { builtin: true, folder: None }
    }
}

impl Default for Respond {
    fn default() -> Self {
        Self { mode: RespondMode::DryRun, never_touch: Vec::new(), actions_per_hour_max: 60, host_block_ip: true }
    }
}

impl Default for Cases {
    fn default() -> Self {
        Self { auto_open: true, severity_min: Severity::Medium }
    }
}

impl Report {
    /// The title that nobody chose: each language has its own.
    pub(crate) const TITLE: &'static str = "Weekly security report";
}

impl Default for Report {
    fn default() -> Self {
        Self { title: Self::TITLE.into(), kept_days: 1_095 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ingest_body_bytes_max: 16 * 1024 * 1024,
            ingest_decoded_bytes_max: 64 * 1024 * 1024,
            ingest_requests_max: 8,
            request_body_bytes_max: 1024 * 1024,
            attachment_bytes_max: 256 * 1024 * 1024,
            queue_batches_max: 64,
            live_clients_max: 256,
            searches_max: 16,
            searches_per_tenant_max: 4,
            search_s_max: 30,
            batch_memory_days: 7,
            dead_letter_days: 30,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

impl Config {
    /// Makes the paths that are relative start from this folder, which is that of the configuration file.
    pub(super) fn resolve_paths(&mut self, base: &Path) {
        let join = |path: &mut PathBuf| *path = base.join(&*path);
        join(&mut self.data_folder);
        self.http.tls_certificate.iter_mut().for_each(join);
        self.http.tls_key.iter_mut().for_each(join);
        self.tail.iter_mut().for_each(|tail| join(&mut tail.path));
        self.rules.folders.iter_mut().for_each(join);
        self.rules.pipelines.iter_mut().for_each(join);
        self.playbooks.folder.iter_mut().for_each(join);
        self.intel.geo.iter_mut().for_each(join);
        self.intel.list.iter_mut().for_each(|list| join(&mut list.path));
        self.smtp.iter_mut().filter_map(|smtp| smtp.ca_file.as_mut()).for_each(join);
        self.webhook.iter_mut().filter_map(|webhook| webhook.ca_file.as_mut()).for_each(join);
        self.aws.iter_mut().for_each(|account| join(&mut account.settings));
        let smtp = self.smtp.iter_mut().filter_map(|smtp| smtp.password.as_mut());
        let webhooks = self.webhook.iter_mut().filter_map(|webhook| webhook.secret.as_mut());
        smtp.chain(webhooks).for_each(|secret| secret.resolve_path(base));
    }
}
