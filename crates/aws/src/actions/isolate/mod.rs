//! `ec2.isolate_instance`: a compromised instance, cut off and kept.
//!
//! In this order, each step repeatable: what it was like goes into its tags; it is protected from termination; every
//! interface gets the quarantine group alone; a network ACL cuts the connections that are open, where the instance is
//! alone in its subnets (else they stay open, which the note tells, or the instance is stopped: `shared_subnet` in the
//! settings); its profile is detached. Snapshots are an action of their own, planned before this one.
//!
//! Groups are set with ModifyNetworkInterfaceAttribute on each interface: AWS takes ModifyInstanceAttribute only for
//! instances with a single interface, and there it does the same.
//!
//! Limits: an Auto Scaling group replaces an instance in spite of its protection. Credentials that the instance has got
//! work until they expire: `iam.revoke_role_sessions` ends them. An instance with the tag `vigie:never-isolate` is left
//! alone.

mod cut;
mod record;
mod release;
mod work;

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, EC2_ISOLATE_INSTANCE, ExecuteError, Outcome};

use super::{AwsAction, Context, parameter, why};
use crate::permissions::{Condition, DESCRIBES_ANY, Resources, Statement};
use crate::services::ec2::{
    Direction, create_network_acl_entry_call, create_tags_call, describe_instance_call, describe_security_groups_call,
    describe_subnet_acl_call, disassociate_profile_call, interfaces_in_subnet_call, is_protected_call,
    modify_interface_groups_call, profile_associations_call, protect_call, quarantine_groups_call, stop_instance_call,
};
use crate::{Call, Settings, SharedSubnet};
use record::{AT, BY, GROUPS, REASON, REST, Record};

pub(super) use record::tag_value;

/// The tag of instances that are never isolated, whatever they do. Any value but `false` counts.
const NEVER: &str = "vigie:never-isolate";

/// Cuts an instance off, and keeps it.
pub(super) struct IsolateInstance;

const INSTANCES: &str = "arn:${partition}:ec2:${region}:${account}:instance/*";

static STATEMENTS: [Statement; 9] = [
    Statement {
        sid: "IsolateRead",
        actions: &[
            "ec2:DescribeIamInstanceProfileAssociations",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkAcls",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
        ],
        resources: Resources::Any { why: DESCRIBES_ANY },
        conditions: &[],
        why: "finds the instance, its interfaces, its neighbours and the quarantine group",
    },
    Statement {
        sid: "IsolateProtectionRead",
        actions: &["ec2:DescribeInstanceAttribute"],
        resources: Resources::Arns(&[INSTANCES]),
        conditions: &[],
        why: "remembers whether the instance was protected from termination",
    },
    Statement {
        sid: "IsolateProtection",
        actions: &["ec2:ModifyInstanceAttribute"],
        resources: Resources::Arns(&[INSTANCES]),
        conditions: &[Condition {
            operator: "StringEqualsIgnoreCase",
            key: "ec2:Attribute",
            values: &["DisableApiTermination"],
        }],
        why: "protects the instance from termination, and sets no other attribute",
    },
    Statement {
        sid: "IsolateTags",
        actions: &["ec2:CreateTags", "ec2:DeleteTags"],
        resources: Resources::Arns(&[INSTANCES]),
        conditions: &[
            Condition { operator: "ForAllValues:StringLike", key: "aws:TagKeys", values: &["vigie:*"] },
            // Without keys, DeleteTags means every tag.
            Condition { operator: "Null", key: "aws:TagKeys", values: &["false"] },
        ],
        why: "keeps who, when, why and the original groups in the instance's own tags",
    },
    Statement {
        sid: "IsolateGroups",
        actions: &["ec2:ModifyNetworkInterfaceAttribute"],
        resources: Resources::Arns(&[
            "arn:${partition}:ec2:${region}:${account}:network-interface/*",
            INSTANCES,
            "arn:${partition}:ec2:${region}:${account}:security-group/*",
        ]),
        conditions: &[],
        why: "puts interfaces into the quarantine group, and back into whichever groups they had",
    },
    Statement {
        sid: "IsolateCut",
        actions: &["ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAclEntry"],
        resources: Resources::Arns(&["arn:${partition}:ec2:${region}:${account}:network-acl/*"]),
        conditions: &[],
        why: "cuts connections that are open, at the network ACL of whichever subnet the instance is alone in",
    },
    Statement {
        sid: "IsolateProfile",
        actions: &[
            "ec2:AssociateIamInstanceProfile",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:StartInstances",
            "ec2:StopInstances",
        ],
        resources: Resources::Arns(&[INSTANCES]),
        conditions: &[],
        why: "takes the role from the instance, stops it where the settings say so, and takes both back",
    },
    Statement {
        sid: "IsolatePassRole",
        actions: &["iam:PassRole"],
        resources: Resources::Arns(&["arn:${partition}:iam::${account}:role/*"]),
        conditions: &[Condition {
            operator: "StringEquals",
            key: "iam:PassedToService",
            values: &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"],
        }],
        why: "gives the instance its role back; whichever role that is, and to EC2 alone",
    },
    Statement {
        sid: "IsolateStartEncrypted",
        actions: &["kms:CreateGrant"],
        resources: Resources::Arns(&["arn:${partition}:kms:${region}:${account}:key/*"]),
        conditions: &[
            Condition { operator: "Bool", key: "kms:GrantIsForAWSResource", values: &["true"] },
            Condition {
                operator: "StringEquals",
                key: "kms:ViaService",
                values: &["ec2.${region}.amazonaws.com", "ec2.${region}.amazonaws.com.cn"],
            },
        ],
        why: "starts a stopped instance whose volumes are encrypted with a key of the account; through EC2 alone",
    },
];

impl AwsAction for IsolateInstance {
    fn spec(&self) -> &'static ActionSpec {
        &EC2_ISOLATE_INSTANCE
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let instance = parameter::instance(action)?;
        let words = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let tags = [
            words(AT, "<now>"),
            words(BY, &action.id.to_string()),
            words(REASON, &tag_value(why(action))),
            words(GROUPS, "<the groups of each interface>"),
            words(REST, "<its protection, profile and rules>"),
        ];
        let group = match settings.quarantine_groups.values().collect::<Vec<_>>().as_slice() {
            [] => quarantine_groups_call("<its VPC>"),
            [one] => describe_security_groups_call(&[one]),
            _ => describe_security_groups_call(&["<the quarantine group of its VPC>"]),
        };
        let everything = ipnet::IpNet::V4(ipnet::Ipv4Net::default());
        let cut = |direction| {
            let number = "<a free number below what it allows, where the instance is alone in the subnet>";
            create_network_acl_entry_call("<the network ACL of each of its subnets>", number, direction, everything)
        };
        let mut calls = vec![
            describe_instance_call(instance),
            group,
            is_protected_call(instance),
            profile_associations_call(instance),
            interfaces_in_subnet_call("<each of its subnets>"),
            describe_subnet_acl_call("<each of its subnets>"),
            create_tags_call(instance, &tags.into()),
            protect_call(instance, true),
            modify_interface_groups_call("<each of its interfaces>", &["<the quarantine group of its VPC>"]),
            cut(Direction::Ingress),
            cut(Direction::Egress),
            disassociate_profile_call("<its association, where it has a profile>"),
        ];
        if settings.shared_subnet == SharedSubnet::Stop {
            calls.push(stop_instance_call(instance));
        }
        Ok(calls)
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let instance = parameter::instance(action)?;
        let (record, note) = work::isolate(instance, action, context)?;
        Ok(Outcome { note, undo: kept(instance, &record) })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let instance = parameter::kept(undo, "instance")?;
        let record = serde_json::from_value(undo.clone())
            .map_err(|error| parameter::wrong("undo", &format!("what was kept cannot be read: {error}")))?;
        Ok(Outcome { note: release::release(instance, &record, context)?, undo: Value::Null })
    }
}

/// Returns what is kept to let an instance go.
fn kept(instance: &str, record: &Record) -> Value {
    let mut kept = json!(record);
    kept["instance"] = json!(instance);
    kept
}
