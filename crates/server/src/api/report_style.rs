//! `/api/v1/report-style`: how a tenant's reports look.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use vigie_model::{ObjectKind, ReportLanguage, Role, TenantId, Verb};
use vigie_report::Logo;
use vigie_store::AuditNote;

use super::extract::{Body, Params};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::reports::{ReportStyle, style_key, style_of};

/// How long a style is: a logo in Base64, and a little.
const BODY_BYTES_MAX: usize = Logo::BYTES_MAX / 3 * 4 + 16 * 1024;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/report-style", get),
        Route::new(Method::PUT, "/api/v1/report-style", Access::Role(Role::Admin), set).body_bytes_max(BODY_BYTES_MAX),
    ]
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StyleQuery {
    /// Whose; may be left out by who may see one tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// How a tenant's reports look, and whose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StyleBody {
    /// Whose.
    tenant: TenantId,
    /// Who makes the reports, on the title page; Vigie where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The colour of bands and headings.
    #[serde(skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    /// The logo, in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    /// In which language reports speak where nobody says another.
    language: ReportLanguage,
}

impl StyleBody {
    fn new(tenant: TenantId, style: ReportStyle) -> Self {
        let ReportStyle { name, accent, logo, language } = style;
        Self { tenant, name, accent, logo, language }
    }
}

/// Returns how a tenant's reports look.
#[utoipa::path(get, path = "/api/v1/report-style", tag = "reports", params(StyleQuery), responses(
    (status = 200, description = "The style.", body = StyleBody),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<StyleQuery>,
) -> Result<Json<StyleBody>, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    let style = style_of(&app.store, &tenant).await?;
    Ok(Json(StyleBody::new(tenant, style)))
}

/// Sets how a tenant's reports look.
#[utoipa::path(put, path = "/api/v1/report-style", tag = "reports", params(StyleQuery), request_body = ReportStyle, responses(
    (status = 200, description = "The style.", body = StyleBody),
    (status = 400, description = "The colour is too light, or the logo is no picture.", body = ProblemBody),
    (status = 404, description = "There is no such tenant.", body = ProblemBody),
))]
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<StyleQuery>,
    Body(style): Body<ReportStyle>,
) -> Result<Json<StyleBody>, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    if !app.store.tenants().await?.iter().any(|known| known.id == tenant) {
        return Err(Problem::not_found("tenant"));
    }
    let looked_at = style.clone();
    tokio::task::spawn_blocking(move || looked_at.read()).await.expect("looking at a picture does not panic")?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.set_setting(&style_key(&tenant), &json!(style), now).await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(tenant.clone()),
        actor: caller.actor(),
        verb: Verb::Update,
        object: ObjectKind::ReportStyle,
        object_id: tenant.to_string(),
        details: json!({
            "name": style.name,
            "accent": style.accent,
            "language": style.language,
            "logo_bytes": style.logo.as_ref().map(String::len),
        }),
    })
    .await?;
    tx.commit().await?;
    Ok(Json(StyleBody::new(tenant, style)))
}
