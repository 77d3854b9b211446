//! What people do at the desk: the rules for all that a door may ask for.

mod alert;
mod alert_import;
mod alert_word;
mod archive;
mod case;
mod case_merge;
mod case_times;
mod case_word;
mod csv;
mod fields;
mod misp;
mod note;
mod observable;
mod part;
mod restore;
mod task;
mod template;
mod wazuh;

pub use alert::{
    AlertPatch, AlertTimes, LINK_CHARS_MAX, NewAlert, ORIGIN_CHARS_MAX, REPEATS_WITHIN, alert_times, entities_of,
    forget_observable, learn_observables, new_alert, patch_alert, reopens, repeated, sender_rule,
};
pub use alert_import::{AlertFile, AlertImport, BROUGHT_MAX, Brought, Manner, import_alerts, release_alert};
pub use alert_word::{AlertStage, AlertWord, alert_word};
pub use archive::{ARCHIVE_FORMAT, ARCHIVE_PARTS_MAX, ArchiveError, CaseArchive, Unpacked, Unpacking, unpack};
pub use case::{
    ACCESS_USERS_MAX, CasePatch, NewDeskCase, closes_case, new_desk_case, patch_desk_case, reopens_case, set_access,
};
pub use case_merge::{CaseMerge, Folded, MERGED_CASES_MAX, fold_observables, merge_cases};
pub use case_times::{CaseTimes, case_end, case_times};
pub use case_word::{CaseStage, CaseWord, case_summary, case_word};
pub use csv::{CSV_BYTES_MAX, CSV_ERRORS_MAX, CSV_ROWS_MAX, CsvError, CsvObservable, read_csv};
pub use fields::{FIELD_TEXT_CHARS_MAX, FIELDS_MAX, FieldError, GivenField, field_value, set_fields, unfilled};
pub use misp::{MISP_BYTES_MAX, MISP_OBSERVABLES_MAX, MispError, MispEvent, MispObservable, read_misp_event};
pub use note::{PARTS_MAX, WORD_CHARS_MAX, checked_link, checked_log, checked_note};
pub use observable::{
    DATA_TYPE_CHARS_MAX, GivenType, NewObservable, ObservablePatch, ObservableValue, kind_of_type, new_observable,
    patch_observable, type_word,
};
pub use part::{Placing, ProcedureEdit, TECHNIQUE_CHARS_MAX, edit_comment, edit_procedure, new_comment, new_procedure};
pub use restore::{AlertPast, CasePast, restored_alert, restored_case, restored_observable};
pub use task::{
    GROUP_CHARS_MAX, Missing, NewTask, TASKS_MAX, TaskPatch, ask_of, missing_to_close, new_tasks, patch_task,
};
pub use template::{
    PAGES_MAX, TakeOver, WhichTasks, apply_template, checked_page, checked_page_template, checked_template, page_of,
    take_over, template_task_id, template_tasks,
};
pub use wazuh::{TECHNIQUES_MAX, WazuhFacts, is_wazuh, severity_of_level, wazuh_facts};
