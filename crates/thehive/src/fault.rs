//! Errors as TheHive's clients read them: `{"type": …, "message": …}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vigie_cases::{ChangeError, FieldError, OpenError};
use vigie_store::{FileError, QueryError, StoreError};

use crate::id::WireId as _;

/// A request that cannot be answered as it was meant. The client sees `type - message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} - {message}")]
pub struct Fault {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Fault {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into() }
    }

    /// Returns the answer to a request that makes no sense.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// Returns the answer to a body with a field that is missing or wrong.
    pub fn field(field: &str, message: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "AttributeCheckingError", format!("{field}: {message}"))
    }

    /// Returns the answer to an object that cannot be made, since one like it is there.
    pub fn create(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "CreateError", message)
    }

    /// Returns the answer where there is nothing of this kind and name, or not for this visitor.
    pub fn not_found(kind: &str, name: &str) -> Self {
        let name: String = name.chars().take(80).collect();
        Self::new(StatusCode::NOT_FOUND, "NotFoundError", format!("{kind} {name} not found"))
    }

    /// Returns the answer to a request that nobody is known by.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationError", "Authentication failure")
    }

    /// Returns the answer to who is known and may not.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AuthorizationError", message)
    }

    /// Returns the answer to who tries too often.
    pub fn too_many(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "RateLimitExceeded", message)
    }

    /// Returns the answer where we cannot answer now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    /// Returns the answer to a body that is too long.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", message)
    }

    /// Returns the answer to a change that met another one.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "ConflictError", message)
    }

    /// Returns the answer where we failed. The client learns no more than what we were doing.
    pub fn internal(doing: &'static str, error: &dyn std::error::Error) -> Self {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            causes = format!("{causes}: {error}");
            source = error.source();
        }
        tracing::error!(error = causes, "cannot {doing}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", format!("cannot {doing}: the log says why"))
    }

    /// Returns what was wrong and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::conflict(error.to_string()),
            StoreError::Exists { .. } => Self::create(error.to_string()),
            StoreError::Query(query) => query.into(),
            // Not one of those on which clients try again by themselves.
            StoreError::Full { .. } | StoreError::NotOnDisk { .. } => {
                let said = error.to_string();
                tracing::error!(error = said, "the database cannot be written");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "InternalError", said)
            }
            other => Self::internal("use the database", &other),
        }
    }
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge { .. } => Self::too_large(error.to_string()),
            // Not one of those on which clients try again by themselves.
            FileError::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "InternalError", error.to_string()),
            FileError::Missing { .. } => Self::new(StatusCode::NOT_FOUND, "NotFoundError", error.to_string()),
            FileError::Io { .. } => Self::internal("store or read a file", &error),
            FileError::Store(error) => error.into(),
        }
    }
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Self {
        Self::bad(error.to_string())
    }
}

impl From<ChangeError> for Fault {
    fn from(error: ChangeError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "AttributeCheckingError", error.to_string())
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "AttributeCheckingError", error.to_string())
    }
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::InCase { alert, .. } => {
                Self::create(format!("alert {} is part of another case already: take it out first", alert.wire()))
            }
            OpenError::OtherTenant(alert) => {
                let alert = alert.wire();
                Self::bad(format!(
                    "alert {alert} and the case are not of one organisation: an alert stays with its own"
                ))
            }
            OpenError::NoAlerts => Self::field("alertIds", "missing: name at least one alert"),
            OpenError::Closed | OpenError::TooMuch(_) => Self::bad(error.to_string()),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"type": self.kind, "message": self.message}))).into_response()
    }
}
