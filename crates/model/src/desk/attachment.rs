//! Files on alerts, cases, task logs and observables.

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{AlertId, AttachmentId, CaseId, ObservableId, TaskLogId, TenantId};

/// What a file hangs on. In JSON it is a field named after the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttachmentOwner {
    /// An alert.
    Alert(AlertId),
    /// A case.
    Case(CaseId),
    /// A task's log.
    Log(TaskLogId),
    /// An observable: the file is what it is.
    Observable(ObservableId),
    /// The tenant itself.
    Tenant,
}

/// A file. Its bytes lie in a folder, named by their SHA-256; two attachments may share them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// Random.
    pub id: AttachmentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it hangs on.
    pub owner: AttachmentOwner,
    /// The file's name as it was sent, without folders.
    pub name: String,
    /// Its media type as it was sent; never served as anything but a download.
    pub media_type: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// SHA-1 of its bytes, 40 lower-case hex digits.
    pub sha1: String,
    /// MD5 of its bytes, 32 lower-case hex digits.
    pub md5: String,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}
