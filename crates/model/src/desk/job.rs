//! A run of an analyzer over an observable.

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{JobId, ObservableId, TenantId, Timestamp};

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum JobStatus {
    Waiting,
    InProgress,
    Success,
    Failure,
}

/// A run of an analyzer over an observable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    /// Random.
    pub id: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it looks at.
    pub observable: ObservableId,
    /// The analyzer.
    pub analyzer: String,
    /// The server that was asked to run it.
    pub server: String,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Who asked for it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}
