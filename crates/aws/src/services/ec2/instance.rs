//! Instances, their tags and attributes.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::super::Query;
use super::super::xml::{items, some_text, tags, text};
use crate::{AwsError, Call, Client, Operation, Service};

/// Reads instances.
pub static DESCRIBE_INSTANCES: Operation = Operation::read(Service::Ec2, "DescribeInstances");
/// Reads one attribute of an instance.
pub static DESCRIBE_INSTANCE_ATTRIBUTE: Operation = Operation::read(Service::Ec2, "DescribeInstanceAttribute");
/// Sets one attribute of an instance.
pub static MODIFY_INSTANCE_ATTRIBUTE: Operation = Operation::write(Service::Ec2, "ModifyInstanceAttribute");
/// Sets tags.
pub static CREATE_TAGS: Operation = Operation::write(Service::Ec2, "CreateTags");
/// Removes tags.
pub static DELETE_TAGS: Operation = Operation::write(Service::Ec2, "DeleteTags");
/// Stops instances.
pub static STOP_INSTANCES: Operation = Operation::write(Service::Ec2, "StopInstances");
/// Starts instances.
pub static START_INSTANCES: Operation = Operation::write(Service::Ec2, "StartInstances");

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// `running`, `stopped`, `shutting-down`, `terminated`…
    pub state: String,
    /// Its VPC; empty in EC2-Classic, which is no more.
    pub vpc: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// The EBS volumes that are attached to it.
    pub volumes: Vec<String>,
}

impl Instance {
    /// Returns whether it is gone, or about to be.
    pub fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "terminated" | "shutting-down")
    }
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its id.
    pub id: String,
    /// Its subnet.
    pub subnet: String,
    /// Its security groups, sorted.
    pub groups: Vec<String>,
    /// The instance that it is attached to, where the answer says so.
    pub instance: Option<String>,
}

/// Reads an interface, as instances and lists of interfaces write it.
pub(super) fn interface(node: Node<'_, '_>) -> Interface {
    let mut groups: Vec<String> =
        items(node, &["groupSet"]).into_iter().map(|group| text(group, &["groupId"])).collect();
    groups.sort();
    Interface {
        id: text(node, &["networkInterfaceId"]),
        subnet: text(node, &["subnetId"]),
        groups,
        instance: some_text(node, &["attachment", "instanceId"]),
    }
}

/// Returns the call that reads an instance.
pub fn describe_instance_call(instance: &str) -> Call {
    Query::default().with("InstanceId.1", instance).call(&DESCRIBE_INSTANCES)
}

/// Returns an instance; `None` where there is none with this id.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn describe_instance(client: &Client, instance: &str) -> Result<Option<Instance>, AwsError> {
    let reply = match client.send(&describe_instance_call(instance)) {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    reply.xml(|root| {
        items(root, &["reservationSet"])
            .into_iter()
            .flat_map(|reservation| items(reservation, &["instancesSet"]))
            .map(read_instance)
            .find(|found| found.id == instance)
    })
}

/// Returns an instance of the Region that runs, whichever; `None` where none does.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn some_instance(client: &Client) -> Result<Option<Instance>, AwsError> {
    let query = Query::default().filter("instance-state-name", "running").with("MaxResults", "5");
    client.send(&query.call(&DESCRIBE_INSTANCES))?.xml(|root| {
        let reservations = items(root, &["reservationSet"]).into_iter();
        reservations.flat_map(|reservation| items(reservation, &["instancesSet"])).map(read_instance).next()
    })
}

fn read_instance(node: Node<'_, '_>) -> Instance {
    let volumes = items(node, &["blockDeviceMapping"]);
    Instance {
        id: text(node, &["instanceId"]),
        state: text(node, &["instanceState", "name"]),
        vpc: text(node, &["vpcId"]),
        tags: tags(node),
        interfaces: items(node, &["networkInterfaceSet"]).into_iter().map(interface).collect(),
        volumes: volumes.into_iter().filter_map(|volume| some_text(volume, &["ebs", "volumeId"])).collect(),
    }
}

/// Returns the call that asks whether an instance is protected from termination.
pub fn is_protected_call(instance: &str) -> Call {
    Query::default()
        .with("InstanceId", instance)
        .with("Attribute", "disableApiTermination")
        .call(&DESCRIBE_INSTANCE_ATTRIBUTE)
}

/// Returns whether an instance is protected from termination.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn is_protected(client: &Client, instance: &str) -> Result<bool, AwsError> {
    let reply = client.send(&is_protected_call(instance))?;
    reply.xml(|root| text(root, &["disableApiTermination", "value"]).eq_ignore_ascii_case("true"))
}

/// Returns the call that protects an instance from termination, or does no longer.
pub fn protect_call(instance: &str, protected: bool) -> Call {
    Query::default()
        .with("InstanceId", instance)
        .with("DisableApiTermination.Value", protected.to_string())
        .call(&MODIFY_INSTANCE_ATTRIBUTE)
}

/// Returns the call that sets tags.
pub fn create_tags_call(resource: &str, tags: &BTreeMap<String, String>) -> Call {
    let mut query = Query::default().with("ResourceId.1", resource);
    for (number, (key, value)) in (1..).zip(tags) {
        query = query.with(&format!("Tag.{number}.Key"), key).with(&format!("Tag.{number}.Value"), value);
    }
    query.call(&CREATE_TAGS)
}

/// Returns the call that removes tags, whatever their values.
pub fn delete_tags_call<T: AsRef<str>>(resource: &str, keys: &[T]) -> Call {
    let mut query = Query::default().with("ResourceId.1", resource);
    for (number, key) in (1..).zip(keys) {
        query = query.with(&format!("Tag.{number}.Key"), key.as_ref());
    }
    query.call(&DELETE_TAGS)
}

/// Returns the call that stops an instance.
pub fn stop_instance_call(instance: &str) -> Call {
    Query::default().with("InstanceId.1", instance).call(&STOP_INSTANCES)
}

/// Returns the call that starts an instance.
pub fn start_instance_call(instance: &str) -> Call {
    Query::default().with("InstanceId.1", instance).call(&START_INSTANCES)
}
