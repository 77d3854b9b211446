//! `/api/v1/notification-rules`: who is told of what.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use vigie_cases::{NoticeRuleError, check_notice_rule};
use vigie_model::{
    Filter, NoticeChannel, NoticeRule, NoticeRuleId, NoticeTrigger, Role, Selection, Severity, Stamp, TenantId, Verb,
};
use vigie_store::Author;

use super::extract::{Body, Id};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};

/// How many rules are listed.
const RULES_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Role(Role::Admin);
    vec![
        read("/api/v1/notification-rules", list),
        Route::new(Method::POST, "/api/v1/notification-rules", admin, add),
        Route::new(Method::PUT, "/api/v1/notification-rules/{id}", admin, replace),
        Route::new(Method::DELETE, "/api/v1/notification-rules/{id}", admin, remove),
    ]
}

/// Who is to be told of what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    /// Whose rule it is; not asked where you may see one tenant only.
    #[serde(default)]
    tenant: Option<TenantId>,
    /// One line.
    name: String,
    /// Whether it works.
    #[serde(default = "yes")]
    enabled: bool,
    /// What a notice is about.
    trigger: NoticeTrigger,
    /// From which severity on.
    #[serde(default)]
    severity_min: Severity,
    /// How somebody is told.
    channel: NoticeChannel,
    /// The subject, with `{{title}}` and the like; empty for the usual one.
    #[serde(default)]
    subject: String,
    /// The text, with `{{title}}` and the like; empty for the usual one.
    #[serde(default)]
    body: String,
}

const fn yes() -> bool {
    true
}

impl From<NoticeRuleError> for Problem {
    fn from(error: NoticeRuleError) -> Self {
        let field = match &error {
            NoticeRuleError::Placeholder { field, .. } | NoticeRuleError::TooLong(field) => field,
            NoticeRuleError::NoName => "name",
        };
        Self::field(field, error.to_string())
    }
}

/// Lists the notification rules.
#[utoipa::path(get, path = "/api/v1/notification-rules", tag = "notifications", responses(
    (status = 200, description = "The rules, oldest first.", body = Vec<NoticeRule>),
))]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<NoticeRule>>, Problem> {
    Ok(Json(app.store.select(caller.scope(), &Selection::of(Filter::All, RULES_MAX)).await?))
}

/// Makes a notification rule.
#[utoipa::path(post, path = "/api/v1/notification-rules", tag = "notifications", request_body = RuleBody, responses(
    (status = 201, description = "The rule.", body = NoticeRule),
    (status = 400, description = "A field is wrong, or the webhook is not in the configuration.", body = ProblemBody),
))]
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<RuleBody>,
) -> Result<(StatusCode, Json<NoticeRule>), Problem> {
    let tenant = caller.one_tenant(body.tenant.as_ref(), "tenant")?;
    let now = app.clock.now();
    let id = NoticeRuleId::from_bytes(app.entropy.id());
    let rule = rule_of(&app, id, tenant, body, Stamp::new(caller.name(), now))?;
    let mut tx = app.store.begin().await?;
    tx.create(&rule, Author { actor: &caller.actor(), now }).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(rule)))
}

/// Replaces a notification rule.
#[utoipa::path(put, path = "/api/v1/notification-rules/{id}", tag = "notifications", params(("id" = String, Path, description = "The rule's id.")), request_body = RuleBody, responses(
    (status = 200, description = "The rule.", body = NoticeRule),
    (status = 404, description = "There is no such rule.", body = ProblemBody),
))]
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<NoticeRuleId>,
    Body(body): Body<RuleBody>,
) -> Result<Json<NoticeRule>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let before: NoticeRule =
        tx.get(caller.scope(), &id.to_string()).await?.ok_or_else(|| Problem::not_found("notification rule"))?;
    if body.tenant.as_ref().is_some_and(|tenant| *tenant != before.tenant) {
        return Err(Problem::field("tenant", "a rule stays with its tenant: make another one"));
    }
    let rule = rule_of(&app, id, before.tenant.clone(), body, before.stamp.changed(caller.name(), now))?;
    tx.change(&before, &rule, Verb::Update, Author { actor: &caller.actor(), now }).await?;
    tx.commit().await?;
    Ok(Json(rule))
}

/// Deletes a notification rule. What it has put on its way still leaves.
#[utoipa::path(delete, path = "/api/v1/notification-rules/{id}", tag = "notifications", params(("id" = String, Path, description = "The rule's id.")), responses(
    (status = 204, description = "It is gone."),
    (status = 404, description = "There is no such rule.", body = ProblemBody),
))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<NoticeRuleId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.store.begin().await?;
    let rule: NoticeRule =
        tx.get(caller.scope(), &id.to_string()).await?.ok_or_else(|| Problem::not_found("notification rule"))?;
    tx.remove(&rule, Author { actor: &caller.actor(), now: app.clock.now() }).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn rule_of(app: &App, id: NoticeRuleId, tenant: TenantId, body: RuleBody, stamp: Stamp) -> Result<NoticeRule, Problem> {
    let rule = NoticeRule {
        id,
        tenant,
        name: body.name,
        enabled: body.enabled,
        trigger: body.trigger,
        severity_min: body.severity_min,
        channel: body.channel,
        subject: body.subject,
        body: body.body,
        stamp,
    };
    check_notice_rule(&rule)?;
    check_channel(app, &rule.channel)?;
    Ok(rule)
}

/// A rule that nobody could ever be told by is refused, rather than found out when it matters.
fn check_channel(app: &App, channel: &NoticeChannel) -> Result<(), Problem> {
    match channel {
        NoticeChannel::Email { .. } if app.config.smtp.is_none() => {
            Err(Problem::field("channel", "the configuration has no `[smtp]`: name a relay first"))
        }
        NoticeChannel::Email { to } => match to.iter().find(|address| !vigie_actions::is_mail_address(address)) {
            Some(bad) => Err(Problem::field("channel.to", format!("`{}` is no mail address", bad.escape_debug()))),
            None => Ok(()),
        },
        NoticeChannel::Webhook { name } | NoticeChannel::Slack { name } => {
            if app.config.webhook.iter().any(|hook| hook.name == *name) {
                return Ok(());
            }
            let known: Vec<&str> = app.config.webhook.iter().map(|hook| hook.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(Problem::field("channel.name", format!("there is no such `[[webhook]]`; there is {known}")))
        }
    }
}
