//! `iam.revoke_role_sessions`: the inline policy that AWS's console writes for "revoke active sessions".
//!
//! It denies everything to sessions whose token is older than now. Where the policy is there already, our statement is
//! added to it, and taking it back leaves what was there.
//! Limits: roles of services (`/aws-service-role/`) cannot be changed, and the responder's own role is left alone. The
//! instance whose role it is gets new credentials by itself: isolate it as well.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html>.

use serde_json::{Value, json};
use vigie_model::{Action, Timestamp};
use vigie_respond::{ActionSpec, ExecuteError, IAM_REVOKE_ROLE_SESSIONS, Outcome};

use super::{AwsAction, Context, parameter};
use crate::permissions::{Resources, Statement};
use crate::services::iam::{
    delete_role_policy_call, get_role, get_role_call, get_role_policy, get_role_policy_call, put_role_policy_call,
};
use crate::{Call, Settings};

/// The name that AWS's console gives the policy.
const POLICY: &str = "AWSRevokeOlderSessions";
/// What marks the statement that is ours.
const SID: &str = "VigieRevokeOlderSessions";

/// Ends every session of a role.
pub(super) struct RevokeRoleSessions;

static STATEMENTS: [Statement; 1] = [Statement {
    sid: "RoleSessions",
    actions: &["iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"],
    resources: Resources::Arns(&["arn:${partition}:iam::${account}:role/*"]),
    conditions: &[],
    why: "denies a role's older sessions; IAM has no condition for the name of an inline policy, so the responder's own \
          role is exempt by a statement that denies",
}];

/// Returns the name of the role; its ARN is as good.
fn role(action: &Action) -> Result<&str, ExecuteError> {
    let text = parameter::optional(action, "role")?.ok_or_else(|| parameter::wrong("role", "is missing"))?;
    let name = match text.split_once(":role/") {
        Some((arn, path)) if arn.starts_with("arn:") => path.rsplit('/').next().unwrap_or(path),
        _ => text,
    };
    if parameter::is_iam_name(name) { Ok(name) } else { Err(parameter::wrong("role", "expected the name of a role")) }
}

/// Returns the policy with our statement, of which there is one.
fn with_ours(before: Option<&Value>, now: Timestamp) -> Value {
    let mut policy = before.cloned().unwrap_or_else(|| json!({"Version": "2012-10-17"}));
    let mut statements = others(&policy);
    // To the second, as the console writes it.
    let now = Timestamp::from_seconds(now.as_seconds()).to_jiff();
    statements.push(json!({
        "Sid": SID,
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": now.to_string()}},
    }));
    policy["Statement"] = Value::Array(statements);
    policy
}

/// Returns the statements that are not ours.
fn others(policy: &Value) -> Vec<Value> {
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    statements.into_iter().filter(|statement| statement["Sid"] != SID).collect()
}

impl AwsAction for RevokeRoleSessions {
    fn spec(&self) -> &'static ActionSpec {
        &IAM_REVOKE_ROLE_SESSIONS
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let role = role(action)?;
        refuse_own(role, settings)?;
        let mut policy = with_ours(None, Timestamp::EPOCH);
        policy["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"] = json!("<now>");
        Ok(vec![
            get_role_call(role),
            get_role_policy_call(role, POLICY),
            put_role_policy_call(role, POLICY, &policy.to_string()),
        ])
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let role = role(action)?;
        refuse_own(role, context.settings)?;
        let what = format!("revoke the sessions of the role {role}");
        let found = get_role(context.client, role).map_err(|error| error.into_execute_error(&what))?;
        if found.path.starts_with("/aws-service-role/") {
            let reason = "it is the role of an AWS service, which nobody can change";
            return Err(ExecuteError::Rejected { what, reason: reason.to_owned() });
        }
        let before = read_policy(context, role, &what)?;
        let policy = with_ours(before.as_ref(), context.now).to_string();
        let undo = json!({"role": role});
        (context.remember)(&undo)?;
        context
            .client
            .send(&put_role_policy_call(role, POLICY, &policy))
            .map_err(|error| error.into_execute_error(&what))?;
        let note = format!("sessions of the role {role} that began before now are refused ({POLICY})");
        Ok(Outcome { note, undo })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let role = parameter::kept(undo, "role")?;
        let what = format!("let sessions of the role {role} be");
        let gone = || Outcome { note: format!("the role {role} has no such policy any more"), undo: Value::Null };
        let Some(mut policy) = read_policy(context, role, &what)? else { return Ok(gone()) };
        let rest = others(&policy);
        let call = if rest.is_empty() {
            delete_role_policy_call(role, POLICY)
        } else {
            policy["Statement"] = Value::Array(rest);
            put_role_policy_call(role, POLICY, &policy.to_string())
        };
        match context.client.send(&call) {
            Ok(_) => Ok(Outcome {
                note: format!("older sessions of the role {role} that have not ended work again"),
                undo: Value::Null,
            }),
            Err(error) if error.is_not_found() => Ok(gone()),
            Err(error) => Err(error.into_execute_error(&what)),
        }
    }
}

fn read_policy(context: &Context<'_>, role: &str, what: &str) -> Result<Option<Value>, ExecuteError> {
    let text = get_role_policy(context.client, role, POLICY).map_err(|error| error.into_execute_error(what))?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| ExecuteError::Rejected { what: what.to_owned(), reason: format!("its policy: {error}") })
}

fn refuse_own(role: &str, settings: &Settings) -> Result<(), ExecuteError> {
    if settings.own_role.as_deref() == Some(role) {
        return Err(ExecuteError::Rejected {
            what: format!("revoke the sessions of the role {role}"),
            reason: "it is the responder's own role: it would lock itself out".to_owned(),
        });
    }
    Ok(())
}
