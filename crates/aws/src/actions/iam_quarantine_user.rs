//! `iam.quarantine_user`: AWS's own policy for users whose keys are exposed.
//!
//! Limits: it denies what AWS's list names (starting instances, making users and keys, …) and nothing else. A user takes
//! 10 managed policies, unless the quota was raised.
//! Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html>.

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, ExecuteError, IAM_QUARANTINE_USER, Outcome};

use super::{AwsAction, Context, parameter};
use crate::permissions::{Condition, Resources, Statement};
use crate::services::iam::{
    attach_user_policy_call, detach_user_policy_call, list_attached_user_policies, list_attached_user_policies_call,
};
use crate::{Call, Client, Settings};

/// Takes away what an intruder does with a user's key.
pub(super) struct QuarantineUser;

static STATEMENTS: [Statement; 2] = [
    Statement {
        sid: "UserPoliciesRead",
        actions: &["iam:ListAttachedUserPolicies"],
        resources: Resources::Arns(&["arn:${partition}:iam::${account}:user/*"]),
        conditions: &[],
        why: "finds whether a user is in quarantine already",
    },
    Statement {
        sid: "UserQuarantine",
        actions: &["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
        resources: Resources::Arns(&["arn:${partition}:iam::${account}:user/*"]),
        conditions: &[Condition {
            operator: "ArnEquals",
            key: "iam:PolicyARN",
            values: &["arn:${partition}:iam::aws:policy/AWSCompromisedKeyQuarantineV3"],
        }],
        why: "puts any user in quarantine with this one policy, which only denies",
    },
];

fn policy(partition: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/AWSCompromisedKeyQuarantineV3")
}

fn policy_of(client: &Client) -> String {
    policy(client.region().partition())
}

fn user(action: &Action) -> Result<&str, ExecuteError> {
    parameter::required(action, "user", parameter::is_iam_name, "the name of an IAM user")
}

impl AwsAction for QuarantineUser {
    fn spec(&self) -> &'static ActionSpec {
        &IAM_QUARANTINE_USER
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, _settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let user = user(action)?;
        Ok(vec![list_attached_user_policies_call(user), attach_user_policy_call(user, &policy("<partition>"))])
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let user = user(action)?;
        let what = format!("quarantine the user {user}");
        let policy = policy_of(context.client);
        let attached =
            list_attached_user_policies(context.client, user).map_err(|error| error.into_execute_error(&what))?;
        if attached.contains(&policy) {
            let note = format!("the user {user} was in quarantine already");
            return Ok(Outcome { note, undo: json!({"user": user, "was": "attached"}) });
        }
        let undo = json!({"user": user, "was": "detached"});
        (context.remember)(&undo)?;
        context
            .client
            .send(&attach_user_policy_call(user, &policy))
            .map_err(|error| error.into_execute_error(&what))?;
        let note = format!("the user {user} is in quarantine: AWSCompromisedKeyQuarantineV3 is attached");
        Ok(Outcome { note, undo })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let user = parameter::kept(undo, "user")?;
        if parameter::kept(undo, "was")? != "detached" {
            let note = format!("the user {user} was in quarantine before, and stays so");
            return Ok(Outcome { note, undo: Value::Null });
        }
        let note = match context.client.send(&detach_user_policy_call(user, &policy_of(context.client))) {
            Ok(_) => format!("the user {user} is out of quarantine"),
            Err(error) if error.is_not_found() => format!("the user {user} was out of quarantine already"),
            Err(error) => return Err(error.into_execute_error(&format!("take the user {user} out of quarantine"))),
        };
        Ok(Outcome { note, undo: Value::Null })
    }
}
