//! Why a rule was not loaded.

use std::fmt;

use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a rule was not loaded, as a word that stays the same from release to release.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum FailureCode { $($(#[$doc])* $name,)* }

        impl FailureCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the word: lower case, with underscores.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The file is longer than [`crate::RULE_FILE_BYTES_MAX`].
    FileTooLarge = "file_too_large",
    /// The text is not YAML.
    YamlSyntax = "yaml_syntax",
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate_key",
    /// The document is neither a rule nor a correlation nor a filter.
    NotARule = "not_a_rule",
    /// `action:` (global, repeat, reset) of old rule collections.
    UnsupportedAction = "unsupported_action",
    /// The rule wants a newer Sigma specification than version 2.
    UnsupportedSigmaVersion = "unsupported_sigma_version",
    /// A field that every rule needs is absent.
    MissingField = "missing_field",
    /// `level`, `status`, `id` or another field about the rule cannot be read.
    InvalidMetadata = "invalid_metadata",
    /// An earlier rule has this id.
    DuplicateId = "duplicate_id",
    /// The logsource cannot be read.
    InvalidLogsource = "invalid_logsource",
    /// A modifier that Sigma does not have.
    UnknownModifier = "unknown_modifier",
    /// Modifiers that do not go together, or not in this order.
    ModifierConflict = "modifier_conflict",
    /// `all` on a single value.
    AllNeedsValues = "all_needs_values",
    /// A value that its field's modifiers cannot take, or an empty list or mapping.
    InvalidValue = "invalid_value",
    /// `null` among the values of a list.
    NullInList = "null_in_list",
    /// A whole number past 9,223,372,036,854,775,807.
    NumberOutOfRange = "number_out_of_range",
    /// A wildcard in what `base64` or `base64offset` encodes.
    WildcardInEncoding = "wildcard_in_encoding",
    /// A regular expression that is wrong, too large, or uses look-around or back-references.
    UnsupportedRegex = "unsupported_regex",
    /// Not an address or network.
    InvalidCidr = "invalid_cidr",
    /// A placeholder of `expand` that the pipeline does not fill.
    UnfilledPlaceholder = "unfilled_placeholder",
    /// The condition cannot be read.
    ConditionSyntax = "condition_syntax",
    /// A condition with `|`: `count()`, `near` and the like of old rules.
    LegacyAggregation = "legacy_aggregation",
    /// The condition names a detection that is not there, or a pattern fits none.
    UnknownIdentifier = "unknown_identifier",
    /// The rule is larger than an engine should take.
    TooComplex = "too_complex",
    /// `vigie.group_by` is not a list of names.
    InvalidGroupBy = "invalid_group_by",
    /// A correlation that cannot be read.
    InvalidCorrelation = "invalid_correlation",
    /// A timespan that cannot be read.
    InvalidTimespan = "invalid_timespan",
    /// A correlation or filter names a rule that is not loaded.
    UnknownRule = "unknown_rule",
    /// Correlations that rest on each other in a ring.
    CorrelationCycle = "correlation_cycle",
    /// A window other than the sliding one.
    UnsupportedWindow = "unsupported_window",
    /// A condition that holds before anything was seen (`lt`, `lte`, `neq`, `eq: 0`).
    ConditionNeedsWindowEnd = "condition_needs_window_end",
    /// A filter that cannot be read.
    InvalidFilter = "invalid_filter",
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A rule that was not loaded, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadFailure {
    /// The file, as it was named to [`crate::RuleSet::load`].
    pub path: String,
    /// Why, in one stable word.
    pub code: FailureCode,
    /// Why, for a person: names the field and what to do.
    pub reason: String,
    /// The line of the file, from 1, where it is known.
    pub line: Option<u32>,
    /// The character of the line, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// Why a document is refused, before it is known where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: FailureCode,
    pub(crate) reason: String,
    /// A text that stands on the offending line.
    pub(crate) mark: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), mark: None }
    }

    /// Returns the refusal, pointing to the first line that holds `mark`, where it does not point already.
    pub(crate) fn at(mut self, mark: &str) -> Self {
        self.mark.get_or_insert_with(|| mark.to_owned());
        self
    }
}

/// What `vigie rules check` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// How many rules were loaded; correlations count, filters do not.
    pub loaded: usize,
    /// Those that were not, in the order of the files.
    pub failed: Vec<LoadFailure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_text_say_the_same_word() {
        for code in FailureCode::ALL {
            assert_eq!(serde_json::to_value(code).ok(), Some(code.as_str().into()));
        }
    }
}
