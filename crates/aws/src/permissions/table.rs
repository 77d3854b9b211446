//! Which actions of IAM an operation takes.

/// Each operation that is used, with every action of IAM that AWS may ask for when it is called. Reviewed by hand against
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/>.
static TABLE: &[(&str, &[&str])] = &[
    ("wafv2:GetIPSet", &["wafv2:GetIPSet"]),
    ("wafv2:UpdateIPSet", &["wafv2:UpdateIPSet"]),
    // The role goes to the instance.
    ("ec2:AssociateIamInstanceProfile", &["ec2:AssociateIamInstanceProfile", "iam:PassRole"]),
    ("ec2:CreateNetworkAclEntry", &["ec2:CreateNetworkAclEntry"]),
    // Tags are given while the snapshots are taken.
    ("ec2:CreateSnapshots", &["ec2:CreateSnapshots", "ec2:CreateTags"]),
    ("ec2:CreateTags", &["ec2:CreateTags"]),
    ("ec2:DeleteNetworkAclEntry", &["ec2:DeleteNetworkAclEntry"]),
    ("ec2:DeleteTags", &["ec2:DeleteTags"]),
    ("ec2:DescribeAddresses", &["ec2:DescribeAddresses"]),
    ("ec2:DescribeIamInstanceProfileAssociations", &["ec2:DescribeIamInstanceProfileAssociations"]),
    ("ec2:DescribeInstanceAttribute", &["ec2:DescribeInstanceAttribute"]),
    ("ec2:DescribeInstances", &["ec2:DescribeInstances"]),
    ("ec2:DescribeNatGateways", &["ec2:DescribeNatGateways"]),
    ("ec2:DescribeNetworkAcls", &["ec2:DescribeNetworkAcls"]),
    ("ec2:DescribeNetworkInterfaces", &["ec2:DescribeNetworkInterfaces"]),
    ("ec2:DescribeSecurityGroups", &["ec2:DescribeSecurityGroups"]),
    ("ec2:DescribeSnapshots", &["ec2:DescribeSnapshots"]),
    ("ec2:DescribeVpcs", &["ec2:DescribeVpcs"]),
    ("ec2:DisassociateIamInstanceProfile", &["ec2:DisassociateIamInstanceProfile"]),
    ("ec2:ModifyInstanceAttribute", &["ec2:ModifyInstanceAttribute"]),
    ("ec2:ModifyNetworkInterfaceAttribute", &["ec2:ModifyNetworkInterfaceAttribute"]),
    // EC2 decrypts the volumes of the instance in the caller's name.
    ("ec2:StartInstances", &["ec2:StartInstances", "kms:CreateGrant"]),
    ("ec2:StopInstances", &["ec2:StopInstances"]),
    ("iam:AttachUserPolicy", &["iam:AttachUserPolicy"]),
    ("iam:DeleteRolePolicy", &["iam:DeleteRolePolicy"]),
    ("iam:DetachUserPolicy", &["iam:DetachUserPolicy"]),
    ("iam:GetAccessKeyLastUsed", &["iam:GetAccessKeyLastUsed"]),
    ("iam:GetRole", &["iam:GetRole"]),
    ("iam:GetRolePolicy", &["iam:GetRolePolicy"]),
    ("iam:ListAccessKeys", &["iam:ListAccessKeys"]),
    ("iam:ListAttachedUserPolicies", &["iam:ListAttachedUserPolicies"]),
    ("iam:PutRolePolicy", &["iam:PutRolePolicy"]),
    ("iam:UpdateAccessKey", &["iam:UpdateAccessKey"]),
    // There is no action of its own for taking the setting away.
    ("s3:DeletePublicAccessBlock", &["s3:PutBucketPublicAccessBlock"]),
    ("s3:GetPublicAccessBlock", &["s3:GetBucketPublicAccessBlock"]),
    ("s3:PutPublicAccessBlock", &["s3:PutBucketPublicAccessBlock"]),
    // SNS encrypts with the topic's key in the caller's name.
    ("sns:Publish", &["sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"]),
    ("sqs:SendMessage", &["sqs:SendMessage"]),
    ("sqs:SendMessageBatch", &["sqs:SendMessage"]),
    ("dynamodb:GetItem", &["dynamodb:GetItem"]),
    ("dynamodb:PutItem", &["dynamodb:PutItem"]),
    ("dynamodb:Query", &["dynamodb:Query"]),
    ("dynamodb:UpdateItem", &["dynamodb:UpdateItem"]),
    ("logs:FilterLogEvents", &["logs:FilterLogEvents"]),
];

/// Returns the actions of IAM that an operation takes, as [`Operation`](crate::Operation) spells it (`ec2:CreateTags`);
/// `None` where nobody reviewed it.
pub fn iam_actions_of(operation: &str) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|(name, _)| *name == operation).map(|(_, actions)| *actions)
}

/// Returns the operations that take an action of IAM.
pub fn operations_of(action: &str) -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(move |(_, actions)| actions.contains(&action)).map(|(operation, _)| *operation)
}
