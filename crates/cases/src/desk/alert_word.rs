//! The words for where an alert is, finer than its status: what came of it, that it waits, that it is part of a case.
//!
//! An alert's status and resolution say most words. The others are kept as the desk's `label`, and so is a word that was
//! chosen for an alert of a case, whose word would else be [`AlertWord::Imported`].

use vigie_model::{Alert, AlertStatus, Resolution, Timestamp, Verdict};

/// A word for where an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertWord {
    /// Nobody has looked.
    New,
    /// Somebody is looking.
    InProgress,
    /// Somebody has looked, and waits for something.
    Pending,
    /// Part of a case.
    Imported,
    /// Closed: an attack.
    TruePositive,
    /// Closed: the rule was wrong.
    FalsePositive,
    /// Closed: part of another alert.
    Duplicate,
    /// Closed: the rule was right, the behaviour allowed.
    Ignored,
    /// Closed: could not be decided.
    Indeterminate,
    /// Closed: something else.
    Other,
}

/// What a word means for the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it")]
pub enum AlertStage {
    New,
    InProgress,
    Imported,
    Closed,
}

impl AlertStage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::New, Self::InProgress, Self::Imported, Self::Closed];

    /// Returns the stage as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "InProgress",
            Self::Imported => "Imported",
            Self::Closed => "Closed",
        }
    }
}

impl AlertWord {
    /// Every word.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::InProgress,
        Self::Pending,
        Self::Imported,
        Self::TruePositive,
        Self::FalsePositive,
        Self::Duplicate,
        Self::Ignored,
        Self::Indeterminate,
        Self::Other,
    ];

    /// Returns the word as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::InProgress => "InProgress",
            Self::Pending => "Pending",
            Self::Imported => "Imported",
            Self::TruePositive => "TruePositive",
            Self::FalsePositive => "FalsePositive",
            Self::Duplicate => "Duplicate",
            Self::Ignored => "Ignored",
            Self::Indeterminate => "Indeterminate",
            Self::Other => "Other",
        }
    }

    /// Returns the word that this text is, without regard to case. `Duplicated` is what cases call a duplicate.
    pub fn of(text: &str) -> Option<Self> {
        let text = if text.eq_ignore_ascii_case("Duplicated") { "Duplicate" } else { text };
        Self::ALL.into_iter().find(|word| word.as_str().eq_ignore_ascii_case(text))
    }

    /// Returns what it means for the work.
    pub const fn stage(self) -> AlertStage {
        match self {
            Self::New => AlertStage::New,
            Self::InProgress | Self::Pending => AlertStage::InProgress,
            Self::Imported => AlertStage::Imported,
            Self::TruePositive
            | Self::FalsePositive
            | Self::Duplicate
            | Self::Ignored
            | Self::Indeterminate
            | Self::Other => AlertStage::Closed,
        }
    }

    /// Returns the verdict of a closed alert, where the word is one of those.
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::TruePositive => Some(Verdict::TruePositive),
            Self::FalsePositive => Some(Verdict::FalsePositive),
            Self::Duplicate => Some(Verdict::Duplicate),
            Self::Ignored => Some(Verdict::Benign),
            Self::Indeterminate | Self::Other => Some(Verdict::Indeterminate),
            Self::New | Self::InProgress | Self::Pending | Self::Imported => None,
        }
    }
}

/// Returns the word for where an alert is.
pub fn alert_word(alert: &Alert) -> AlertWord {
    alert.desk.label.as_deref().and_then(AlertWord::of).unwrap_or_else(|| plain_word(alert))
}

/// Returns the word that status, resolution and case say.
fn plain_word(alert: &Alert) -> AlertWord {
    if alert.case.is_some() {
        return AlertWord::Imported;
    }
    match (alert.status, alert.resolution.as_ref().map(|resolution| resolution.verdict)) {
        (AlertStatus::New, _) => AlertWord::New,
        (AlertStatus::InProgress, _) => AlertWord::InProgress,
        (AlertStatus::Closed, Some(Verdict::TruePositive)) => AlertWord::TruePositive,
        (AlertStatus::Closed, Some(Verdict::FalsePositive)) => AlertWord::FalsePositive,
        (AlertStatus::Closed, Some(Verdict::Duplicate)) => AlertWord::Duplicate,
        (AlertStatus::Closed, Some(Verdict::Benign)) => AlertWord::Ignored,
        (AlertStatus::Closed, Some(Verdict::Indeterminate)) => AlertWord::Indeterminate,
        (AlertStatus::Closed, None) => AlertWord::Other,
    }
}

/// Makes this the word of an alert: its status, its resolution and when it came to be so.
pub(super) fn set_word(alert: &mut Alert, word: AlertWord, now: Timestamp) {
    match word.stage() {
        AlertStage::New => alert.status = AlertStatus::New,
        AlertStage::InProgress | AlertStage::Imported => {
            alert.status = AlertStatus::InProgress;
            alert.acknowledged = alert.acknowledged.or(Some(now));
        }
        AlertStage::Closed => alert.status = AlertStatus::Closed,
    }
    let summary = || alert.desk.summary.clone().unwrap_or_default();
    alert.resolution = word.verdict().map(|verdict| Resolution { verdict, summary: summary() });
    alert.closed = word.verdict().and(alert.closed.or(Some(now)));
    alert.desk.label = None;
    if plain_word(alert) != word {
        alert.desk.label = Some(word.as_str().to_owned());
    }
}
