//! The role of an instance.

use super::super::Query;
use super::super::xml::{items, text};
use crate::{AwsError, Call, Client, Operation, Service};

/// Reads which profile an instance has.
pub static DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS: Operation =
    Operation::read(Service::Ec2, "DescribeIamInstanceProfileAssociations");
/// Takes the profile from an instance.
pub static DISASSOCIATE_IAM_INSTANCE_PROFILE: Operation =
    Operation::write(Service::Ec2, "DisassociateIamInstanceProfile");
/// Gives an instance a profile.
pub static ASSOCIATE_IAM_INSTANCE_PROFILE: Operation = Operation::write(Service::Ec2, "AssociateIamInstanceProfile");

/// That an instance has a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The association's id.
    pub id: String,
    /// The profile's ARN.
    pub profile: String,
}

/// Returns the call that reads which profile an instance has.
pub fn profile_associations_call(instance: &str) -> Call {
    Query::default().filter("instance-id", instance).call(&DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS)
}

/// Returns the profile that an instance has; those about to be taken away are left out.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn profile_associations(client: &Client, instance: &str) -> Result<Vec<Association>, AwsError> {
    client.send(&profile_associations_call(instance))?.xml(|root| {
        items(root, &["iamInstanceProfileAssociationSet"])
            .into_iter()
            .filter(|node| matches!(text(*node, &["state"]).as_str(), "associating" | "associated" | ""))
            .map(|node| Association {
                id: text(node, &["associationId"]),
                profile: text(node, &["iamInstanceProfile", "arn"]),
            })
            .collect()
    })
}

/// Returns the call that takes a profile from an instance.
pub fn disassociate_profile_call(association: &str) -> Call {
    Query::default().with("AssociationId", association).call(&DISASSOCIATE_IAM_INSTANCE_PROFILE)
}

/// Returns the call that gives an instance a profile.
pub fn associate_profile_call(instance: &str, profile_arn: &str) -> Call {
    Query::default()
        .with("InstanceId", instance)
        .with("IamInstanceProfile.Arn", profile_arn)
        .call(&ASSOCIATE_IAM_INSTANCE_PROFILE)
}
