//! Why a record could not be read.

use vigie_model::{DeadLetter, Record};

use crate::RECORD_BYTES_MAX;

/// Why a record could not be read; becomes the code and reason of its [`DeadLetter`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not JSON.
    #[error("not JSON at line {line}, byte {column}: {reason}")]
    JsonSyntax {
        /// The line in the record, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
        /// What the parser expected.
        reason: String,
    },
    /// JSON that ends before its value does.
    #[error("the JSON ends before its value does, at line {line}, byte {column}")]
    JsonTruncated {
        /// The line in the record, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// JSON nested deeper than the parser goes.
    #[error("JSON nested deeper than 127 levels, at line {line}, byte {column}")]
    JsonDepth {
        /// The line in the record, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// JSON, but no object.
    #[error("expected a JSON object, found {found}")]
    NotAnObject {
        /// What it was instead.
        found: &'static str,
    },
    /// Longer than [`RECORD_BYTES_MAX`].
    #[error("{bytes} bytes long, the limit is {RECORD_BYTES_MAX}")]
    TooLong {
        /// How long it was.
        bytes: u64,
    },
    /// A field without which the source's events mean nothing.
    #[error("the field `{field}` is missing")]
    MissingField {
        /// Its path.
        field: &'static str,
    },
    /// A field that is there, but of the wrong shape.
    #[error("the field `{field}` is `{value}`: expected {expected}")]
    BadField {
        /// Its path.
        field: String,
        /// Its value, shortened.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// A time that cannot be read.
    #[error("the time in `{field}` cannot be read: `{value}`")]
    BadTime {
        /// The field's path.
        field: &'static str,
        /// Its value, shortened.
        value: String,
    },
    /// A syslog priority that is no number from 0 to 191 (RFC 5424, section 6.2.1).
    #[error("the syslog priority `{value}` is not a number from 0 to 191 between < and >")]
    BadPriority {
        /// What stood there, shortened.
        value: String,
    },
    /// A header that does not follow the source's format.
    #[error("{reason} at byte {offset}")]
    BadHeader {
        /// What was expected.
        reason: &'static str,
        /// Bytes before the fault.
        offset: usize,
    },
    /// A line that does not have the source's format.
    #[error("not {expected}: {reason} at byte {offset}")]
    BadLine {
        /// The format, such as `a combined log line`.
        expected: &'static str,
        /// What was missing.
        reason: &'static str,
        /// Bytes before the fault.
        offset: usize,
    },
    /// A line with more or fewer columns than its header names.
    #[error("{found} columns, the header names {expected}")]
    BadColumns {
        /// How many the line has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// Nothing in it.
    #[error("the record is empty")]
    Empty,
    /// A frame that the sender did not finish.
    #[error("the connection ended {missing} bytes before its frame did")]
    TruncatedFrame {
        /// How many bytes never came.
        missing: u64,
    },
    /// A frame length that is not one (RFC 6587, section 3.4.1).
    #[error("expected the length of a frame in digits and a space, as RFC 6587 says, at byte {offset} of the stream")]
    BadFrame {
        /// Bytes of the stream before it.
        offset: u64,
    },
    /// A body whose values cannot be told apart.
    #[error("{reason} at byte {offset} of the body")]
    BadBody {
        /// What was expected.
        reason: &'static str,
        /// Bytes of the body before the fault.
        offset: usize,
    },
    /// A body with more records or faults than one body may have.
    #[error("more than {limit} {what} in one body: the rest, from byte {offset}, was not read; send smaller bodies")]
    TooMany {
        /// `records` or `faults`.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
        /// Bytes of the body before the rest.
        offset: usize,
    },
    /// A record for a source that this Vigie does not have.
    #[error("there is no source `{source_name}`; known are {known}")]
    UnknownSource {
        /// The name asked for.
        source_name: String,
        /// The names that there are.
        known: String,
    },
}

impl Fault {
    /// Returns the stable word of this kind of fault, as dead letters carry it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::JsonSyntax { .. } => "json_syntax",
            Self::JsonTruncated { .. } => "json_truncated",
            Self::JsonDepth { .. } => "json_depth",
            Self::NotAnObject { .. } => "not_an_object",
            Self::TooLong { .. } => "too_long",
            Self::MissingField { .. } => "missing_field",
            Self::BadField { .. } => "bad_field",
            Self::BadTime { .. } => "bad_time",
            Self::BadPriority { .. } => "bad_priority",
            Self::BadHeader { .. } => "bad_header",
            Self::BadLine { .. } => "bad_line",
            Self::BadColumns { .. } => "bad_columns",
            Self::Empty => "empty",
            Self::TruncatedFrame { .. } => "truncated_frame",
            Self::BadFrame { .. } => "bad_frame",
            Self::BadBody { .. } => "bad_body",
            Self::TooMany { .. } => "too_many",
            Self::UnknownSource { .. } => "unknown_source",
        }
    }

    /// Returns the dead letter of a record with this fault.
    pub fn letter(&self, record: &Record) -> DeadLetter {
        DeadLetter::of(record, self.code(), self.to_string())
    }

    /// Returns a time fault, with the value shortened.
    pub fn bad_time(field: &'static str, value: impl ToString) -> Self {
        Self::BadTime { field, value: shorten(&value.to_string()) }
    }

    /// Returns a field fault, with the value shortened.
    pub fn bad_field(field: impl Into<String>, value: impl ToString, expected: &'static str) -> Self {
        Self::BadField { field: field.into(), value: shorten(&value.to_string()), expected }
    }
}

/// Returns the beginning of a value for a reason that a person reads.
fn shorten(value: &str) -> String {
    const CHARS_MAX: usize = 80;
    value.chars().take(CHARS_MAX).collect()
}
