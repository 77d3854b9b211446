//! `/api/v1/setup`: from a fresh server to the first alert.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use vigie_model::{ObjectKind, Role, SourceName, TenantId, Verb};
use vigie_store::AuditNote;

use super::extract::Body;
use super::ingest::{Accepted, take_in};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller, Credential, replace_password};
use crate::config::SyslogProtocol;
use crate::serve::SETUP_SETTING;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/setup", setup),
        Route::new(Method::POST, "/api/v1/setup", Access::Role(Role::Admin), finish),
        Route::new(Method::POST, "/api/v1/setup/sample", Access::Role(Role::Admin), sample),
    ]
}

/// How far the server is set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetupBody {
    /// Whether the first administrator has yet to say how they want it.
    needed: bool,
    /// The tenant of records that say no other.
    default_tenant: TenantId,
    /// Where syslog is received: protocol and address.
    syslog: Vec<String>,
    /// Whether sample records can be played in.
    has_samples: bool,
}

/// Says how far the server is set up.
#[utoipa::path(get, path = "/api/v1/setup", tag = "server", responses((status = 200, description = "How far.", body = SetupBody)))]
pub(crate) async fn setup(State(app): State<Arc<App>>, _caller: Caller) -> Result<Json<SetupBody>, Problem> {
    let syslog = app.config.syslog.iter().map(|listener| match listener.protocol {
        SyslogProtocol::Tcp => format!("tcp/{}", listener.listen),
        SyslogProtocol::Udp => format!("udp/{}", listener.listen),
    });
    Ok(Json(SetupBody {
        needed: is_needed(&app).await?,
        default_tenant: app.config.default_tenant.clone(),
        syslog: syslog.collect(),
        has_samples: app.samples.is_some(),
    }))
}

/// What the first administrator says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupAnswers {
    /// A new password for oneself, at least 12 characters; the one that was made at the first start stays where it is left out.
    password: Option<String>,
    /// What people call the first client; its id stays.
    tenant_name: Option<String>,
}

/// Sets the server up, once. Other sessions of whoever does end where they choose a password.
#[utoipa::path(post, path = "/api/v1/setup", tag = "server", request_body = SetupAnswers, responses(
    (status = 204, description = "It is set up."),
    (status = 409, description = "It was set up before: users and tenants have routes of their own.", body = ProblemBody),
))]
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(answers): Body<SetupAnswers>,
) -> Result<StatusCode, Problem> {
    caller.needs_all_tenants()?;
    if !is_needed(&app).await? {
        return Err(Problem::conflict("this server was set up before: change it in the settings"));
    }
    let now = app.clock.now();
    let name = answers.tenant_name.as_deref().map(str::trim);
    if let Some(name) = name
        && !(1..=200).contains(&name.chars().count())
    {
        return Err(Problem::field("tenant_name", "a name has 1 to 200 characters".to_owned()));
    }
    if let (Some(password), Credential::Session { user, .. }) = (answers.password, &caller.credential) {
        let hash = app.hashers.hash(password, app.entropy.id()).await?;
        replace_password(&app.store, now, &caller.actor(), *user, &hash).await?;
    }
    let mut tx = app.store.begin().await?;
    if let Some(name) = name {
        tx.rename_tenant(&app.config.default_tenant, name).await?;
    }
    tx.set_setting(SETUP_SETTING, &json!("done"), now).await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: None,
        actor: caller.actor(),
        verb: Verb::Update,
        object: ObjectKind::Tenant,
        object_id: app.config.default_tenant.to_string(),
        details: json!({"setup": "done", "name": name}),
    })
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Plays records of a made-up company's bad day into the first tenant: through the same door as real ones, marked by nothing but
/// their names and addresses, which are from ranges for examples.
#[utoipa::path(post, path = "/api/v1/setup/sample", tag = "server", responses(
    (status = 200, description = "They are taken in.", body = Accepted),
    (status = 404, description = "This server has no sample records.", body = ProblemBody),
))]
pub(crate) async fn sample(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Accepted>, Problem> {
    let tenant = caller.one_tenant(Some(&app.config.default_tenant), "tenant")?;
    let Some(samples) = app.samples.clone() else { return Err(Problem::not_found("sample data set")) };
    let now = app.clock.now();
    let batches =
        tokio::task::spawn_blocking(move || samples.batches(now)).await.expect("making samples does not panic");
    let mut total = Accepted { accepted: 0, dead: 0, batch: format!("sample-{}", now.as_micros()), duplicate: false };
    for (number, batch) in batches.into_iter().enumerate() {
        let source = SourceName::new(batch.source).expect("a sample's source is built in");
        let name = format!("{}-{number}", total.batch);
        let taken = take_in(&app, tenant.clone(), source, name, Bytes::from(batch.body)).await?;
        total.accepted += taken.accepted;
        total.dead += taken.dead;
    }
    let mut tx = app.store.begin().await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(tenant),
        actor: caller.actor(),
        verb: Verb::Import,
        object: ObjectKind::Tenant,
        object_id: app.config.default_tenant.to_string(),
        details: json!({"sample": total.accepted}),
    })
    .await?;
    tx.commit().await?;
    Ok(Json(total))
}

impl App {
    /// Says that nobody needs to set this server up.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn finish_setup(&self) -> Result<(), vigie_store::StoreError> {
        let mut tx = self.store.begin().await?;
        tx.set_setting(SETUP_SETTING, &json!("done"), self.clock.now()).await?;
        tx.commit().await
    }
}

async fn is_needed(app: &App) -> Result<bool, Problem> {
    Ok(app.store.setting(SETUP_SETTING).await? == Some(Value::from("open")))
}
