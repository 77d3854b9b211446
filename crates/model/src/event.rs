//! A record after normalisation.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Document, Entity, EventId, Severity, SourceName, TenantId, Timestamp};

/// A record after normalisation: a typed envelope, the entities that it names, and the native document.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Derived from the tenant and the position at the source.
    pub id: EventId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which source read it.
    pub source: SourceName,
    /// When it happened, by its own account; the arrival where it gives none.
    pub time: Timestamp,
    /// When it reached us.
    pub arrival: Timestamp,
    /// What every event has, named after OCSF.
    pub envelope: Envelope,
    /// Who and what it is about.
    pub entities: Vec<Entity>,
    /// The fields that rules match.
    pub document: Document,
    /// The native document, byte for byte.
    pub native: Bytes,
}

/// What kind of event it is: the OCSF 1.x event class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// OCSF 0: none of the others.
    #[default]
    Base,
    /// OCSF 1001.
    FileActivity,
    /// OCSF 1007.
    ProcessActivity,
    /// OCSF 201001, Windows registry values.
    RegistryActivity,
    /// OCSF 2004: another product's detection.
    DetectionFinding,
    /// OCSF 3001: accounts, groups, keys and rights changed.
    AccountChange,
    /// OCSF 3002.
    Authentication,
    /// OCSF 4001.
    NetworkActivity,
    /// OCSF 4002.
    HttpActivity,
    /// OCSF 4003.
    DnsActivity,
    /// OCSF 6003.
    ApiActivity,
}

impl Class {
    /// Returns the word that JSON and the search language use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::FileActivity => "file_activity",
            Self::ProcessActivity => "process_activity",
            Self::RegistryActivity => "registry_activity",
            Self::DetectionFinding => "detection_finding",
            Self::AccountChange => "account_change",
            Self::Authentication => "authentication",
            Self::NetworkActivity => "network_activity",
            Self::HttpActivity => "http_activity",
            Self::DnsActivity => "dns_activity",
            Self::ApiActivity => "api_activity",
        }
    }
}

/// Whether what the event tells of worked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The event does not say.
    #[default]
    Unknown,
    /// It worked.
    Success,
    /// It failed or was refused.
    Failure,
}

impl Outcome {
    /// Returns the word that JSON and the search language use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Which rules an event is routed to: Sigma's logsource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Logsource {
    /// Such as `windows`, `linux`, `aws`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub product: Option<Arc<str>>,
    /// Such as `process_creation`, `webserver`, `firewall`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub category: Option<Arc<str>>,
    /// Such as `sysmon`, `auth`, `cloudtrail`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub service: Option<Arc<str>>,
}

impl Logsource {
    /// Returns a logsource; an empty text stands for none.
    pub fn new(product: &str, category: &str, service: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
        Self { product: part(product), category: part(category), service: part(service) }
    }
}

/// One end of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Endpoint {
    /// Its address.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// The process that acted or was started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Process {
    /// Its short name, such as `sshd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its process id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Its command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_line: Option<String>,
    /// The path of its parent's image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// The file that was touched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    /// Its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its hashes, lower-case hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<String>,
}

/// Where in a cloud it happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cloud {
    /// `aws`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What every event has, named after OCSF. Absent parts are `None`, never a placeholder such as `-`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Envelope {
    /// What kind of event it is.
    pub class: Class,
    /// What was done, in the source's words: `Accepted password`, `StopLogging`, `ACCEPT`.
    pub activity: String,
    /// Whether it worked.
    pub outcome: Outcome,
    /// How bad the source says it is.
    pub severity: Severity,
    /// Which rules it is routed to.
    pub logsource: Logsource,
    /// The account that acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Where it came from.
    pub src: Endpoint,
    /// Where it went.
    pub dst: Endpoint,
    /// The machine that told of it, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The process.
    pub process: Process,
    /// The file.
    pub file: File,
    /// The URL or request path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The domain asked for or spoken to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Where in a cloud.
    pub cloud: Cloud,
    /// One line for a person.
    pub message: String,
}
