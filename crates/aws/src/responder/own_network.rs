//! What is ours in an account, so that it is never blocked: found at run time, since it changes.

use std::net::IpAddr;

use ipnet::IpNet;
use roxmltree::Node;
use vigie_respond::NeverTouch;

use crate::client::{AwsError, Call, Client, Input};
use crate::operation::{Operation, Service};

/// Elastic addresses.
pub(crate) static DESCRIBE_ADDRESSES: Operation = Operation::read(Service::Ec2, "DescribeAddresses");
/// Gateways through which private subnets reach the world.
pub(crate) static DESCRIBE_NAT_GATEWAYS: Operation = Operation::read(Service::Ec2, "DescribeNatGateways");
/// Virtual networks, for their ranges.
pub(crate) static DESCRIBE_VPCS: Operation = Operation::read(Service::Ec2, "DescribeVpcs");
/// Interfaces, for the public addresses of instances and load balancers.
static DESCRIBE_NETWORK_INTERFACES: &Operation = &crate::services::ec2::DESCRIBE_NETWORK_INTERFACES;

/// How many pages of one list are read: 1,000 entries each.
const PAGES_MAX: usize = 20;

/// Adds the addresses and networks of an account in a Region to what is never touched: elastic addresses, NAT gateways,
/// VPCs, and the public addresses of every interface.
///
/// # Errors
/// AWS could not be asked. Then nobody should be blocked: one of ours may be among them.
pub fn add_own_network(list: &mut NeverTouch, client: &Client) -> Result<(), AwsError> {
    let questions: [(&'static Operation, &str, &[&str]); 4] = [
        (&DESCRIBE_ADDRESSES, "an elastic address of this account", &["publicIp"]),
        (&DESCRIBE_NAT_GATEWAYS, "a NAT gateway of this account", &["publicIp"]),
        (&DESCRIBE_VPCS, "a network of this account", &["cidrBlock", "ipv6CidrBlock"]),
        (DESCRIBE_NETWORK_INTERFACES, "a public address of this account", &["publicIp", "ipv6Address"]),
    ];
    for (operation, reason, names) in questions {
        for network in ask(client, operation, names)? {
            list.add(network, reason);
        }
    }
    Ok(())
}

/// Reads every page of a list, and every address or network under these names.
fn ask(client: &Client, operation: &'static Operation, names: &[&str]) -> Result<Vec<IpNet>, AwsError> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut input = Vec::new();
        // DescribeAddresses gives all in one answer and takes no page size.
        if operation != &DESCRIBE_ADDRESSES {
            input.push(("MaxResults".to_owned(), "1000".to_owned()));
        }
        if let Some(token) = next.take() {
            input.push(("NextToken".to_owned(), token));
        }
        let reply = client.send(&Call { operation, input: Input::Query(input) })?;
        next = reply.xml(|root| {
            found.extend(texts(root, names).filter_map(network));
            texts(root, &["nextToken"]).next().map(str::to_owned)
        })?;
        if next.is_none() {
            return Ok(found);
        }
    }
    Err(AwsError::Unreadable {
        operation: operation.to_string(),
        reason: format!("the list has more than {PAGES_MAX} pages"),
    })
}

fn texts<'a>(root: Node<'a, 'a>, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let named = root.descendants().filter(|node| names.contains(&node.tag_name().name()));
    named.filter_map(|node| node.text()).filter(|text| !text.trim().is_empty())
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse::<IpNet>()).ok()
}
