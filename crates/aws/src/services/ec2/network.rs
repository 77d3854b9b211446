//! Network ACLs, interfaces and security groups.

use ipnet::IpNet;
use roxmltree::Node;

use super::super::xml::{items, some_text, text};
use super::super::{PAGES_MAX, Query};
use super::instance::{Interface, interface};
use crate::{AwsError, Call, Client, Operation, Service};

/// Reads network ACLs.
pub static DESCRIBE_NETWORK_ACLS: Operation = Operation::read(Service::Ec2, "DescribeNetworkAcls");
/// Adds an entry to a network ACL. A rule number that is taken is refused, so a repeat does no harm.
pub static CREATE_NETWORK_ACL_ENTRY: Operation = Operation::write(Service::Ec2, "CreateNetworkAclEntry");
/// Takes an entry out of a network ACL.
pub static DELETE_NETWORK_ACL_ENTRY: Operation = Operation::write(Service::Ec2, "DeleteNetworkAclEntry");
/// Reads interfaces.
pub static DESCRIBE_NETWORK_INTERFACES: Operation = Operation::read(Service::Ec2, "DescribeNetworkInterfaces");
/// Sets the security groups of an interface.
pub static MODIFY_NETWORK_INTERFACE_ATTRIBUTE: Operation =
    Operation::write(Service::Ec2, "ModifyNetworkInterfaceAttribute");
/// Reads security groups.
pub static DESCRIBE_SECURITY_GROUPS: Operation = Operation::read(Service::Ec2, "DescribeSecurityGroups");

/// Which way traffic goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the subnet.
    Ingress,
    /// Out of the subnet.
    Egress,
}

/// What an entry does with what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Allow,
    /// It is dropped.
    Deny,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAcl {
    /// Its id.
    pub id: String,
    /// The subnets that it is for.
    pub subnets: Vec<String>,
    /// What it lets pass and drops, the entries that nobody can change left out.
    pub entries: Vec<AclEntry>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AclEntry {
    /// Its rule number: the lowest that matches decides.
    pub number: u16,
    /// Which way the traffic goes.
    pub direction: Direction,
    /// What is done with it.
    pub verdict: Verdict,
    /// The other end; `None` where AWS writes none that can be read.
    pub network: Option<IpNet>,
    /// Whether it is about every protocol.
    pub every_protocol: bool,
}

/// The last rule number that can be chosen; what is above cannot be changed.
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html>.
const NUMBER_MAX: u16 = 32_766;

/// Returns the call that reads network ACLs.
pub fn describe_network_acls_call<T: AsRef<str>>(ids: &[T]) -> Call {
    Query::default().list("NetworkAclId", ids).call(&DESCRIBE_NETWORK_ACLS)
}

/// Reads network ACLs. An id that does not exist is an error of AWS.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn describe_network_acls<T: AsRef<str>>(client: &Client, ids: &[T]) -> Result<Vec<NetworkAcl>, AwsError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    client.send(&describe_network_acls_call(ids))?.xml(read_acls)
}

/// Returns the call that reads the network ACL of a subnet.
pub fn describe_subnet_acl_call(subnet: &str) -> Call {
    Query::default().filter("association.subnet-id", subnet).call(&DESCRIBE_NETWORK_ACLS)
}

/// Reads the network ACL of a subnet; each has exactly one.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn describe_subnet_acl(client: &Client, subnet: &str) -> Result<Option<NetworkAcl>, AwsError> {
    client.send(&describe_subnet_acl_call(subnet))?.xml(|root| read_acls(root).into_iter().next())
}

fn read_acls(root: Node<'_, '_>) -> Vec<NetworkAcl> {
    let acl = |node| NetworkAcl {
        id: text(node, &["networkAclId"]),
        subnets: items(node, &["associationSet"]).into_iter().map(|one| text(one, &["subnetId"])).collect(),
        entries: items(node, &["entrySet"]).into_iter().filter_map(read_entry).collect(),
    };
    items(root, &["networkAclSet"]).into_iter().map(acl).collect()
}

fn read_entry(node: Node<'_, '_>) -> Option<AclEntry> {
    let number = text(node, &["ruleNumber"]).parse().ok().filter(|number| *number <= NUMBER_MAX)?;
    let network = some_text(node, &["cidrBlock"]).or_else(|| some_text(node, &["ipv6CidrBlock"]));
    Some(AclEntry {
        number,
        direction: if text(node, &["egress"]) == "true" { Direction::Egress } else { Direction::Ingress },
        verdict: if text(node, &["ruleAction"]) == "allow" { Verdict::Allow } else { Verdict::Deny },
        network: network.and_then(|network| network.parse().ok()),
        every_protocol: text(node, &["protocol"]) == "-1",
    })
}

/// Returns the call that adds an entry which drops every protocol from or to a network.
///
/// The rule number is a `u16`, or in a plan the words for one that is not known yet.
pub fn create_network_acl_entry_call(
    acl: &str,
    number: impl std::fmt::Display,
    direction: Direction,
    network: IpNet,
) -> Call {
    let name = match network {
        IpNet::V4(_) => "CidrBlock",
        IpNet::V6(_) => "Ipv6CidrBlock",
    };
    Query::default()
        .with("NetworkAclId", acl)
        .with("RuleNumber", number.to_string())
        .with("Protocol", "-1")
        .with("RuleAction", "deny")
        .with("Egress", (direction == Direction::Egress).to_string())
        .with(name, network.to_string())
        .call(&CREATE_NETWORK_ACL_ENTRY)
}

/// Returns the call that takes an entry out of a network ACL.
pub fn delete_network_acl_entry_call(acl: &str, number: impl std::fmt::Display, direction: Direction) -> Call {
    Query::default()
        .with("NetworkAclId", acl)
        .with("RuleNumber", number.to_string())
        .with("Egress", (direction == Direction::Egress).to_string())
        .call(&DELETE_NETWORK_ACL_ENTRY)
}

/// Returns the call that lists the first interfaces in a subnet.
pub fn interfaces_in_subnet_call(subnet: &str) -> Call {
    Query::default().filter("subnet-id", subnet).call(&DESCRIBE_NETWORK_INTERFACES)
}

/// Returns the interfaces in a subnet.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn interfaces_in_subnet(client: &Client, subnet: &str) -> Result<Vec<Interface>, AwsError> {
    let mut all = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let query = Query::default().filter("subnet-id", subnet).page("NextToken", token.as_deref());
        token = client.send(&query.call(&DESCRIBE_NETWORK_INTERFACES))?.xml(|root| {
            all.extend(items(root, &["networkInterfaceSet"]).into_iter().map(interface));
            some_text(root, &["nextToken"])
        })?;
        if token.is_none() {
            break;
        }
    }
    Ok(all)
}

/// Returns the call that sets the security groups of an interface.
pub fn modify_interface_groups_call<T: AsRef<str>>(interface: &str, groups: &[T]) -> Call {
    Query::default()
        .with("NetworkInterfaceId", interface)
        .list("SecurityGroupId", groups)
        .call(&MODIFY_NETWORK_INTERFACE_ATTRIBUTE)
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// How many rules let something in.
    pub ingress_rules: usize,
    /// How many rules let something out.
    pub egress_rules: usize,
}

/// Returns the call that reads security groups.
pub fn describe_security_groups_call<T: AsRef<str>>(ids: &[T]) -> Call {
    Query::default().list("GroupId", ids).call(&DESCRIBE_SECURITY_GROUPS)
}

/// Reads security groups. An id that does not exist is an error of AWS.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn describe_security_groups<T: AsRef<str>>(client: &Client, ids: &[T]) -> Result<Vec<SecurityGroup>, AwsError> {
    client.send(&describe_security_groups_call(ids))?.xml(read_groups)
}

/// Returns the call that finds the quarantine groups of a VPC, by their tag.
pub fn quarantine_groups_call(vpc: &str) -> Call {
    Query::default().filter("vpc-id", vpc).filter("tag:vigie:quarantine", "true").call(&DESCRIBE_SECURITY_GROUPS)
}

/// Returns the quarantine groups of a VPC: those with the tag `vigie:quarantine=true`.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn quarantine_groups(client: &Client, vpc: &str) -> Result<Vec<SecurityGroup>, AwsError> {
    client.send(&quarantine_groups_call(vpc))?.xml(read_groups)
}

fn read_groups(root: Node<'_, '_>) -> Vec<SecurityGroup> {
    let group = |node| SecurityGroup {
        id: text(node, &["groupId"]),
        vpc: text(node, &["vpcId"]),
        ingress_rules: items(node, &["ipPermissions"]).len(),
        egress_rules: items(node, &["ipPermissionsEgress"]).len(),
    };
    items(root, &["securityGroupInfo"]).into_iter().map(group).collect()
}
