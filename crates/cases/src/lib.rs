//! From findings to alerts, and from alerts to cases.
//!
//! [`fold`] takes a finding into the alert that it belongs to, or opens one. [`group`] looks at an alert and those that
//! share something with it, and says whether a case should be opened or the alert belongs to one. [`open_case`] and
//! [`merge_alerts`] build the case: title and description in plain words, observables, tasks, timeline. The rest is an
//! analyst's work: take up, assign, edit, close, reopen.
//!
//! Every function takes the state that it needs and returns what changed; nothing is stored here. A changed object has
//! its version raised, but where it has only learnt more of the same (a finding joined, an alert of the case grew), and whoever stores it says which version it was made from, so that two changes made at the same
//! time do not overwrite each other.
//!
//! # What links two alerts
//! A value that few share and that an attacker brings along: an external address that acts, an AWS access key, a file's
//! hash, a domain, each at most [`IncidentPolicy::values_within`] apart. Less so an account on a machine, within
//! [`IncidentPolicy::accounts_within`], and not where both alerts name an attacker's address and not the same one. After a
//! critical alert that names an attacker, what happens on the same machine and names none is tied to it as well. What
//! everybody shares never links: private addresses, and all that the warning list knows.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod alert_life;
mod case_life;
mod change;
mod describe;
mod desk;
mod extract;
mod fold;
mod group;
mod incident;
mod links;
mod notice;
mod open;
mod similar;
mod tasks;
mod text;
mod title;

pub use alert_life::{AlertEdit, acknowledge_alert, assign_alert, close_alert, edit_alert, reopen_alert};
pub use case_life::{
    CaseEdit, CloseError, Closing, OpenTasks, acknowledge_case, add_comment, add_note, assign_case, close_case,
    edit_case, reopen_case,
};
pub use change::{CaseChange, ChangeError};
pub use desk::{
    AlertFile, AlertImport, AlertPatch, AlertStage, AlertTimes, AlertWord, BROUGHT_MAX, Brought, CSV_BYTES_MAX,
    CSV_ERRORS_MAX, CSV_ROWS_MAX, CsvError, CsvObservable, DATA_TYPE_CHARS_MAX, LINK_CHARS_MAX, Manner, NewAlert,
    NewObservable, ORIGIN_CHARS_MAX, ObservablePatch, ObservableValue, about_observables, alert_times, alert_word,
    import_alerts, kind_of_type, new_alert, new_observable, patch_alert, patch_observable, read_csv, release_alert,
    reopens, type_word,
};
pub use desk::{FIELD_TEXT_CHARS_MAX, FIELDS_MAX, FieldError, GivenField, field_value, set_fields, unfilled};
pub use extract::{OBSERVABLES_MAX, TEXT_BYTES_MAX, extract, observable_of, refang};
pub use fold::{Fold, QUIET, fold};
pub use group::{CaseLinks, IncidentPolicy, Proposal, group};
pub use incident::IncidentKind;
pub use links::{Link, Warnings, is_external, link_values, linked, links};
pub use notice::{
    About, Letter, NoticeRuleError, Occasion, PLACEHOLDERS, TEMPLATE_CHARS_MAX, asks_for, check_notice_rule, letter,
};
pub use open::{
    CASE_OBSERVABLES_MAX, Merging, NewCase, NewEmptyCase, OpenError, merge_alerts, open_case, open_empty_case,
};
pub use similar::{SimilarAlert, SimilarCase, similar_alerts, similar_cases};
pub use tasks::{TaskEdit, add_task, edit_task};
pub use title::{TITLE_CHARS_MAX, alert_title};
