//! Instances and networks of EC2, with their limits.

mod instance;
mod network;

use std::collections::BTreeMap;

use crate::Account;
use crate::received::{Failure, Received, escaped};

pub(crate) fn answer(account: &mut Account, received: &Received) -> Result<String, Failure> {
    match received.operation.as_str() {
        "DescribeInstances" => instance::describe(account, received),
        "DescribeInstanceAttribute" => instance::attribute(account, received),
        "ModifyInstanceAttribute" => instance::modify(account, received),
        "CreateTags" | "DeleteTags" => instance::tag(account, received),
        "StopInstances" | "StartInstances" => instance::switch(account, received),
        "DescribeIamInstanceProfileAssociations" => Ok(instance::profiles(account, received)),
        "AssociateIamInstanceProfile" | "DisassociateIamInstanceProfile" => instance::set_profile(account, received),
        "CreateSnapshots" => instance::snapshot(account, received),
        "DescribeSnapshots" => Ok(instance::snapshots(account, received)),
        "DescribeNetworkAcls" => network::acls(account, received),
        "CreateNetworkAclEntry" => network::create_entry(account, received),
        "DeleteNetworkAclEntry" => network::delete_entry(account, received),
        "DescribeNetworkInterfaces" => Ok(network::interfaces(account, received)),
        "ModifyNetworkInterfaceAttribute" => network::set_groups(account, received),
        "DescribeSecurityGroups" => network::groups(account, received),
        other => Err(Failure::new(400, "InvalidAction", other)),
    }
}

/// `<name>text</name>`
fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// `<name><item>…</item><item>…</item></name>`
fn list(name: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| format!("<item>{item}</item>")).collect();
    format!("<{name}>{}</{name}>", items.concat())
}

fn tags(tags: &BTreeMap<String, String>) -> String {
    list("tagSet", tags.iter().map(|(key, value)| element("key", key) + &element("value", value)))
}

fn not_found(kind: &str, id: &str) -> Failure {
    Failure::new(400, &format!("Invalid{kind}.NotFound"), &format!("'{id}' does not exist"))
}
