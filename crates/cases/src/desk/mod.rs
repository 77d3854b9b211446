//! What people do at the desk: the rules for all that a door may ask for.

mod alert;
mod alert_import;
mod alert_word;
mod csv;
mod fields;
mod observable;

pub use alert::{
    AlertPatch, AlertTimes, LINK_CHARS_MAX, NewAlert, ORIGIN_CHARS_MAX, about_observables, alert_times, new_alert,
    patch_alert, reopens,
};
pub use alert_import::{AlertFile, AlertImport, BROUGHT_MAX, Brought, Manner, import_alerts, release_alert};
pub use alert_word::{AlertStage, AlertWord, alert_word};
pub use csv::{CSV_BYTES_MAX, CSV_ERRORS_MAX, CSV_ROWS_MAX, CsvError, CsvObservable, read_csv};
pub use fields::{FIELD_TEXT_CHARS_MAX, FIELDS_MAX, FieldError, GivenField, field_value, set_fields, unfilled};
pub use observable::{
    DATA_TYPE_CHARS_MAX, NewObservable, ObservablePatch, ObservableValue, kind_of_type, new_observable,
    patch_observable, type_word,
};
