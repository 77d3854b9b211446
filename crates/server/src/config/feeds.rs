//! Alerts from other programs and for them: TheHive's API, inbound webhooks, forwarding.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vigie_cases::InboundMapping;
use vigie_model::{Severity, TenantId};

use super::secret::SecretRef;

/// `[thehive]`: TheHive's API, for its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct TheHive {
    pub enabled: bool,
}

impl Default for TheHive {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// `[[forward]]`: a TheHive elsewhere that gets the alerts too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Forward {
    pub name: String,
    pub url: String,
    pub key: SecretRef,
    #[serde(default)]
    pub organisation: Option<String>,
    #[serde(default)]
    pub tenants: Vec<TenantId>,
    #[serde(default)]
    pub severity_min: Severity,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// `[[inbound]]`: another program whose JSON becomes alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is described once, in the table that the reference is made of")]
pub struct Inbound {
    pub name: String,
    pub tenant: TenantId,
    pub mapping: InboundMapping,
}
