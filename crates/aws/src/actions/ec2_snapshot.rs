//! `ec2.snapshot`: what is on an instance's disks, as evidence.
//!
//! All EBS volumes at one point in time (crash consistent), in one call. It comes before isolation, so that stopping
//! or cutting off the instance changes nothing of what is kept.
//! Limits: instance store volumes cannot be kept; what is in memory is not on a disk.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshots.html>.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, EC2_SNAPSHOT, ExecuteError, Outcome};

use super::isolate::tag_value;
use super::{AwsAction, Context, cannot_be_undone, parameter, why};
use crate::permissions::{Condition, DESCRIBES_ANY, Resources, Statement};
use crate::services::ec2::{
    create_snapshots, create_snapshots_call, describe_instance, describe_instance_call, describe_snapshots,
    describe_snapshots_call,
};
use crate::{Call, Settings};

/// The tag that tells which action took a snapshot, so that a repeat finds it.
const TAG: &str = "vigie:action";

/// Keeps what is on an instance's disks.
pub(super) struct Snapshot;

static STATEMENTS: [Statement; 3] = [
    Statement {
        sid: "SnapshotRead",
        actions: &["ec2:DescribeInstances", "ec2:DescribeSnapshots"],
        resources: Resources::Any { why: DESCRIBES_ANY },
        conditions: &[],
        why: "finds the instance, and snapshots that the same action took before",
    },
    Statement {
        sid: "SnapshotTake",
        actions: &["ec2:CreateSnapshots"],
        resources: Resources::Arns(&[
            "arn:${partition}:ec2:${region}:${account}:instance/*",
            "arn:${partition}:ec2:${region}:${account}:volume/*",
            "arn:${partition}:ec2:${region}::snapshot/*",
        ]),
        conditions: &[],
        why: "keeps the disks of any instance that a finding names",
    },
    Statement {
        sid: "SnapshotTag",
        actions: &["ec2:CreateTags"],
        resources: Resources::Arns(&["arn:${partition}:ec2:${region}::snapshot/*"]),
        conditions: &[Condition { operator: "StringEquals", key: "ec2:CreateAction", values: &["CreateSnapshots"] }],
        why: "tags its own snapshots while it takes them, and no other",
    },
];

fn tags(action: &Action, instance: &str) -> BTreeMap<String, String> {
    [
        (TAG, action.id.to_string()),
        ("vigie:instance", instance.to_owned()),
        ("vigie:reason", tag_value(why(action))),
        ("Name", format!("vigie evidence {instance}")),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

fn description(instance: &str) -> String {
    format!("Evidence of {instance}, taken by Vigie")
}

impl AwsAction for Snapshot {
    fn spec(&self) -> &'static ActionSpec {
        &EC2_SNAPSHOT
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, _settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let instance = parameter::instance(action)?;
        Ok(vec![
            describe_snapshots_call(TAG, &action.id.to_string()),
            describe_instance_call(instance),
            create_snapshots_call(instance, &description(instance), &tags(action, instance)),
        ])
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let instance = parameter::instance(action)?;
        let what = format!("take snapshots of the instance {instance}");
        let rejected = |reason: &str| ExecuteError::Rejected { what: what.clone(), reason: reason.to_owned() };
        let taken = describe_snapshots(context.client, TAG, &action.id.to_string())
            .map_err(|error| error.into_execute_error(&what))?;
        if !taken.is_empty() {
            let note = format!("the snapshots of {instance} were taken already: {}", taken.join(", "));
            return Ok(Outcome { note, undo: json!({"snapshots": taken}) });
        }
        let found = describe_instance(context.client, instance)
            .map_err(|error| error.into_execute_error(&what))?
            .ok_or_else(|| rejected("there is no such instance in this account and Region"))?;
        if found.is_gone() {
            return Err(rejected("it is terminated"));
        }
        if found.volumes.is_empty() {
            return Err(rejected("it has no EBS volume, and instance store volumes cannot be kept"));
        }
        let snapshots = create_snapshots(context.client, instance, &description(instance), &tags(action, instance))
            .map_err(|error| error.into_execute_error(&what))?;
        let note = format!(
            "snapshots of the {} volumes of {instance}: {}",
            found.volumes.len(),
            if snapshots.is_empty() { "not taken, this is a dry run".to_owned() } else { snapshots.join(", ") }
        );
        Ok(Outcome { note, undo: json!({"snapshots": snapshots}) })
    }

    fn undo(&self, _undo: &Value, _context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        Err(cannot_be_undone(self.spec()))
    }
}
