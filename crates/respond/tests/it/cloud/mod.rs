//! What is done about GuardDuty findings and CloudWatch alarms.

mod alarms;
mod bad_input;
mod decisions;
mod sources;
mod table;
mod templates;

use serde_json::{Map, Value};
use vigie_respond::{
    CloudEvent, CloudPlan, CloudPolicy, Finding, FindingType, NeverTouch, ResourceRole, answer_finding,
    example_finding, read_cloud_event,
};

/// The settings in this JSON.
pub(crate) fn policy(settings: &Value) -> CloudPolicy {
    let mut fields: Map<String, Value> = settings.as_object().cloned().unwrap_or_default();
    CloudPolicy::take_from(&mut fields, &[]).unwrap()
}

/// The finding in this event.
pub(crate) fn finding(event: &Value) -> Finding {
    match read_cloud_event(event.to_string().as_bytes()).unwrap().remove(0) {
        CloudEvent::Finding(finding) => *finding,
        CloudEvent::Alarm(alarm) => panic!("an alarm: {alarm:?}"),
    }
}

/// The example of a type.
pub(crate) fn event(kind: &str, role: ResourceRole) -> Value {
    example_finding(FindingType::find(kind).unwrap(), role)
}

/// What is planned for an event with these settings.
pub(crate) fn plan(event: &Value, settings: &Value) -> CloudPlan {
    answer_finding(&finding(event), &policy(settings), &NeverTouch::default())
}

/// A plan in a line: `ec2.snapshot i-1, waf.block_ip 203.0.113.9`; the message to people is left out.
pub(crate) fn line(plan: &CloudPlan) -> String {
    let steps = plan.steps.iter().filter_map(|step| Some(format!("{} {}", step.spec.kind, step.target.as_ref()?)));
    steps.collect::<Vec<_>>().join(", ")
}
