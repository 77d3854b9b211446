//! The kinds of action on AWS. `crates/aws` does them.

use std::time::Duration;

use vigie_model::ObservableKind;

use super::{ActionSpec, Expiry, ParameterKind, ParameterSpec, Undo};

/// Every kind of action on AWS.
pub static AWS_ACTIONS: [&ActionSpec; 9] = [
    &WAF_BLOCK_IP,
    &NACL_BLOCK_IP,
    &EC2_ISOLATE_INSTANCE,
    &EC2_SNAPSHOT,
    &IAM_DISABLE_ACCESS_KEY,
    &IAM_REVOKE_ROLE_SESSIONS,
    &IAM_QUARANTINE_USER,
    &S3_BLOCK_PUBLIC_ACCESS,
    &SNS_NOTIFY,
];

const DAY: Duration = Duration::from_hours(24);

const ADDRESS: ParameterSpec = ParameterSpec {
    name: "ip",
    kind: ParameterKind::Network,
    required: true,
    description: "the address, or a network no wider than /24 (IPv4) or /48 (IPv6)",
};

const REGION: ParameterSpec = ParameterSpec {
    name: "region",
    kind: ParameterKind::Name,
    required: false,
    description: "the Region; the one in the settings where it is left out",
};

const INSTANCE: ParameterSpec = ParameterSpec {
    name: "instance",
    kind: ParameterKind::Resource,
    required: true,
    description: "the instance's id: i-0123456789abcdef0",
};

const USER: ParameterSpec = ParameterSpec {
    name: "user",
    kind: ParameterKind::Resource,
    required: true,
    description: "the name of the IAM user",
};

/// Blocks an address at the web application firewall.
pub static WAF_BLOCK_IP: ActionSpec = ActionSpec {
    kind: "waf.block_ip",
    phrase: "block {target} at the web application firewall",
    parameters: &[ADDRESS, REGION],
    target: Some(("ip", ObservableKind::Ip)),
    identity: &[],
    briefed: false,
    blast_radius: "every request that the address sends to what the web ACL protects is refused; nothing else changes",
    undo: Undo::Possible("the address is taken out of the IP set"),
    needs: &["an IP set for IPv4, one for IPv6, and a web ACL that blocks what is in them"],
    expiry: Expiry::After { default: DAY, longest: Duration::from_hours(24 * 90) },
};

/// Blocks an address at the edge of subnets.
pub static NACL_BLOCK_IP: ActionSpec = ActionSpec {
    kind: "nacl.block_ip",
    phrase: "block {target} at the network ACL",
    parameters: &[ADDRESS, REGION],
    target: Some(("ip", ObservableKind::Ip)),
    identity: &[],
    briefed: false,
    blast_radius: "everything that the address sends to the subnets of the network ACL is dropped, connections that are open included; with more blocks than rule numbers, the block that would end first goes",
    undo: Undo::Possible("the rule is taken out of the network ACL"),
    needs: &["a network ACL with rule numbers that are ours"],
    expiry: Expiry::After { default: DAY, longest: Duration::from_hours(24 * 90) },
};

/// Cuts an instance off, and keeps it.
pub static EC2_ISOLATE_INSTANCE: ActionSpec = ActionSpec {
    kind: "ec2.isolate_instance",
    phrase: "isolate the instance {target}",
    parameters: &[INSTANCE, REGION],
    target: Some(("instance", ObservableKind::AwsInstance)),
    identity: &[],
    briefed: false,
    blast_radius: "the instance answers nobody and reaches nobody, loses its role, and cannot be terminated; where it is alone in its subnet, all traffic of that subnet is cut",
    undo: Undo::Possible(
        "every interface gets back exactly the groups that it had, the rules in the network ACL go, the role is attached again",
    ),
    needs: &["a quarantine group without rules in the instance's VPC"],
    expiry: Expiry::UntilUndone { longest: Duration::from_hours(24 * 90) },
};

/// Keeps what is on an instance's disks.
pub static EC2_SNAPSHOT: ActionSpec = ActionSpec {
    kind: "ec2.snapshot",
    phrase: "take snapshots of the disks of the instance {target}",
    parameters: &[INSTANCE, REGION],
    target: Some(("instance", ObservableKind::AwsInstance)),
    identity: &[],
    briefed: false,
    blast_radius: "nothing changes on the instance; the snapshots cost storage until somebody deletes them",
    undo: Undo::Impossible("evidence is not taken back; delete the snapshots by hand when the case is closed"),
    needs: &["the right to make snapshots"],
    expiry: Expiry::AtOnce,
};

/// Disables a long-lived access key.
pub static IAM_DISABLE_ACCESS_KEY: ActionSpec = ActionSpec {
    kind: "iam.disable_access_key",
    phrase: "disable the access key {target}",
    parameters: &[
        ParameterSpec {
            name: "key",
            kind: ParameterKind::Resource,
            required: true,
            description: "the id of the access key: AKIA…",
        },
        ParameterSpec { required: false, ..USER },
    ],
    target: Some(("key", ObservableKind::AwsKey)),
    identity: &[],
    briefed: false,
    blast_radius: "whoever signs with this key is refused, the owner's own programs too",
    undo: Undo::Possible("the key is active again, where it was before"),
    needs: &["the right to change access keys"],
    expiry: Expiry::UntilUndone { longest: Duration::from_hours(24 * 90) },
};

/// Ends every session of a role.
pub static IAM_REVOKE_ROLE_SESSIONS: ActionSpec = ActionSpec {
    kind: "iam.revoke_role_sessions",
    phrase: "revoke the sessions of the role {target}",
    parameters: &[ParameterSpec {
        name: "role",
        kind: ParameterKind::Resource,
        required: true,
        description: "the name of the role",
    }],
    target: Some(("role", ObservableKind::AwsArn)),
    identity: &[],
    briefed: false,
    blast_radius: "every session of the role that began before now is refused, those of its rightful users too; new sessions work",
    undo: Undo::Possible("the inline policy AWSRevokeOlderSessions is taken off the role, or put back as it was"),
    needs: &["the right to write the role's inline policy"],
    expiry: Expiry::UntilUndone { longest: Duration::from_hours(24 * 90) },
};

/// Takes away what an intruder does with a user's key.
pub static IAM_QUARANTINE_USER: ActionSpec = ActionSpec {
    kind: "iam.quarantine_user",
    phrase: "quarantine the user {target}",
    parameters: &[USER],
    target: Some(("user", ObservableKind::User)),
    identity: &[],
    briefed: false,
    blast_radius: "the user is denied what AWS's policy AWSCompromisedKeyQuarantineV3 lists, and keeps the rest",
    undo: Undo::Possible("the policy is detached, where it was not attached before"),
    needs: &["the right to attach that one policy"],
    expiry: Expiry::UntilUndone { longest: Duration::from_hours(24 * 90) },
};

/// Closes a bucket to the public.
pub static S3_BLOCK_PUBLIC_ACCESS: ActionSpec = ActionSpec {
    kind: "s3.block_public_access",
    phrase: "block public access to the bucket {target}",
    parameters: &[
        ParameterSpec {
            name: "bucket",
            kind: ParameterKind::Resource,
            required: true,
            description: "the bucket's name",
        },
        REGION,
    ],
    target: Some(("bucket", ObservableKind::AwsBucket)),
    identity: &[],
    briefed: false,
    blast_radius: "whoever reads the bucket without being named by a policy is refused, also where it was meant to be public",
    undo: Undo::Possible("the bucket's own setting is put back as it was"),
    needs: &["the right to change the bucket's public access block"],
    expiry: Expiry::UntilUndone { longest: Duration::from_hours(24 * 90) },
};

/// Tells people.
pub static SNS_NOTIFY: ActionSpec = ActionSpec {
    kind: "sns.notify",
    phrase: "tell the subscribers of the topic",
    parameters: &[
        ParameterSpec {
            name: "subject",
            kind: ParameterKind::Line,
            required: false,
            description: "the subject of e-mails, 100 plain letters at most; the alert's title where it is left out",
        },
        ParameterSpec {
            name: "text",
            kind: ParameterKind::Text,
            required: false,
            description: "what stands above the facts",
        },
    ],
    target: None,
    identity: &["subject"],
    briefed: true,
    blast_radius: "the subscribers read it; it holds addresses, accounts and what was done",
    undo: Undo::Impossible("what was read cannot be unread"),
    needs: &["a topic in the settings"],
    expiry: Expiry::AtOnce,
};
