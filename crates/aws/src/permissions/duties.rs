//! What IAM must allow beside the actions.

use super::{Resources, Statement};

/// Something that the responder does that is no action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// What it is, in words.
    pub name: &'static str,
    /// What IAM must allow.
    pub statements: &'static [Statement],
}

static DUTIES: [Duty; 4] = [
    Duty {
        name: "never-touch facts",
        statements: &[Statement {
            sid: "OwnNetwork",
            actions: &[
                "ec2:DescribeAddresses",
                "ec2:DescribeNatGateways",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeVpcs",
            ],
            resources: Resources::Any { why: super::DESCRIBES_ANY },
            conditions: &[],
            why: "learns which addresses are the account's own, so that they are never blocked",
        }],
    },
    Duty {
        name: "decisions",
        statements: &[Statement {
            sid: "Decisions",
            actions: &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
            resources: Resources::Optional { variable: "table_arn", endings: &["", "/index/by_state"] },
            conditions: &[],
            why: "writes down what it is about to do, and how to take it back; deletes nothing",
        }],
    },
    Duty {
        name: "edge queue",
        statements: &[Statement {
            sid: "EdgeQueue",
            actions: &["sqs:SendMessage"],
            resources: Resources::Optional { variable: "edge_queue_arn", endings: &[""] },
            conditions: &[],
            why: "hands changes at the edge to the one who writes them all",
        }],
    },
    Duty {
        name: "log lines",
        statements: &[Statement {
            sid: "AlarmLogs",
            actions: &["logs:FilterLogEvents"],
            resources: Resources::List { variable: "log_group_arns" },
            conditions: &[],
            why: "reads the lines behind an alarm, to find who caused it",
        }],
    },
];

/// Returns what the responder does beside the actions.
pub fn duties() -> &'static [Duty] {
    &DUTIES
}
