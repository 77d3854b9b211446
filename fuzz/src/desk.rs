//! What other programs and other desks hand over: alerts, lists of observables, cases in archives.

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{
    CSV_ERRORS_MAX, CSV_ROWS_MAX, CaseArchive, INBOUND_ALERTS_MAX, InboundMapping, TECHNIQUES_MAX, Unpacking,
    inbound_alerts, read_csv, severity_of_level, unpack, wazuh_facts,
};
use vigie_model::{CaseId, Parent};

use crate::{now, tenant};

/// Reads observables from CSV. Within the limits, each with a value, and the same each time.
pub fn observables_csv(bytes: &[u8]) {
    let (rows, errors) = read_csv(bytes);
    assert!(rows.len() <= CSV_ROWS_MAX && errors.len() <= CSV_ERRORS_MAX);
    assert!(rows.iter().all(|row| row.line > 0 && !row.data.is_empty() && !row.data_type.is_empty()));
    assert!(errors.iter().all(|error| !error.reason.is_empty()));
    assert_eq!(read_csv(bytes), (rows, errors), "the same bytes mean the same");
}

/// Reads what an alert of Wazuh says: tags, a line each, then an empty line and its text.
pub fn wazuh_alert(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (tags, description) = text.split_once("\n\n").unwrap_or(("", &text));
    let tags: Vec<String> = tags.lines().map(str::to_owned).collect();
    let facts = wazuh_facts(&tags, description);
    assert!(facts.techniques.len() <= TECHNIQUES_MAX);
    if let Some(level) = facts.level {
        assert!(level <= 16);
        severity_of_level(level);
    }
    assert_eq!(wazuh_facts(&tags, description), facts, "the same text says the same");
}

/// Unpacks a case that came from elsewhere. Whatever it says it is, all of it becomes the case's and the tenant's who unpacks it.
pub fn case_archive(bytes: &[u8]) {
    let Ok(archive) = serde_json::from_slice::<CaseArchive>(bytes) else { return };
    let (case, tenant) = (CaseId::from_bytes([7; 16]), tenant());
    let ids = std::cell::Cell::new(0_u128);
    let next = || {
        ids.set(ids.get() + 1);
        ids.get().to_be_bytes()
    };
    let to = Unpacking {
        id: case,
        tenant: tenant.clone(),
        number: 1,
        definitions: &[],
        digests: &|_| true,
        member: &|_| None,
        warnings: &|_, _| None,
        random: &next,
        by: "fuzz",
        now: now(),
    };
    let Ok(unpacked) = unpack(&archive, &to) else { return };
    assert_eq!((unpacked.change.case.id, &unpacked.change.case.tenant), (case, &tenant));
    assert_eq!(unpacked.change.case.assignee, None, "somebody who is nobody here");
    assert!(unpacked.tasks.iter().all(|task| task.case == case && task.tenant == tenant));
    assert!(unpacked.logs.iter().all(|log| log.case == case && log.tenant == tenant));
    assert!(unpacked.observables.iter().all(|one| one.on == Parent::Case(case) && one.tenant == tenant));
    assert!(unpacked.procedures.iter().all(|one| one.on == Parent::Case(case) && one.tenant == tenant));
    assert!(unpacked.comments.iter().all(|one| one.on == Parent::Case(case) && one.tenant == tenant));
    assert!(unpacked.attachments.iter().all(|one| one.tenant == tenant));
}

/// Alerts of any program, and how they are read.
#[derive(Deserialize)]
struct Inbound {
    mapping: InboundMapping,
    document: Value,
}

/// Reads alerts of any program's JSON. Each has what a repeat is known by.
pub fn inbound_alert(bytes: &[u8]) {
    let Ok(Inbound { mapping, document }) = serde_json::from_slice(bytes) else { return };
    match inbound_alerts(&mapping, &document) {
        Ok(alerts) => {
            assert!(alerts.len() <= INBOUND_ALERTS_MAX);
            assert!(alerts.iter().all(|alert| !alert.reference.is_empty() && !alert.title.is_empty()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
