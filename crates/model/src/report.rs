//! Reports that are made on a schedule and kept.

use serde::{Deserialize, Serialize};

use crate::{ReportId, ReportScheduleId, TenantId, Timestamp};

/// The language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReportLanguage {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// French.
    #[serde(rename = "fr")]
    French,
}

impl ReportLanguage {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// Returns its code as BCP 47 has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

/// How long the period of a report is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportPeriod {
    /// A week, or as many days as were asked for.
    #[default]
    Weekly,
    /// A month of the calendar.
    Monthly,
}

impl ReportPeriod {
    /// Returns the word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// When a report is made again and again, by the clock on the wall of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRhythm {
    /// Once a week or once a month.
    pub period: ReportPeriod,
    /// On which day: of the week, from 1 for Monday, or of the month; in a shorter month on its last day.
    pub day: u8,
    /// At which hour, 0 to 23.
    pub hour: u8,
    /// Where: a name of the IANA time zone database, `Europe/Paris`.
    pub zone: String,
}

/// A report that is made again and again and mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportSchedule {
    /// Random.
    pub id: ReportScheduleId,
    /// Whose report.
    pub tenant: TenantId,
    /// When.
    #[serde(flatten)]
    pub rhythm: ReportRhythm,
    /// To whom, by mail address.
    pub recipients: Vec<String>,
    /// In which language; the tenant's own where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<ReportLanguage>,
    /// When it is made next.
    pub next: Timestamp,
    /// When it was last made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Why it could not be made the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Raised by one at every change.
    pub version: u64,
}

impl ReportSchedule {
    /// How many recipients a report is sent to.
    pub const RECIPIENTS_MAX: usize = 20;
    /// How many schedules a tenant has.
    pub const PER_TENANT_MAX: usize = 20;
}

/// A report that was made and is kept as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchivedReport {
    /// Random, or derived from a schedule and its time.
    pub id: ReportId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Over which period.
    pub kind: ReportPeriod,
    /// Its title.
    pub title: String,
    /// When its span begins.
    pub from: Timestamp,
    /// When it ends; that moment is not in it.
    pub to: Timestamp,
    /// In which language it speaks.
    pub language: ReportLanguage,
    /// The schedule that it was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ReportScheduleId>,
    /// Who had it made.
    pub made_by: String,
    /// When it was made.
    pub created: Timestamp,
    /// To whom it was mailed.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// What the mail that it is attached to says.
    pub letter: ReportLetter,
    /// The digest of the page's bytes, and the name of its file.
    pub html_sha256: String,
    /// How many bytes the page has.
    pub html_bytes: u64,
    /// The digest of the PDF's bytes, and the name of its file.
    pub pdf_sha256: String,
    /// How many bytes the PDF has.
    pub pdf_bytes: u64,
}

/// What the mail says that a report is attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportLetter {
    /// One line.
    pub subject: String,
    /// The summary in plain words.
    pub text: String,
}
