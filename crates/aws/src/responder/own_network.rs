//! What is ours in an account, so that it is never blocked: found at run time, since it changes.

use vigie_respond::NeverTouch;

use crate::services::ec2::own_networks;
use crate::{AwsError, Client};

/// Adds the addresses and networks of an account in a Region to what is never touched: elastic addresses, NAT gateways,
/// VPCs, and the public addresses of every interface.
///
/// # Errors
/// AWS could not be asked. Then nobody should be blocked: one of ours may be among them.
pub fn add_own_network(list: &mut NeverTouch, client: &Client) -> Result<(), AwsError> {
    for (network, what) in own_networks(client)? {
        list.add(network, what);
    }
    Ok(())
}
