//! Snapshots.

use std::collections::BTreeMap;

use super::super::xml::{items, some_text, text};
use super::super::{PAGES_MAX, Query};
use crate::{AwsError, Call, Client, Operation, Service};

/// Takes snapshots of all volumes of an instance, at one point in time. Each call takes new ones.
pub static CREATE_SNAPSHOTS: Operation = Operation::write_once(Service::Ec2, "CreateSnapshots");
/// Reads snapshots.
pub static DESCRIBE_SNAPSHOTS: Operation = Operation::read(Service::Ec2, "DescribeSnapshots");

/// Returns the call that takes snapshots of all EBS volumes of an instance.
pub fn create_snapshots_call(instance: &str, description: &str, tags: &BTreeMap<String, String>) -> Call {
    let mut query = Query::default()
        .with("InstanceSpecification.InstanceId", instance)
        .with("Description", description)
        .with("TagSpecification.1.ResourceType", "snapshot");
    for (number, (key, value)) in (1..).zip(tags) {
        let tag = format!("TagSpecification.1.Tag.{number}");
        query = query.with(&format!("{tag}.Key"), key).with(&format!("{tag}.Value"), value);
    }
    query.call(&CREATE_SNAPSHOTS)
}

/// Takes snapshots of all EBS volumes of an instance, and returns their ids.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn create_snapshots(
    client: &Client,
    instance: &str,
    description: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Vec<String>, AwsError> {
    client
        .send(&create_snapshots_call(instance, description, tags))?
        .xml(|root| items(root, &["snapshotSet"]).into_iter().map(|snapshot| text(snapshot, &["snapshotId"])).collect())
}

/// Returns the call that lists the first snapshots with a tag.
pub fn describe_snapshots_call(tag: &str, value: &str) -> Call {
    Query::default().with("Owner.1", "self").filter(&format!("tag:{tag}"), value).call(&DESCRIBE_SNAPSHOTS)
}

/// Returns the ids of this account's snapshots with a tag.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn describe_snapshots(client: &Client, tag: &str, value: &str) -> Result<Vec<String>, AwsError> {
    let mut all = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let query = Query::default()
            .with("Owner.1", "self")
            .filter(&format!("tag:{tag}"), value)
            .page("NextToken", token.as_deref());
        token = client.send(&query.call(&DESCRIBE_SNAPSHOTS))?.xml(|root| {
            all.extend(items(root, &["snapshotSet"]).into_iter().map(|snapshot| text(snapshot, &["snapshotId"])));
            some_text(root, &["nextToken"])
        })?;
        if token.is_none() {
            break;
        }
    }
    Ok(all)
}
