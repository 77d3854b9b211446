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
mod inbound;
mod incident;
mod links;
mod notice;
mod open;
mod similar;
mod sla;
mod suppress;
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
    ACCESS_USERS_MAX, AlertFile, AlertImport, AlertPatch, AlertStage, AlertTimes, AlertWord, BROUGHT_MAX, Brought,
    CSV_BYTES_MAX, CSV_ERRORS_MAX, CSV_ROWS_MAX, CaseMerge, CasePatch, CaseStage, CaseTimes, CaseWord, CsvError,
    CsvObservable, DATA_TYPE_CHARS_MAX, FIELD_TEXT_CHARS_MAX, FIELDS_MAX, FieldError, Folded, GROUP_CHARS_MAX,
    GivenField, GivenType, LINK_CHARS_MAX, MERGED_CASES_MAX, Manner, Missing, NewAlert, NewDeskCase, NewObservable,
    NewTask, ORIGIN_CHARS_MAX, ObservablePatch, ObservableValue, PAGES_MAX, PARTS_MAX, Placing, ProcedureEdit,
    REPEATS_WITHIN, TASKS_MAX, TECHNIQUE_CHARS_MAX, TakeOver, TaskPatch, WORD_CHARS_MAX, WhichTasks, alert_times,
    alert_word, apply_template, ask_of, case_end, case_summary, case_times, case_word, checked_link, checked_log,
    checked_note, checked_page, checked_page_template, checked_template, closes_case, edit_comment, edit_procedure,
    entities_of, field_value, fold_observables, forget_observable, import_alerts, kind_of_type, learn_observables,
    merge_cases, missing_to_close, new_alert, new_comment, new_desk_case, new_observable, new_procedure, new_tasks,
    page_of, patch_alert, patch_desk_case, patch_observable, patch_task, read_csv, release_alert, reopens,
    reopens_case, repeated, sender_rule, set_access, set_fields, take_over, template_task_id, template_tasks,
    type_word, unfilled,
};
pub use desk::{ARCHIVE_FORMAT, ARCHIVE_PARTS_MAX, ArchiveError, CaseArchive, Unpacked, Unpacking, unpack};
pub use desk::{AlertPast, CasePast, restored_alert, restored_case, restored_observable};
pub use desk::{MISP_BYTES_MAX, MISP_OBSERVABLES_MAX, MispError, MispEvent, MispObservable, read_misp_event};
pub use desk::{TECHNIQUES_MAX, WazuhFacts, is_wazuh, severity_of_level, wazuh_facts};
pub use extract::{OBSERVABLES_MAX, TEXT_BYTES_MAX, extract, observable_of, refang};
pub use fold::{Fold, QUIET, fold};
pub use group::{CaseLinks, IncidentPolicy, Proposal, group};
pub use inbound::{INBOUND_ALERTS_MAX, InboundAlert, InboundError, InboundMapping, inbound_alerts};
pub use incident::IncidentKind;
pub use links::{Link, Warnings, is_external, link_values, linked, links};
pub use notice::{
    About, Letter, NoticeRuleError, Occasion, PLACEHOLDERS, TEMPLATE_CHARS_MAX, asks_for, check_notice_rule, letter,
};
pub use open::{
    CASE_OBSERVABLES_MAX, Merging, NewCase, NewEmptyCase, OpenError, merge_alerts, open_case, open_empty_case,
};
pub use similar::{SimilarAlert, SimilarCase, alerts_like_case, cases_like_alert, similar_alerts, similar_cases};
pub use sla::{SLA_MINUTES_MAX, Sla, SlaError, SlaPolicy, SlaState, SlaStep};
pub use suppress::Suppressions;
pub use tasks::{TaskEdit, add_task, edit_task};
pub use title::{TITLE_CHARS_MAX, alert_title};
