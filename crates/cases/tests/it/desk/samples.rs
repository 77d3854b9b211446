//! Cases to try things with.

use vigie_cases::{CaseWord, NewDeskCase, new_desk_case};
use vigie_model::{Access, Case, CaseId, Pap, Severity, Tlp};

use crate::samples::{at, tenant};

/// What a case of acme is made of, numbered and named so.
pub(crate) fn new(number: u8, title: &str) -> NewDeskCase {
    NewDeskCase {
        id: CaseId::from_bytes([number; 16]),
        tenant: tenant("acme"),
        number: number.into(),
        title: title.into(),
        description: format!("About {title}"),
        severity: Severity::Medium,
        started: at(-60),
        ended: None,
        tags: vec![title.into()],
        flag: false,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        word: CaseWord::New,
        summary: None,
        impact: None,
        assignee: None,
        access: Access::Tenant,
        fields: Vec::new(),
        by: "ann".into(),
        now: at(0),
    }
}

pub(crate) fn case(number: u8, title: &str) -> Case {
    new_desk_case(new(number, title)).unwrap().case
}
