//! Instances.

use std::collections::BTreeMap;

use super::{element, list, network, not_found, tags};
use crate::received::{Failure, Received};
use crate::{Account, Instance};

/// How many tags an instance takes, and how long their values are.
const TAGS_MAX: usize = 50;
const VALUE_MAX: usize = 256;

fn of<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Instance, Failure> {
    account.instances.get_mut(id).ok_or_else(|| not_found("InstanceID", id))
}

pub(super) fn describe(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let id = received.text("InstanceId.1");
    let instance = of(account, id)?.clone();
    let interfaces = account.interfaces_of(id).map(|(name, interface)| network::interface(name, interface));
    let interfaces = list("networkInterfaceSet", interfaces);
    let volumes = list(
        "blockDeviceMapping",
        instance.volumes.iter().map(|volume| format!("<ebs>{}</ebs>", element("volumeId", volume))),
    );
    let text = [
        element("instanceId", id),
        format!("<instanceState>{}</instanceState>", element("name", &instance.state)),
        element("vpcId", &instance.vpc),
        tags(&instance.tags),
        interfaces,
        volumes,
    ];
    let instances = list("instancesSet", std::iter::once(text.concat()));
    Ok(list("reservationSet", std::iter::once(instances)))
}

pub(super) fn attribute(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let protected = of(account, received.text("InstanceId"))?.protected;
    let value = element("value", &protected.to_string());
    Ok(format!("<disableApiTermination>{value}</disableApiTermination>"))
}

/// Groups are taken for instances with one interface only.
pub(super) fn modify(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let id = received.text("InstanceId");
    let groups = received.list("GroupId");
    if !groups.is_empty() {
        let interfaces: Vec<String> = account.interfaces_of(id).map(|(name, _)| name.clone()).collect();
        let [interface] = interfaces.as_slice() else {
            let message = "There are multiple interfaces attached to the instance. Please specify an interface ID";
            return Err(Failure::new(400, "InvalidInstanceID", message));
        };
        return network::change_groups(account, interface, &groups);
    }
    let instance = of(account, id)?;
    if !instance.takes_protection {
        return Err(Failure::new(400, "UnsupportedOperation", "Spot instances cannot be protected"));
    }
    instance.protected = received.text("DisableApiTermination.Value") == "true";
    Ok(element("return", "true"))
}

pub(super) fn tag(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let instance = of(account, received.text("ResourceId.1"))?;
    for number in 1.. {
        let Some(key) = received.form.get(&format!("Tag.{number}.Key")) else { break };
        if received.operation == "DeleteTags" {
            instance.tags.remove(key);
            continue;
        }
        let value = received.text(&format!("Tag.{number}.Value"));
        if value.chars().count() > VALUE_MAX {
            return Err(Failure::new(400, "InvalidParameterValue", "Tag value exceeds the maximum length"));
        }
        instance.tags.insert(key.clone(), value.to_owned());
        if instance.tags.len() > TAGS_MAX {
            instance.tags.remove(key);
            return Err(Failure::new(400, "TagLimitExceeded", "The maximum number of Tags is 50"));
        }
    }
    Ok(element("return", "true"))
}

pub(super) fn switch(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let instance = of(account, received.text("InstanceId.1"))?;
    let is_gone = matches!(instance.state.as_str(), "terminated" | "shutting-down");
    if is_gone {
        return Err(Failure::new(400, "IncorrectInstanceState", "The instance is terminated"));
    }
    let state = if received.operation == "StopInstances" { "stopped" } else { "running" };
    state.clone_into(&mut instance.state);
    Ok(String::new())
}

pub(super) fn profiles(account: &Account, received: &Received) -> String {
    let id = received.filter("instance-id").unwrap_or("");
    let profile = account.instances.get(id).and_then(|instance| instance.profile.as_ref());
    let association = profile.map(|profile| {
        element("associationId", &format!("iip-assoc-{id}"))
            + &element("state", "associated")
            + &format!("<iamInstanceProfile>{}</iamInstanceProfile>", element("arn", profile))
    });
    list("iamInstanceProfileAssociationSet", association.into_iter())
}

pub(super) fn set_profile(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let association = received.text("AssociationId");
    if received.operation == "AssociateIamInstanceProfile" {
        let instance = of(account, received.text("InstanceId"))?;
        if instance.profile.is_some() {
            return Err(Failure::new(400, "IncorrectState", "There is an existing association"));
        }
        instance.profile = Some(received.text("IamInstanceProfile.Arn").to_owned());
        return Ok(String::new());
    }
    let id = association.strip_prefix("iip-assoc-").unwrap_or("");
    let gone = || not_found("AssociationID", association);
    account.instances.get_mut(id).ok_or_else(gone)?.profile.take().ok_or_else(gone)?;
    Ok(String::new())
}

pub(super) fn snapshot(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let volumes = of(account, received.text("InstanceSpecification.InstanceId"))?.volumes.clone();
    let mut given = BTreeMap::new();
    for number in 1.. {
        let tag = format!("TagSpecification.1.Tag.{number}");
        let Some(key) = received.form.get(&format!("{tag}.Key")) else { break };
        given.insert(key.clone(), received.text(&format!("{tag}.Value")).to_owned());
    }
    let made: Vec<String> = volumes.iter().map(|_| format!("snap-{:017x}", account.next_number())).collect();
    account.snapshots.extend(made.iter().map(|id| (id.clone(), given.clone())));
    Ok(list("snapshotSet", made.iter().map(|id| element("snapshotId", id))))
}

pub(super) fn snapshots(account: &Account, received: &Received) -> String {
    let has = |tags: &BTreeMap<String, String>| {
        tags.iter().any(|(key, value)| received.filter(&format!("tag:{key}")) == Some(value))
    };
    let found = account.snapshots.iter().filter(|(_, tags)| has(tags));
    list("snapshotSet", found.map(|(id, _)| element("snapshotId", id)))
}
