//! Network ACLs, interfaces and groups.

use super::{element, list, not_found};
use crate::received::{Failure, Received};
use crate::{Account, Acl, Entry, Interface};

pub(super) fn acls(account: &Account, received: &Received) -> Result<String, Failure> {
    let ids = received.list("NetworkAclId");
    if let Some(missing) = ids.iter().find(|id| !account.acls.contains_key(**id)) {
        return Err(not_found("NetworkAclID", missing));
    }
    let subnet = received.filter("association.subnet-id");
    let wanted = account.acls.iter().filter(|(id, acl)| {
        (ids.is_empty() || ids.contains(&id.as_str()))
            && subnet.is_none_or(|subnet| acl.subnets.iter().any(|one| one == subnet))
    });
    Ok(list("networkAclSet", wanted.map(|(id, acl)| write_acl(id, acl))))
}

fn write_acl(id: &str, acl: &Acl) -> String {
    // The entries that nobody can change.
    let last = [(32_767, "0.0.0.0/0"), (32_768, "::/0")].into_iter().flat_map(|(number, network)| {
        [false, true].map(|egress| Entry {
            number,
            egress,
            allow: false,
            protocol: "-1".to_owned(),
            network: network.to_owned(),
        })
    });
    let entries = acl.entries.iter().cloned().chain(last).map(|entry| {
        [
            element("ruleNumber", &entry.number.to_string()),
            element("protocol", &entry.protocol),
            element("ruleAction", if entry.allow { "allow" } else { "deny" }),
            element("egress", &entry.egress.to_string()),
            element(if entry.network.contains(':') { "ipv6CidrBlock" } else { "cidrBlock" }, &entry.network),
        ]
        .concat()
    });
    element("networkAclId", id)
        + &list("entrySet", entries)
        + &list("associationSet", acl.subnets.iter().map(|subnet| element("subnetId", subnet)))
}

fn of<'a>(account: &'a mut Account, received: &Received) -> Result<&'a mut Acl, Failure> {
    let id = received.text("NetworkAclId");
    account.acls.get_mut(id).ok_or_else(|| not_found("NetworkAclID", id))
}

pub(super) fn create_entry(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let quota = account.acl_quota;
    let acl = of(account, received)?;
    let egress = received.text("Egress") == "true";
    let number: u32 = received.text("RuleNumber").parse().unwrap_or(0);
    if !(1..=32_766).contains(&number) {
        return Err(Failure::new(400, "InvalidParameterValue", "the rule number must be within 1 to 32766"));
    }
    if acl.entries.iter().any(|entry| entry.egress == egress && entry.number == number) {
        return Err(Failure::new(400, "NetworkAclEntryAlreadyExists", &format!("{number} is taken")));
    }
    if acl.entries.iter().filter(|entry| entry.egress == egress).count() >= quota {
        return Err(Failure::new(400, "NetworkAclEntryLimitExceeded", "the network ACL is full"));
    }
    let network = [received.text("CidrBlock"), received.text("Ipv6CidrBlock")].concat();
    acl.entries.push(Entry {
        number,
        egress,
        allow: received.text("RuleAction") == "allow",
        protocol: received.text("Protocol").to_owned(),
        network,
    });
    Ok(element("return", "true"))
}

pub(super) fn delete_entry(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let acl = of(account, received)?;
    let (egress, number) = (received.text("Egress") == "true", received.text("RuleNumber"));
    let before = acl.entries.len();
    acl.entries.retain(|entry| entry.egress != egress || entry.number.to_string() != number);
    if acl.entries.len() == before {
        return Err(not_found("NetworkAclEntry", number));
    }
    Ok(element("return", "true"))
}

pub(super) fn interface(id: &str, interface: &Interface) -> String {
    let attachment = interface
        .instance
        .as_ref()
        .map_or_else(String::new, |instance| format!("<attachment>{}</attachment>", element("instanceId", instance)));
    element("networkInterfaceId", id)
        + &element("subnetId", &interface.subnet)
        + &list("groupSet", interface.groups.iter().map(|group| element("groupId", group)))
        + &attachment
}

pub(super) fn interfaces(account: &Account, received: &Received) -> String {
    let subnet = received.filter("subnet-id");
    let wanted = account.interfaces.iter().filter(|(_, one)| subnet.is_none_or(|subnet| one.subnet == subnet));
    list("networkInterfaceSet", wanted.map(|(id, one)| interface(id, one)))
}

pub(super) fn set_groups(account: &mut Account, received: &Received) -> Result<String, Failure> {
    let groups = received.list("SecurityGroupId");
    change_groups(account, received.text("NetworkInterfaceId"), &groups)
}

pub(super) fn change_groups(account: &mut Account, id: &str, groups: &[&str]) -> Result<String, Failure> {
    let interface = account.interfaces.get_mut(id).ok_or_else(|| not_found("NetworkInterfaceID", id))?;
    for group in groups {
        let found = account.groups.get(*group).ok_or_else(|| not_found("Group", group))?;
        if found.vpc != interface.vpc {
            return Err(Failure::new(400, "InvalidParameterValue", &format!("{group} is of another VPC")));
        }
    }
    interface.groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Ok(element("return", "true"))
}

pub(super) fn groups(account: &Account, received: &Received) -> Result<String, Failure> {
    let ids = received.list("GroupId");
    if let Some(missing) = ids.iter().find(|id| !account.groups.contains_key(**id)) {
        return Err(not_found("Group", missing));
    }
    let quarantine = received.filter("tag:vigie:quarantine");
    let vpc = received.filter("vpc-id");
    let wanted = account.groups.iter().filter(|(id, group)| {
        (ids.is_empty() || ids.contains(&id.as_str()))
            && vpc.is_none_or(|vpc| group.vpc == vpc)
            && quarantine.is_none_or(|value| group.tags.get("vigie:quarantine").is_some_and(|tag| tag == value))
    });
    let rules = |name, count| list(name, (0..count).map(|_| element("ipProtocol", "-1")));
    Ok(list(
        "securityGroupInfo",
        wanted.map(|(id, group)| {
            element("groupId", id)
                + &element("vpcId", &group.vpc)
                + &rules("ipPermissions", group.ingress)
                + &rules("ipPermissionsEgress", group.egress)
        }),
    ))
}
