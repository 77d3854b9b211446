//! What is done about a finding.

use std::net::IpAddr;

use ipnet::IpNet;

use super::credentials;
use super::edge::{self, Door};
use super::finding::{Direction, Finding, ResourceRole};
use super::plan::{CloudPlan, Verdict};
use super::policy::{CloudPolicy, PortscanActorResponse};
use super::sequence;
use super::types::{FINDING_TYPES_AS_OF, FindingType};
use crate::{EC2_ISOLATE_INSTANCE, EC2_SNAPSHOT, NeverTouch, S3_BLOCK_PUBLIC_ACCESS};

/// From this severity on, what runs on an instance (and did not come over the network) isolates it: AWS's "high".
const COMPROMISED_MIN_SEVERITY: f64 = 7.0;

/// From this severity on, evidence is kept and buckets are closed: AWS's "medium".
const WORTH_ACTING_MIN_SEVERITY: f64 = 4.0;

/// The tag that keeps an instance from being isolated.
const NEVER_ISOLATE_TAG: &str = "vigie:never-isolate";

/// Returns what is done about a finding.
///
/// `never_touch` is what was found at run time; what the policy lists and the instance's own addresses are added here. A
/// sample or archived finding is left alone. The same finding always gives the same plan.
pub fn answer_finding(finding: &Finding, policy: &CloudPolicy, never_touch: &NeverTouch) -> CloudPlan {
    let mut plan = CloudPlan::of_finding(finding);
    if finding.is_sample || finding.is_archived {
        let what = if finding.is_sample { "a sample that GuardDuty made on request" } else { "archived" };
        plan.verdict = Verdict::Leave(format!("the finding is {what}"));
        return plan.close("");
    }
    if FindingType::find(&finding.kind).is_none() {
        plan.verdict = Verdict::Tell(format!(
            "the type is not among those known on {FINDING_TYPES_AS_OF}: a type that is not known only notifies"
        ));
        return plan.close("");
    }
    let list = widen(never_touch, policy, finding);
    for text in &finding.unreadable_remotes {
        plan.notes.push(format!("`{}` stands in the place of an address and is none", text.escape_debug()));
    }
    if let Some(parts) = &finding.sequence {
        sequence::answer(&mut plan, finding, parts, policy, &list);
        return plan.close("the sequence names nothing that can be acted on");
    }
    match finding.role {
        None => plan.notes.push(
            "the finding does not say which part our resource plays (service.resourceRole), so nobody is taken for the \
             attacker"
                .to_owned(),
        ),
        Some(ResourceRole::Target) => attacked(&mut plan, finding, policy, &list),
        Some(ResourceRole::Actor) => attacking(&mut plan, finding, policy, &list),
    }
    if finding.role.is_some()
        && let Some(key) = &finding.key
    {
        credentials::answer(&mut plan, key, &finding.kind, finding.severity, policy);
    }
    plan.close("the finding names nothing that can be acted on")
}

/// The instance's own addresses are ours whatever else a finding says of them.
fn widen(never_touch: &NeverTouch, policy: &CloudPolicy, finding: &Finding) -> NeverTouch {
    let mut list = policy.widen(never_touch);
    let own: &[IpAddr] = finding.instance.as_ref().map_or(&[], |instance| &instance.addresses);
    for address in own {
        list.add(IpNet::from(*address), "an address of the instance that the finding is about");
    }
    list
}

/// Ours is attacked.
fn attacked(plan: &mut CloudPlan, finding: &Finding, policy: &CloudPolicy, never_touch: &NeverTouch) {
    let local = runs_locally(finding);
    if local && finding.instance.is_some() {
        if finding.severity >= COMPROMISED_MIN_SEVERITY.max(policy.isolate_min_severity) {
            isolate(plan, finding, policy, "what runs on the instance shows that it is compromised");
        } else if finding.severity >= WORTH_ACTING_MIN_SEVERITY {
            keep_evidence(plan, finding, "what runs on the instance may be an intruder's");
        }
    }
    if finding.kind.starts_with("Policy:") {
        about_a_setting(plan, finding);
        return;
    }
    match (finding.direction, finding.remotes.as_slice()) {
        (_, []) => {
            if !local && !finding.action.is_empty() {
                plan.notes.push("the finding names no remote address".to_owned());
            }
        }
        (Direction::Outbound, _) => plan.notes.push(
            "our resource is called the target, but it opened the connection itself: the remote address is not taken for \
             an attacker"
                .to_owned(),
        ),
        (Direction::Inbound | Direction::Unknown, remotes) => {
            let door = match finding.action.as_str() {
                "AWS_API_CALL" | "KUBERNETES_API_CALL" => Door::Api,
                _ => Door::Network,
            };
            edge::block(plan, remotes, door, policy, never_touch, "our resource is the target, so the remote address attacks");
        }
    }
}

/// A change of a setting has an author, not an attacker: who opened a bucket is most likely a colleague.
fn about_a_setting(plan: &mut CloudPlan, finding: &Finding) {
    if !finding.remotes.is_empty() {
        plan.notes.push("the finding is about a setting: whoever changed it is not taken for an attacker".to_owned());
    }
    if finding.severity < WORTH_ACTING_MIN_SEVERITY {
        return;
    }
    for bucket in finding.buckets.iter().filter(|name| is_bucket_name(name)) {
        plan.add(&S3_BLOCK_PUBLIC_ACCESS, bucket, None, "the bucket was opened to the public".to_owned());
    }
}

/// Ours attacks. The remote address is a victim's, or the intruder's own server, and is never blocked.
fn attacking(plan: &mut CloudPlan, finding: &Finding, policy: &CloudPolicy, never_touch: &NeverTouch) {
    let scans = finding.kind.starts_with("Recon:EC2/Portscan");
    if scans && policy.portscan_actor_response == PortscanActorResponse::BlockRemote {
        let why = "the settings ask to block whom our instance scans (portscan_actor_response)";
        edge::block(plan, &finding.remotes, Door::Network, policy, never_touch, why);
        plan.notes.push("our own instance scans others, and goes on: isolate it".to_owned());
        return;
    }
    if finding.instance.is_none() {
        plan.notes.push(match finding.resource.as_str() {
            "LAMBDA" => "our own function attacks: set its reserved concurrency to 0 and look at its code".to_owned(),
            _ => "our own resource attacks, and the finding names no instance to isolate".to_owned(),
        });
        return;
    }
    if finding.severity < policy.isolate_min_severity {
        plan.notes.push(format!("nothing is isolated below severity {:.1}", policy.isolate_min_severity));
        return;
    }
    isolate(
        plan,
        finding,
        policy,
        "our own instance acts, so it is compromised; the remote address is not the attacker",
    );
}

/// Findings of what runs on a machine, not of what comes over the network.
fn runs_locally(finding: &Finding) -> bool {
    let category = finding.kind.split_once(':').map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    category == "Runtime" || (matches!(category, "EC2") && finding.kind.starts_with("Execution:"))
}

fn isolate(plan: &mut CloudPlan, finding: &Finding, policy: &CloudPolicy, why: &str) {
    let Some(id) = instance_id(plan, finding) else { return };
    let never = finding.instance.as_ref().is_some_and(|instance| {
        instance.tags.iter().any(|(name, value)| name == NEVER_ISOLATE_TAG && !value.eq_ignore_ascii_case("false"))
    });
    keep_evidence(plan, finding, "evidence is kept before anything is changed");
    if never {
        plan.notes.push(format!("{id} carries the tag {NEVER_ISOLATE_TAG}: it is not isolated, look at it now"));
        return;
    }
    if is_node(finding) && !policy.isolate_nodes {
        plan.notes.push(format!(
            "{id} is a node of a cluster: it is not isolated, since other containers run on it (setting isolate_nodes)"
        ));
        return;
    }
    plan.add(&EC2_ISOLATE_INSTANCE, &id, None, why.to_owned());
}

fn keep_evidence(plan: &mut CloudPlan, finding: &Finding, why: &str) {
    if let Some(id) = instance_id(plan, finding) {
        plan.add(&EC2_SNAPSHOT, &id, None, why.to_owned());
    }
}

fn is_node(finding: &Finding) -> bool {
    matches!(finding.resource.as_str(), "EKSCLUSTER" | "ECSCLUSTER" | "CONTAINER" | "KUBERNETESCLUSTER")
}

fn instance_id(plan: &mut CloudPlan, finding: &Finding) -> Option<String> {
    let id = finding.instance.as_ref().map(|instance| instance.id.as_str())?;
    if is_instance_id(id) {
        return Some(id.to_owned());
    }
    let note = format!("`{}` is not the id of an instance", id.chars().take(40).collect::<String>().escape_debug());
    if !plan.notes.contains(&note) {
        plan.notes.push(note);
    }
    None
}

/// `i-` and 8 or 17 hex digits: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>.
pub(super) fn is_instance_id(text: &str) -> bool {
    let digits = text.strip_prefix("i-").unwrap_or_default();
    (8..=17).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket_name(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
    (3..=63).contains(&text.len()) && text.chars().all(plain)
}
