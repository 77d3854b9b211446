//! Who and what an event, a finding or a case is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, ObservableId, Pap, Parent, Stamp, TenantId, Timestamp, Tlp};

/// What kind of value an entity, observable or indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObservableKind {
    /// An IPv4 or IPv6 address, in canonical form.
    Ip,
    /// A domain name, lower case.
    Domain,
    /// A URL.
    Url,
    /// A machine by its name.
    Host,
    /// An account name.
    User,
    /// An MD5, SHA-1 or SHA-256 in lower-case hex.
    Hash,
    /// A path on a host.
    File,
    /// A command line or an image's path.
    Process,
    /// A mail address.
    Mail,
    /// The user agent of a web or API client.
    UserAgent,
    /// An AWS access key id (AKIA… or ASIA…).
    AwsKey,
    /// An AWS account, twelve digits.
    AwsAccount,
    /// An EC2 instance id.
    AwsInstance,
    /// An Amazon Resource Name.
    AwsArn,
    /// An S3 bucket's name.
    AwsBucket,
    /// Anything else.
    Other,
}

impl ObservableKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Ip,
        Self::Domain,
        Self::Url,
        Self::Host,
        Self::User,
        Self::Hash,
        Self::File,
        Self::Process,
        Self::Mail,
        Self::UserAgent,
        Self::AwsKey,
        Self::AwsAccount,
        Self::AwsInstance,
        Self::AwsArn,
        Self::AwsBucket,
        Self::Other,
    ];

    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Host => "host",
            Self::User => "user",
            Self::Hash => "hash",
            Self::File => "file",
            Self::Process => "process",
            Self::Mail => "mail",
            Self::UserAgent => "user_agent",
            Self::AwsKey => "aws_key",
            Self::AwsAccount => "aws_account",
            Self::AwsInstance => "aws_instance",
            Self::AwsArn => "aws_arn",
            Self::AwsBucket => "aws_bucket",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ObservableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for ObservableKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not an observable type: expected one of ip, domain, url, host, user, hash, file, process, mail, user_agent, aws_key, aws_account, aws_instance, aws_arn, aws_bucket, other"))
    }
}

/// The part that an entity plays in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityRole {
    /// Where it came from: the remote address, the caller.
    Source,
    /// Who did it: the account, the key.
    Actor,
    /// What it was done to: the host, the instance, the account changed.
    Target,
    /// Named by the event, no part known.
    Related,
}

/// Who or what an event or a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entity {
    /// What kind of value it is.
    pub kind: ObservableKind,
    /// The value, in the canonical form of its kind.
    pub value: String,
    /// The part that it plays.
    pub role: EntityRole,
}

impl Entity {
    /// Returns an entity.
    pub fn new(kind: ObservableKind, value: impl Into<String>, role: EntityRole) -> Self {
        Self { kind, value: value.into(), role }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

/// A value worth looking at on an alert or case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Observable {
    /// Derived from what it is on, its type and value: an alert or case has each value once.
    pub id: ObservableId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The alert or case that it is on.
    #[serde(flatten)]
    pub on: Parent,
    /// What kind of value it is.
    pub kind: ObservableKind,
    /// The tenant's own word for the type, where it is none of ours: `registry`, `mail-subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// The value; of a file its name.
    pub value: String,
    /// The file that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<AttachmentId>,
    /// The part that it played where it was first seen.
    pub role: EntityRole,
    /// Whether an analyst or intelligence calls it an indicator of compromise.
    pub ioc: bool,
    /// Whether it is on a warning list: private, a resolver, a well-known service.
    pub warning: Option<String>,
    /// Country, network and the like, where known.
    pub context: Vec<String>,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with it.
    pub pap: Pap,
    /// Free words.
    pub tags: Vec<String>,
    /// What is known of it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When somebody has seen it at work, where somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighted: Option<Timestamp>,
    /// Whether it does not count when likeness is looked for.
    #[serde(default)]
    pub unlike: bool,
    /// When it was first seen here.
    pub first_seen: Timestamp,
    /// When it was last seen here.
    pub last_seen: Timestamp,
    /// Who put it here, and when; `None` where Vigie did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

impl Observable {
    /// Returns the id of an observable of this type and value on an alert or case. The type is a kind's word, or the
    /// tenant's own; the value of a file is its SHA-256 and name.
    ///
    /// Its first half is that of what it is on, so that an index of ids has all observables of an alert on one page: with a
    /// million alerts, ids without an order cost a page each to write.
    pub fn id_of(on: Parent, data_type: &str, value: &str) -> ObservableId {
        let mut id = *ObservableId::derive([on.to_string().as_str(), data_type, value]).as_bytes();
        id[..8].copy_from_slice(&on.as_bytes()[..8]);
        ObservableId::from_bytes(id)
    }
}
