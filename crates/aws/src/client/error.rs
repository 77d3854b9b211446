//! Why a call came to nothing.

use vigie_respond::ExecuteError;

use crate::operation::{Effect, Operation};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// Nothing to sign with.
    #[error("no AWS credentials: tried {}", tried.join(", "))]
    NoCredentials {
        /// Where we looked, with what was missing there.
        tried: Vec<String>,
    },
    /// AWS says that the caller may not.
    #[error("{operation}: not allowed ({code}): {message}")]
    Denied {
        /// What was called.
        operation: String,
        /// AWS's own word: `AccessDenied`, `UnauthorizedOperation`…
        code: String,
        /// AWS's own message.
        message: String,
    },
    /// What was named does not exist.
    #[error("{operation}: not found ({code}): {message}")]
    NotFound {
        /// What was called.
        operation: String,
        /// AWS's own word.
        code: String,
        /// AWS's own message.
        message: String,
    },
    /// Somebody else was faster: read again and repeat.
    #[error("{operation}: changed meanwhile ({code}): {message}")]
    Conflict {
        /// What was called.
        operation: String,
        /// AWS's own word: `WAFOptimisticLockException`, `ConditionalCheckFailedException`…
        code: String,
        /// AWS's own message.
        message: String,
    },
    /// Too many calls, still so after every try.
    #[error("{operation}: throttled ({code}): {message}")]
    Throttled {
        /// What was called.
        operation: String,
        /// AWS's own word.
        code: String,
        /// AWS's own message.
        message: String,
    },
    /// AWS says that the call makes no sense, or is over a limit.
    #[error("{operation}: rejected ({code}): {message}")]
    Rejected {
        /// What was called.
        operation: String,
        /// AWS's own word: `WAFLimitsExceededException`, `NetworkAclEntryLimitExceeded`…
        code: String,
        /// AWS's own message.
        message: String,
    },
    /// AWS is out of order, or cannot be reached.
    #[error("{operation}: {reason}")]
    Unavailable {
        /// What was called.
        operation: String,
        /// What happened.
        reason: String,
        /// Whether the call may have been carried out all the same.
        may_be_done: bool,
    },
    /// The answer is not what AWS documents.
    #[error("{operation}: unreadable answer: {reason}")]
    Unreadable {
        /// What was called.
        operation: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl AwsError {
    /// Returns AWS's own word for what is wrong, where it said one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Denied { code, .. }
            | Self::NotFound { code, .. }
            | Self::Conflict { code, .. }
            | Self::Throttled { code, .. }
            | Self::Rejected { code, .. } => Some(code),
            Self::NoCredentials { .. } | Self::Unavailable { .. } | Self::Unreadable { .. } => None,
        }
    }

    /// Returns whether what was named does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Returns whether the same call, sent again at once, may work.
    pub(crate) fn is_worth_another_try(&self, operation: &Operation) -> bool {
        match self {
            Self::Throttled { .. } => true,
            Self::Unavailable { may_be_done, .. } => {
                !may_be_done || operation.effect == Effect::Read || operation.idempotent
            }
            Self::NoCredentials { .. }
            | Self::Denied { .. }
            | Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Rejected { .. }
            | Self::Unreadable { .. } => false,
        }
    }

    /// Returns the error of an action that failed because of this one.
    pub fn into_execute_error(self, what: &str) -> ExecuteError {
        let what = what.to_owned();
        let reason = self.to_string();
        match self {
            Self::NoCredentials { .. } | Self::Denied { .. } | Self::NotFound { .. } => {
                ExecuteError::Unable { what, reason }
            }
            Self::Rejected { .. } | Self::Unreadable { .. } => ExecuteError::Rejected { what, reason },
            Self::Conflict { .. } | Self::Throttled { .. } | Self::Unavailable { .. } => {
                ExecuteError::Unavailable { what, reason }
            }
        }
    }
}
