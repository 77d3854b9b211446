//! Who may do what, for whom.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, Membership, Stamp, TenantId, Timestamp, UserId};

/// What somebody may do; each role may do all that those before it may, but for [`Role::Ingest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sends records and reads nothing. For sources.
    Ingest,
    /// Reads.
    Reader,
    /// Works on alerts, cases and actions.
    Analyst,
    /// Manages users, keys, tenants and indicators.
    Admin,
}

impl Role {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Reader => "reader",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// Returns whether this role may do what `needed` may.
    pub fn may(self, needed: Self) -> bool {
        match needed {
            Self::Ingest => matches!(self, Self::Ingest | Self::Admin),
            Self::Reader | Self::Analyst | Self::Admin => self >= needed,
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Ingest, Self::Reader, Self::Analyst, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a role: expected ingest, reader, analyst or admin"))
    }
}

/// Which tenants somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantScope {
    /// All, also those to come.
    All,
    /// Just these.
    Only(Vec<TenantId>),
}

impl TenantScope {
    /// Returns whether a tenant is in it.
    pub fn contains(&self, tenant: &TenantId) -> bool {
        match self {
            Self::All => true,
            Self::Only(tenants) => tenants.contains(tenant),
        }
    }
}

/// A client of the SOC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The tenants that cases may be shared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<TenantId>,
    /// Whether its members may only read.
    #[serde(default)]
    pub locked: bool,
    /// Who made it known, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Random.
    pub id: UserId,
    /// What they sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// For whom.
    pub tenants: TenantScope,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// What people call them; empty for the name.
    #[serde(default)]
    pub display: String,
    /// Where mail reaches them; `None` where the name is an address.
    #[serde(default)]
    pub email: Option<String>,
    /// What they may do where, for the doors that know profiles; empty where role and tenants say it all.
    #[serde(default)]
    pub memberships: Vec<Membership>,
    /// Who made the account, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// A key for programs. Only its hash is stored; the secret is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// The public half.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// For whom.
    pub tenants: TenantScope,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The user whose key it is: it may do what they may. `None` for a program's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

/// Who is asking, after authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who it is.
    pub actor: Actor,
    /// What they may do.
    pub role: Role,
    /// For whom.
    pub tenants: TenantScope,
}

/// Who did something, as the audit log names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Actor {
    /// A person, by user name.
    User(String),
    /// A program, by its key's name.
    Key(String),
    /// Vigie itself: `pipeline`, `playbook:NAME`, `expiry`.
    System(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => f.write_str(name),
            Self::Key(name) => write!(f, "key:{name}"),
            Self::System(name) => write!(f, "vigie:{name}"),
        }
    }
}
