//! Which addresses are the account's own.

use ipnet::IpNet;
use roxmltree::Node;

use super::super::xml::{items, some_text};
use super::super::{PAGES_MAX, Query};
use super::network::DESCRIBE_NETWORK_INTERFACES;
use crate::{AwsError, Client, Operation, Service};

/// Reads Elastic IP addresses.
pub static DESCRIBE_ADDRESSES: Operation = Operation::read(Service::Ec2, "DescribeAddresses");
/// Reads NAT gateways.
pub static DESCRIBE_NAT_GATEWAYS: Operation = Operation::read(Service::Ec2, "DescribeNatGateways");
/// Reads VPCs.
pub static DESCRIBE_VPCS: Operation = Operation::read(Service::Ec2, "DescribeVpcs");

/// Returns the networks that are the account's own in this Region, each with what it is: they are never blocked.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn own_networks(client: &Client) -> Result<Vec<(IpNet, &'static str)>, AwsError> {
    let mut all = Vec::new();
    let mut add = |text: Option<String>, what: &'static str| {
        let Some(text) = text else { return };
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
        all.extend(network.map(|network| (network.trunc(), what)));
    };
    pages(client, &DESCRIBE_ADDRESSES, |root| {
        for address in items(root, &["addressesSet"]) {
            add(some_text(address, &["publicIp"]), "an Elastic IP address of the account");
        }
    })?;
    pages(client, &DESCRIBE_NAT_GATEWAYS, |root| {
        for address in items(root, &["natGatewaySet"]).into_iter().flat_map(|one| items(one, &["natGatewayAddressSet"]))
        {
            add(some_text(address, &["publicIp"]), "an address of a NAT gateway");
        }
    })?;
    pages(client, &DESCRIBE_VPCS, |root| {
        for vpc in items(root, &["vpcSet"]) {
            add(some_text(vpc, &["cidrBlock"]), "a network of a VPC");
            for block in items(vpc, &["cidrBlockAssociationSet"]) {
                add(some_text(block, &["cidrBlock"]), "a network of a VPC");
            }
            for block in items(vpc, &["ipv6CidrBlockAssociationSet"]) {
                add(some_text(block, &["ipv6CidrBlock"]), "a network of a VPC");
            }
        }
    })?;
    pages(client, &DESCRIBE_NETWORK_INTERFACES, |root| {
        for interface in items(root, &["networkInterfaceSet"]) {
            add(some_text(interface, &["association", "publicIp"]), "the public address of an interface");
            for address in items(interface, &["ipv6AddressesSet"]) {
                add(some_text(address, &["ipv6Address"]), "an address of an interface");
            }
        }
    })?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn pages(client: &Client, operation: &'static Operation, mut read: impl FnMut(Node<'_, '_>)) -> Result<(), AwsError> {
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let query = Query::default().page("NextToken", token.as_deref());
        token = client.send(&query.call(operation))?.xml(|root| {
            read(root);
            some_text(root, &["nextToken"])
        })?;
        if token.is_none() {
            return Ok(());
        }
    }
    // Half a list would let one of ours be blocked.
    let reason = format!("the list has more than {PAGES_MAX} pages");
    Err(AwsError::Unreadable { operation: operation.to_string(), reason })
}
