//! The weekly report of a tenant: its numbers, and one HTML file that prints well.
//!
//! [`WeeklyInput`] holds what the stores know of the week. [`figures`] counts it; the numbers are also JSON. [`weekly_html`]
//! sets them as a page that needs nothing else: style and charts are inside, it has no script, asks for nothing from
//! anywhere and says so in its content security policy. The same input gives the same bytes.
//!
//! What the page shows came through logs and is hostile: it is escaped in one place, `markup.rs`, whose type takes markup
//! as literals only. The words are in one place too, `words.rs`.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod advice;
mod chart;
mod count;
mod figures;
mod incident_page;
mod input;
mod markup;
mod page;
mod sections;
mod spans;
mod words;

pub use advice::Advice;
pub use count::figures;
pub use figures::{
    ActionCount, AlertStates, DayFigures, IncidentFigures, Measure, RuleCount, SeverityCount, SourceCount, Span, Stage,
    TacticCount, TechniqueCount, Times, TrendRow, WeeklyFigures,
};
pub use input::{CaseFile, PreviousWeek, WeeklyInput};
pub use page::weekly_html;
