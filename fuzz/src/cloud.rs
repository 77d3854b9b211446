//! What a cloud tells of itself: findings and alarms, and the log lines behind an alarm.

use vigie_respond::{
    CloudEvent, CloudPolicy, NeverTouch, PortscanActorResponse, ResourceRole, answer_alarm, answer_finding,
    log_sources, read_cloud_event,
};

use crate::{now, tenant};

/// Reads an event and answers it. Where ours is the attacker nobody is blocked, unless the settings ask for it where it
/// scans.
pub fn cloud_event(bytes: &[u8]) {
    let Ok(events) = read_cloud_event(bytes) else { return };
    let asked = CloudPolicy { portscan_actor_response: PortscanActorResponse::BlockRemote, ..CloudPolicy::default() };
    for event in events {
        let finding = match event {
            CloudEvent::Alarm(alarm) => {
                answer_alarm(&alarm, &CloudPolicy::default());
                continue;
            }
            CloudEvent::Finding(finding) => finding,
        };
        for policy in [&CloudPolicy::default(), &asked] {
            let plan = answer_finding(&finding, policy, &NeverTouch::default());
            assert_eq!(plan, answer_finding(&finding, policy, &NeverTouch::default()), "the same bytes mean the same");
            let blocks = plan.steps.iter().any(|step| step.spec.kind.ends_with(".block_ip"));
            let may_block = policy == &asked && finding.kind.starts_with("Recon:EC2/Portscan");
            let is_ours = finding.role == Some(ResourceRole::Actor);
            assert!(!blocks || !is_ours || may_block, "ours attacks, and another is blocked");
            assert!(!blocks || !(finding.is_sample || finding.is_archived), "nobody attacked");
            for action in plan.actions(&tenant(), true, now()) {
                assert!(!action.summary.is_empty(), "an action that nobody can read");
            }
        }
    }
}

/// Reads the lines of a log. Whoever is named stands in it, and no line names two.
pub fn log_lines(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let sources = log_sources(text.lines());
    assert_eq!(sources, log_sources(text.lines()), "the same bytes mean the same");
    let named: usize = sources.iter().map(|source| source.lines as usize).sum();
    assert!(named <= text.lines().count(), "a line that names two");
    assert!(sources.is_sorted_by_key(|source| std::cmp::Reverse(source.lines)), "the most frequent comes first");
}
