//! Reports: their numbers, and the same numbers set as one HTML file or as a PDF, in English or French.
//!
//! [`PeriodInput`] holds what the stores know of a tenant's week or month, [`IncidentInput`] of a case. [`figures`] and
//! [`incident_figures`] count; the numbers are also JSON. [`period_report`] and [`incident_report`] say in a list of blocks
//! (`document.rs`) what there is to say, and [`Report::html`] and [`Report::pdf`] set it: a page that needs nothing else,
//! with style and charts inside, no script and no request, or sheets of A4. The same input gives the same bytes.
//!
//! What is shown came through logs and is hostile: for HTML it is escaped in one place, `markup.rs`, whose type takes
//! markup as literals only; for PDF it is glyphs of our fonts and never an operator. The words of each language are in one
//! place too, `words/`. When a report is due says [`next_due`].

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod advice;
mod chart;
mod count;
mod document;
mod drawing;
mod figures;
mod html;
mod incident_content;
mod incident_figures;
mod input;
mod markup;
mod parts;
mod pdf;
mod period_content;
mod rhythm;
mod spans;
mod style;
mod words;

pub use advice::Advice;
pub use count::figures;
pub use figures::{
    ActionCount, AlertStates, DayFigures, IncidentFigures, Measure, PeriodFigures, RuleCount, SeverityCount,
    SourceCount, Span, Stage, TacticCount, TechniqueCount, Times, TrendRow,
};
pub use incident_figures::{EntityCount, IncidentReportFigures, IncidentTimes, Person, incident_figures};
pub use input::{CaseFile, IncidentInput, PeriodInput, PreviousPeriod};
pub use rhythm::{RhythmError, check_rhythm, next_due, period_before, span_of};
pub use style::{Accent, AccentError, Logo, LogoError, Style};

use document::Document;

/// What a report says, before it is set.
pub struct Report(Document);

/// A PDF that could not be written: a defect of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the PDF could not be written: {reason}")]
pub struct PdfError {
    reason: String,
}

/// Returns a tenant's report over a period.
pub fn period_report(input: &PeriodInput) -> Report {
    Report(period_content::content(input))
}

/// Returns the report of an incident.
pub fn incident_report(input: &IncidentInput) -> Report {
    Report(incident_content::content(input))
}

impl Report {
    /// Returns its title.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// Returns its summary in plain words.
    pub fn summary(&self) -> &[String] {
        &self.0.summary
    }

    /// Returns a line and a text for the mail that it is attached to: what it is, and its summary.
    pub fn letter(&self) -> (String, String) {
        let (document, words) = (&self.0, self.0.words());
        let line = |text: &str| markup::inert(text);
        let subject = line(&format!("{} · {}", document.title, document.tenant_name));
        let mut text = format!("{}\n{}\n\n", line(&document.title), line(&document.tenant_name));
        for (name, value) in document.facts.iter().skip(1) {
            text.extend([name, ": ", line(value).as_str(), "\n"]);
        }
        text.push('\n');
        for sentence in &document.summary {
            text.push_str(&line(sentence));
            text.push_str("\n\n");
        }
        text.push_str(words.mail_attached);
        text.push_str("\n\n-- \n");
        text.push_str(words.mail_footer);
        text.push('\n');
        (subject, text)
    }

    /// Returns it as one HTML file that needs nothing else: no script, no request, style and charts inside.
    pub fn html(&self) -> String {
        html::set(&self.0)
    }

    /// Returns it as a PDF.
    ///
    /// # Errors
    /// [`PdfError`]: a defect of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        pdf::set(&self.0).map_err(|reason| PdfError { reason })
    }
}
