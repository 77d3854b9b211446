//! What would change something, tried without doing it: with `DryRun`, EC2 answers whether it would be allowed.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html>

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::{Check, allow};
use crate::services::ec2::{self, Direction};
use crate::{AwsError, Call, Client, Input, Operation, Service, Settings};

// With `DryRun` they only look.
static MODIFY_INSTANCE_ATTRIBUTE: Operation = Operation::read(Service::Ec2, "ModifyInstanceAttribute");
static MODIFY_NETWORK_INTERFACE_ATTRIBUTE: Operation = Operation::read(Service::Ec2, "ModifyNetworkInterfaceAttribute");
static CREATE_SNAPSHOTS: Operation = Operation::read(Service::Ec2, "CreateSnapshots");
static CREATE_TAGS: Operation = Operation::read(Service::Ec2, "CreateTags");
static CREATE_NETWORK_ACL_ENTRY: Operation = Operation::read(Service::Ec2, "CreateNetworkAclEntry");

/// An address of documentation: nobody has it.
const NOBODY: [u8; 4] = [192, 0, 2, 1];

/// Tries what isolating an instance takes, on one that runs, and what blocking an address takes.
pub(super) fn ec2(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    if let Some(id) = settings.nacl.ids.first() {
        let network = IpNet::from(std::net::IpAddr::from(NOBODY));
        let call = ec2::create_network_acl_entry_call(id, settings.nacl.first_rule, Direction::Ingress, network);
        checks.extend(attempt(client, &CREATE_NETWORK_ACL_ENTRY, call));
    }
    let instance = match ec2::some_instance(client) {
        Ok(Some(instance)) => instance,
        Ok(None) => {
            let detail = "no instance runs here to try it on";
            return checks.push(Check::unknown("permission to isolate an instance", detail, ""));
        }
        Err(error) => return checks.push(Check::failed("permission to isolate an instance", &error, "")),
    };
    let tags = BTreeMap::from([("vigie:doctor".to_owned(), "dry-run".to_owned())]);
    checks.extend(attempt(client, &MODIFY_INSTANCE_ATTRIBUTE, ec2::protect_call(&instance.id, true)));
    checks.extend(attempt(client, &CREATE_TAGS, ec2::create_tags_call(&instance.id, &tags)));
    let snapshots = ec2::create_snapshots_call(&instance.id, "vigie doctor", &tags);
    checks.extend(attempt(client, &CREATE_SNAPSHOTS, snapshots));
    let group = settings.quarantine_groups.get(&instance.vpc);
    if let (Some(interface), Some(group)) = (instance.interfaces.first(), group) {
        let call = ec2::modify_interface_groups_call(&interface.id, &[group]);
        checks.extend(attempt(client, &MODIFY_NETWORK_INTERFACE_ATTRIBUTE, call));
    }
}

/// Sends a call with `DryRun`, by an operation that stands for it. Nothing is sent where the call cannot carry that word.
fn attempt(client: &Client, operation: &'static Operation, call: Call) -> Option<Check> {
    let Input::Query(mut pairs) = call.input else { return None };
    pairs.push(("DryRun".to_owned(), "true".to_owned()));
    let what = format!("permission {operation}");
    Some(match client.send(&Call { operation, input: Input::Query(pairs) }) {
        Err(error) if error.code() == Some("DryRunOperation") => Check::good(what, "EC2 says that it would do it"),
        Err(AwsError::Denied { operation, message, .. }) => Check::bad(what, message, allow(&operation)),
        Err(error) => Check::unknown(what, error.to_string(), ""),
        // AWS documents that this cannot be; some stand-ins do it.
        Ok(_) => Check::unknown(what, "EC2 did not heed DryRun", ""),
    })
}
