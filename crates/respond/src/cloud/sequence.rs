//! Attack sequences: several signals that belong to one attack, with all that took part in it.
//!
//! Source: the types `Sequence`, `Actor`, `NetworkEndpoint` and `ResourceV2` of GuardDuty's API reference.

use std::net::IpAddr;

use serde_json::Value;

use super::CloudPolicy;
use super::credentials::take_away;
use super::decide::is_instance_id;
use super::edge::{self, Door};
use super::finding::{AccessKey, CredentialOwner, Finding, ResourceRole, list, text};
use super::plan::CloudPlan;
use crate::{EC2_ISOLATE_INSTANCE, EC2_SNAPSHOT, NeverTouch};

/// How many actors, endpoints and resources of each are read: GuardDuty names at most 400.
const PARTS_MAX: usize = 400;
/// How many instances one sequence isolates.
const INSTANCES_MAX: usize = 20;

/// Adds what is done about every instance, actor, key and endpoint that a sequence names.
pub(super) fn answer(
    plan: &mut CloudPlan,
    finding: &Finding,
    parts: &Value,
    policy: &CloudPolicy,
    never_touch: &NeverTouch,
) {
    instances(plan, parts);
    for key in keys(parts) {
        take_away(plan, &key);
    }
    if finding.role == Some(ResourceRole::Actor) {
        plan.notes.push("our own resource acts in this sequence: its endpoints are not blocked".to_owned());
        return;
    }
    let (attackers, called) = endpoints(parts);
    if !called.is_empty() {
        let called: Vec<String> = called.iter().map(ToString::to_string).take(edge::BLOCKS_MAX).collect();
        plan.notes.push(format!("our own resources called {}: not blocked", called.join(", ")));
    }
    edge::block(plan, &attackers, Door::Network, policy, never_touch, "an endpoint of the attack sequence");
}

fn instances(plan: &mut CloudPlan, parts: &Value) {
    let named = list(parts, "resources").iter().take(PARTS_MAX).filter(|resource| {
        text(resource, "resourceType").is_some_and(|kind| kind.eq_ignore_ascii_case("EC2_INSTANCE"))
    });
    // An ARN or the bare id.
    let ids = named.filter_map(|resource| text(resource, "uid")?.rsplit('/').next().filter(|id| is_instance_id(id)));
    let ids: Vec<&str> = ids.collect();
    if ids.len() > INSTANCES_MAX {
        plan.notes.push(format!("{} instances are named: the first {INSTANCES_MAX} are isolated", ids.len()));
    }
    let ids = &ids[..ids.len().min(INSTANCES_MAX)];
    for id in ids {
        plan.add(&EC2_SNAPSHOT, id, None, "evidence is kept before anything is changed".to_owned());
    }
    for id in ids {
        plan.add(
            &EC2_ISOLATE_INSTANCE,
            id,
            None,
            "the attack sequence says that the instance is compromised".to_owned(),
        );
    }
}

/// The credentials of every actor, and every access key among the resources.
fn keys(parts: &Value) -> Vec<AccessKey> {
    let mut keys: Vec<AccessKey> = Vec::new();
    for actor in list(parts, "actors").iter().take(PARTS_MAX) {
        let id = text(actor, "user.credentialUid").unwrap_or_default();
        let issuer = text(actor, "session.issuer").and_then(role_of_arn);
        let name = issuer.or_else(|| text(actor, "user.name")).unwrap_or_default();
        keys.push(key(id, name, text(actor, "user.type").unwrap_or_default()));
    }
    for resource in list(parts, "resources").iter().take(PARTS_MAX) {
        if !text(resource, "resourceType").is_some_and(|kind| kind.eq_ignore_ascii_case("ACCESS_KEY")) {
            continue;
        }
        let id = text(resource, "uid").and_then(|uid| uid.rsplit('/').next()).unwrap_or_default();
        let name = text(resource, "data.accessKey.userName").unwrap_or_default();
        keys.push(key(id, name, text(resource, "data.accessKey.userType").unwrap_or_default()));
    }
    keys.retain(|key| !key.id.is_empty() || !key.name.is_empty());
    keys
}

fn key(id: &str, name: &str, kind: &str) -> AccessKey {
    let kind = kind.to_ascii_lowercase();
    let owner = match kind.as_str() {
        "root" => CredentialOwner::Root,
        kind if kind.contains("role") => CredentialOwner::Role,
        kind if kind.contains("user") || kind.is_empty() => CredentialOwner::User,
        _ => CredentialOwner::Other,
    };
    AccessKey { id: id.to_owned(), name: name.to_owned(), owner }
}

/// The role's name in `arn:aws:iam::111122223333:role/path/name`.
fn role_of_arn(arn: &str) -> Option<&str> {
    arn.split_once(":role/").and_then(|(_, path)| path.rsplit('/').next())
}

/// The addresses that came to us or of which no direction is known, and those that our own resources called.
fn endpoints(parts: &Value) -> (Vec<IpAddr>, Vec<IpAddr>) {
    let (mut attackers, mut called) = (Vec::new(), Vec::new());
    for endpoint in list(parts, "endpoints").iter().take(PARTS_MAX) {
        let Some(address) = text(endpoint, "ip").and_then(|ip| ip.parse().ok()) else { continue };
        let direction = text(endpoint, "connection.direction").unwrap_or_default();
        let place = if direction.eq_ignore_ascii_case("OUTBOUND") { &mut called } else { &mut attackers };
        if !place.contains(&address) {
            place.push(address);
        }
    }
    // Both ways: whoever was called is no attacker for sure.
    attackers.retain(|address| !called.contains(address));
    (attackers, called)
}
