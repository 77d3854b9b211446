//! Calls that go wrong on purpose.

use crate::received::{Failure, Received};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Too many calls.
    Throttled,
    /// The caller may not.
    Denied,
    /// It is done, and the answer says that something broke.
    LostAnswer,
    /// AWS refuses with this word.
    Refused(String),
}

/// Calls of an operation that go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The operation: `UpdateIPSet`.
    pub operation: String,
    /// What goes wrong.
    pub trouble: Trouble,
    /// How many calls go well before.
    pub after: usize,
    /// How many calls go wrong then.
    pub times: usize,
}

impl Fault {
    /// Returns a fault that strikes the next calls, so many of them.
    pub fn next(operation: &str, trouble: Trouble, times: usize) -> Self {
        Self { operation: operation.to_owned(), trouble, after: 0, times }
    }
}

impl Trouble {
    pub(crate) fn failure(self, received: &Received) -> Failure {
        let is_ec2 = received.service == "ec2";
        match self {
            Self::Throttled if is_ec2 => Failure::new(503, "RequestLimitExceeded", "Request limit exceeded."),
            Self::Throttled => Failure::new(400, "ThrottlingException", "Rate exceeded"),
            Self::Denied if is_ec2 => {
                Failure::new(403, "UnauthorizedOperation", "You are not authorized to perform this operation.")
            }
            Self::Denied => Failure::new(400, "AccessDeniedException", "User is not authorized to perform this"),
            Self::LostAnswer => Failure::new(500, "InternalFailure", "the answer is lost"),
            Self::Refused(code) => Failure::new(400, &code, "refused by the test"),
        }
    }
}

/// Returns what goes wrong with the next call of an operation.
pub(crate) fn strikes(faults: &mut [Fault], operation: &str) -> Option<Trouble> {
    let fault = faults.iter_mut().find(|fault| fault.operation == operation && fault.times > 0)?;
    if fault.after > 0 {
        fault.after -= 1;
        return None;
    }
    fault.times -= 1;
    Some(fault.trouble.clone())
}
