//! The words for where a case is: its status, and once it is closed what it turned out to be.

use vigie_model::{Case, CaseStatus, Resolution, Timestamp, Verdict};

/// A word for where a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseWord {
    /// Not yet taken up.
    New,
    /// Somebody works on it.
    InProgress,
    /// Closed: an attack.
    TruePositive,
    /// Closed: the rules were wrong.
    FalsePositive,
    /// Closed: part of another case.
    Duplicated,
    /// Closed: could not be decided.
    Indeterminate,
    /// Closed: something else, such as behaviour that is allowed.
    Other,
}

/// What a word means for the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it")]
pub enum CaseStage {
    New,
    InProgress,
    Closed,
}

impl CaseStage {
    /// Returns the stage as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "InProgress",
            Self::Closed => "Closed",
        }
    }

    /// Returns the status that is this stage.
    pub const fn status(self) -> CaseStatus {
        match self {
            Self::New => CaseStatus::Open,
            Self::InProgress => CaseStatus::InProgress,
            Self::Closed => CaseStatus::Closed,
        }
    }
}

impl CaseWord {
    /// Every word.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::InProgress,
        Self::TruePositive,
        Self::FalsePositive,
        Self::Duplicated,
        Self::Indeterminate,
        Self::Other,
    ];

    /// Returns the word as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "InProgress",
            Self::TruePositive => "TruePositive",
            Self::FalsePositive => "FalsePositive",
            Self::Duplicated => "Duplicated",
            Self::Indeterminate => "Indeterminate",
            Self::Other => "Other",
        }
    }

    /// Returns the word that this text is, without regard to case. `Open` and `Resolved` are what old clients call an open
    /// case and one that is closed without saying as what; `Duplicate` is what alerts call a duplicate.
    pub fn of(text: &str) -> Option<Self> {
        let text = match text.to_ascii_lowercase().as_str() {
            "open" => "New",
            "resolved" => "Other",
            "duplicate" => "Duplicated",
            _ => text,
        };
        Self::ALL.into_iter().find(|word| word.as_str().eq_ignore_ascii_case(text))
    }

    /// Returns what it means for the work.
    pub const fn stage(self) -> CaseStage {
        match self {
            Self::New => CaseStage::New,
            Self::InProgress => CaseStage::InProgress,
            Self::TruePositive | Self::FalsePositive | Self::Duplicated | Self::Indeterminate | Self::Other => {
                CaseStage::Closed
            }
        }
    }

    /// Returns the verdict of a closed case, where the word is one of those.
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::TruePositive => Some(Verdict::TruePositive),
            Self::FalsePositive => Some(Verdict::FalsePositive),
            Self::Duplicated => Some(Verdict::Duplicate),
            Self::Indeterminate => Some(Verdict::Indeterminate),
            Self::Other => Some(Verdict::Benign),
            Self::New | Self::InProgress => None,
        }
    }
}

/// Returns the word for where a case is.
pub fn case_word(case: &Case) -> CaseWord {
    match case.status {
        CaseStatus::Open => CaseWord::New,
        CaseStatus::InProgress => CaseWord::InProgress,
        CaseStatus::Closed => {
            let verdict = case.resolution.as_ref().map(|resolution| resolution.verdict);
            CaseWord::ALL
                .into_iter()
                .find(|word| word.verdict() == verdict && verdict.is_some())
                .unwrap_or(CaseWord::Other)
        }
    }
}

/// What the summary of a resolution says where nobody has written one: it is never empty on a case.
const NO_SUMMARY: &str = "no summary";

/// Returns what came of a case, in words, where somebody has written them.
pub fn case_summary(case: &Case) -> Option<&str> {
    let resolved = case.resolution.as_ref().map(|resolution| resolution.summary.as_str());
    case.desk.summary.as_deref().or_else(|| resolved.filter(|summary| *summary != NO_SUMMARY))
}

/// Makes this the word of a case: its status, its resolution and when it came to be so. Its summary stays.
pub(super) fn set_word(case: &mut Case, word: CaseWord, now: Timestamp) {
    case.desk.summary = case_summary(case).map(str::to_owned);
    case.status = word.stage().status();
    if case.status != CaseStatus::Open {
        case.acknowledged = case.acknowledged.or(Some(now));
    }
    case.closed = word.verdict().and(case.closed.or(Some(now)));
    if case.closed.is_none() {
        case.desk.ended = None;
    }
    case.resolution = word.verdict().map(|verdict| Resolution { verdict, summary: String::new() });
    settle_summary(case);
}

/// Makes the resolution say what the desk says.
pub(super) fn settle_summary(case: &mut Case) {
    if let Some(resolution) = &mut case.resolution {
        let summary = case.desk.summary.as_deref().map(str::trim).filter(|summary| !summary.is_empty());
        summary.unwrap_or(NO_SUMMARY).clone_into(&mut resolution.summary);
    }
}
