//! AWS GuardDuty findings: EventBridge events, `GetFindings` answers, and findings by themselves, in camelCase or PascalCase.

mod normalise;
mod schema;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use vigie_model::Record;

use crate::{Fault, Framing, Normalised, Source, json};

/// Reads GuardDuty findings.
pub(crate) struct GuardDuty;

impl Source for GuardDuty {
    fn name(&self) -> &'static str {
        "guardduty"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn container(&self) -> Option<&'static str> {
        Some("Findings")
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        // Forwarders that wrap several findings in one EventBridge event.
        if let Some(findings) = wrapped(&record.bytes) {
            let envelope = json::object(&record.bytes).unwrap_or_default();
            for (index, finding) in (0_u32..).zip(findings) {
                let draft = json::object(finding).and_then(|finding| normalise::draft(finding, &envelope));
                out.add(record, index, record.bytes.slice_ref(finding), draft);
            }
            return;
        }
        json::read(record, self.container(), out, |mut fields| {
            let finding = detail(&mut fields)?;
            match finding {
                Some(finding) => normalise::draft(finding, &fields),
                None => normalise::draft(fields, &Map::new()),
            }
        });
    }
}

/// Takes the finding out of an EventBridge event.
fn detail(fields: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Fault> {
    match fields.remove("detail") {
        None => Ok(None),
        Some(Value::Object(finding)) => Ok(Some(finding)),
        Some(other) => Err(Fault::bad_field("detail", other, "a finding")),
    }
}

/// Returns the exact bytes of each of `detail.findings`, where there is such a list.
fn wrapped(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    memchr::memmem::find(bytes, b"indings\"")?;
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(bytes).ok()?;
    let detail: BTreeMap<String, &RawValue> = serde_json::from_str(fields.get("detail")?.get()).ok()?;
    let list = detail.get("findings").or_else(|| detail.get("Findings"))?;
    let findings: Vec<&RawValue> = serde_json::from_str(list.get()).ok()?;
    Some(findings.into_iter().map(|finding| finding.get().as_bytes()).collect())
}
