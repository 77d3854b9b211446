//! Blocking addresses at the edge.

use std::net::IpAddr;

use super::CloudPolicy;
use super::plan::{CloudPlan, Spared};
use crate::{ActionSpec, NACL_BLOCK_IP, NeverTouch, WAF_BLOCK_IP};

/// How many addresses of one finding are blocked: a forged list must not fill the network ACL.
pub(super) const BLOCKS_MAX: usize = 20;

/// Through which door the other end came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Through our network: both the firewall for web applications and the network ACL can stop it.
    Network,
    /// Through AWS's own API or a cluster's: no network ACL of ours ever sees it, and its few rules are kept for what it
    /// does see. The web application firewall keeps the address away from our applications.
    Api,
}

static NETWORK_GUARDS: [&ActionSpec; 2] = [&WAF_BLOCK_IP, &NACL_BLOCK_IP];
static API_GUARDS: [&ActionSpec; 1] = [&WAF_BLOCK_IP];

impl Door {
    fn guards(self) -> &'static [&'static ActionSpec] {
        match self {
            Self::Network => &NETWORK_GUARDS,
            Self::Api => &API_GUARDS,
        }
    }
}

/// Adds a block of each address that may be blocked.
pub(super) fn block(
    plan: &mut CloudPlan,
    addresses: &[IpAddr],
    door: Door,
    policy: &CloudPolicy,
    never_touch: &NeverTouch,
    why: &str,
) {
    let mut taken = 0;
    for address in addresses {
        match never_touch.admit(*address) {
            Ok(_) if taken == BLOCKS_MAX => {
                plan.notes.push(format!(
                    "more than {BLOCKS_MAX} addresses: the others are not blocked; block them by hand where they go on"
                ));
                return;
            }
            Ok(target) => {
                taken += 1;
                for guard in door.guards() {
                    plan.add(guard, &target.to_string(), Some(policy.block_for), why.to_owned());
                }
            }
            Err(refusal) => {
                plan.spared.push(Spared { address: address.to_string(), reason: refusal.to_string() });
            }
        }
    }
}
