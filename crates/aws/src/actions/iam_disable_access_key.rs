//! `iam.disable_access_key`: a long-lived access key that somebody else has got.
//!
//! Limits: keys of users alone. A session's key (`ASIA…`) cannot be disabled: `iam.revoke_role_sessions` ends what the
//! role has given out. The keys of an account's root user belong to no user of IAM, so nobody else can disable them.

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, ExecuteError, IAM_DISABLE_ACCESS_KEY, Outcome};

use super::{AwsAction, Context, parameter};
use crate::permissions::{Resources, Statement};
use crate::services::iam::{
    KeyStatus, get_access_key_last_used, get_access_key_last_used_call, list_access_keys, list_access_keys_call,
    update_access_key_call,
};
use crate::{Call, Settings};

/// Disables a long-lived access key.
pub(super) struct DisableAccessKey;

static STATEMENTS: [Statement; 1] = [Statement {
    sid: "AccessKeys",
    actions: &["iam:GetAccessKeyLastUsed", "iam:ListAccessKeys", "iam:UpdateAccessKey"],
    resources: Resources::Arns(&["arn:${partition}:iam::${account}:user/*"]),
    conditions: &[],
    why: "finds whose an exposed key is, and makes it inactive; any user's key may be exposed",
}];

fn key(action: &Action) -> Result<&str, ExecuteError> {
    let looks = |text: &str| (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let key = parameter::required(action, "key", looks, "the id of an access key: AKIA…")?;
    if key.starts_with("AKIA") {
        return Ok(key);
    }
    let reason = if key.starts_with("ASIA") {
        "it is the key of a session, which cannot be disabled: revoke the role's sessions instead \
         (iam.revoke_role_sessions)"
    } else {
        "only a user's long-lived key (AKIA…) can be disabled"
    };
    Err(ExecuteError::Rejected { what: format!("disable the access key {key}"), reason: reason.to_owned() })
}

fn user(action: &Action) -> Result<Option<&str>, ExecuteError> {
    match parameter::optional(action, "user")? {
        Some(user) if !parameter::is_iam_name(user) && !is_root(user) => {
            Err(parameter::wrong("user", "expected the name of an IAM user"))
        }
        user => Ok(user),
    }
}

impl AwsAction for DisableAccessKey {
    fn spec(&self) -> &'static ActionSpec {
        &IAM_DISABLE_ACCESS_KEY
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, _settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let key = key(action)?;
        let user = user(action)?;
        let look_up = user.is_none().then(|| get_access_key_last_used_call(key));
        let name = user.unwrap_or("<the key's user>");
        let rest = [list_access_keys_call(name), update_access_key_call(name, key, KeyStatus::Inactive)];
        Ok(look_up.into_iter().chain(rest).collect())
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let key = key(action)?;
        let what = format!("disable the access key {key}");
        let user = match user(action)? {
            Some(user) => user.to_owned(),
            None => get_access_key_last_used(context.client, key)
                .map_err(|error| error.into_execute_error(&what))?
                .ok_or_else(|| unknown(&what))?,
        };
        let keys = match list_access_keys(context.client, &user) {
            Err(error) if error.is_not_found() && is_root(&user) => {
                let reason = "it is a key of the account's root user: delete it as the root user, nobody else can";
                return Err(ExecuteError::Rejected { what, reason: reason.to_owned() });
            }
            other => other.map_err(|error| error.into_execute_error(&what))?,
        };
        match keys.iter().find(|(id, _)| id == key) {
            None => Err(unknown(&what)),
            Some((_, KeyStatus::Inactive)) => Ok(Outcome {
                note: format!("the access key {key} of {user} was inactive already"),
                undo: json!({"key": key, "user": user, "was": "Inactive"}),
            }),
            Some((_, KeyStatus::Active)) => {
                let undo = json!({"key": key, "user": user, "was": "Active"});
                (context.remember)(&undo)?;
                let call = update_access_key_call(&user, key, KeyStatus::Inactive);
                context.client.send(&call).map_err(|error| error.into_execute_error(&what))?;
                Ok(Outcome { note: format!("the access key {key} of {user} is inactive"), undo })
            }
        }
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let (key, user) = (parameter::kept(undo, "key")?, parameter::kept(undo, "user")?);
        if parameter::kept(undo, "was")? != "Active" {
            return Ok(Outcome {
                note: format!("the access key {key} of {user} was inactive before, and stays so"),
                undo: Value::Null,
            });
        }
        let note = match context.client.send(&update_access_key_call(user, key, KeyStatus::Active)) {
            Ok(_) => format!("the access key {key} of {user} is active again"),
            Err(error) if error.is_not_found() => format!("the access key {key} of {user} does not exist any more"),
            Err(error) => return Err(error.into_execute_error(&format!("enable the access key {key}"))),
        };
        Ok(Outcome { note, undo: Value::Null })
    }
}

/// Findings and credential reports name the root user so; a user of IAM may bear the name as well.
fn is_root(user: &str) -> bool {
    user.eq_ignore_ascii_case("root") || user == "<root_account>"
}

fn unknown(what: &str) -> ExecuteError {
    ExecuteError::Rejected { what: what.to_owned(), reason: "no user of this account has it".to_owned() }
}
