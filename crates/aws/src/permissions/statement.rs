//! What IAM must allow.

/// A statement of the responder's policy. What stands in `${…}` is filled in by Terraform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Its name, letters and digits.
    pub sid: &'static str,
    /// What is allowed; never with a `*`.
    pub actions: &'static [&'static str],
    /// On what.
    pub resources: Resources,
    /// Under which conditions.
    pub conditions: &'static [Condition],
    /// What it is for.
    pub why: &'static str,
}

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resources {
    /// `*`, since IAM takes nothing else here.
    Any {
        /// Why it must be.
        why: &'static str,
    },
    /// These ARNs.
    Arns(&'static [&'static str]),
    /// The ARNs in a variable of Terraform that holds a list; an empty list leaves the statement out.
    List {
        /// The variable.
        variable: &'static str,
    },
    /// ARNs that begin with a variable of Terraform; an empty variable leaves the statement out.
    Optional {
        /// The variable.
        variable: &'static str,
        /// What may follow it: `""` for the thing itself, `/index/…` for a part of it.
        endings: &'static [&'static str],
    },
}

/// A condition of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ArnEquals`…
    pub operator: &'static str,
    /// `iam:PassedToService`…
    pub key: &'static str,
    /// One of these.
    pub values: &'static [&'static str],
}

/// The written reason of statements on `*` for EC2's `Describe…`.
pub(crate) const DESCRIBES_ANY: &str = "EC2's Describe operations know no resources in IAM";
