//! `/api/v1/indicators`: what is known to be bad.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use vigie_intel::{CSV_BYTES_MAX, Matcher, Parsed, parse_csv, parse_misp_event};
use vigie_model::{Indicator, ObjectKind, Role, TenantId, Verb};
use vigie_store::AuditNote;

use super::extract::{Id, Params, of_bytes};
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::config::ListFormat;

/// How many indicators are read from the database at once.
const PAGE: u32 = 1_000;
/// How long a list's name may be, in characters.
const LIST_CHARACTERS_MAX: usize = 100;
/// How many unreadable lines an answer names.
const FAILED_SHOWN_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Role(Role::Admin);
    vec![
        read("/api/v1/indicators", list),
        read("/api/v1/indicators/lists", lists),
        Route::new(Method::POST, "/api/v1/indicators", admin, import).body_bytes_max(CSV_BYTES_MAX),
        Route::new(Method::DELETE, "/api/v1/indicators/lists/{list}", admin, delete_list),
    ]
}

/// Lists indicators.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "intel", params(ListQuery), responses(
    (status = 200, description = "The indicators.", body = Listed<Indicator>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Indicator>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.indicators(&reach.tenants, &listing).await?.into()))
}

/// An indicator list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListBody {
    /// Whose it is.
    tenant: TenantId,
    /// Its name.
    name: String,
    /// How many indicators are on it.
    count: u64,
}

/// Lists the indicator lists.
#[utoipa::path(get, path = "/api/v1/indicators/lists", tag = "intel", responses((status = 200, description = "The lists.", body = Vec<ListBody>)))]
pub(crate) async fn lists(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<ListBody>>, Problem> {
    let lists = app.store.indicator_lists(caller.scope()).await?.into_iter();
    Ok(Json(lists.map(|list| ListBody { tenant: list.tenant, name: list.name, count: list.count }).collect()))
}

/// What is imported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// How the body is written.
    #[param(inline)]
    format: ListFormat,
    /// The list's name; a MISP event brings its own.
    list: Option<String>,
    /// Whose list it is.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
pub(crate) struct Imported {
    /// How many indicators were taken in.
    imported: u64,
    /// How many were left out on purpose: not meant for detection, deleted, or of a kind that we do not match.
    skipped: u64,
    /// How many lines could not be read.
    failed: u64,
    /// The first of them, with line and reason.
    errors: Vec<String>,
}

/// Imports an indicator list: CSV with the columns named in the first line, or a MISP event as JSON. What is on the list
/// already is brought up to date.
#[utoipa::path(post, path = "/api/v1/indicators", tag = "intel", params(ImportQuery), request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, description = "What was taken in.", body = Imported),
    (status = 400, description = "The body cannot be read.", body = ProblemBody),
))]
pub(crate) async fn import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ImportQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    if !app.store.tenants().await?.iter().any(|known| known.id == tenant) {
        return Err(Problem::not_found("tenant"));
    }
    let body = body.map_err(of_bytes)?;
    let text = String::from_utf8(body.into()).map_err(|_| Problem::field("body", "the body is not UTF-8"))?;
    let name = list_name(&query)?;
    let now = app.clock.now();
    let parsed = match query.format {
        ListFormat::Csv => parse_csv(&tenant, &name, &text, now),
        ListFormat::Misp => {
            parse_misp_event(&tenant, &text, now).map_err(|error| Problem::field("body", error.to_string()))?
        }
    };
    take_in(&app, &caller, &tenant, &name, &parsed).await?;
    refresh_matcher(&app).await?;
    Ok(Json(Imported {
        imported: parsed.indicators.len() as u64,
        skipped: parsed.skipped as u64,
        failed: parsed.failed_total as u64,
        errors: parsed.failed.iter().take(FAILED_SHOWN_MAX).map(ToString::to_string).collect(),
    }))
}

fn list_name(query: &ImportQuery) -> Result<String, Problem> {
    match (&query.list, query.format) {
        (None, ListFormat::Misp) => Ok("misp".to_owned()),
        (None, ListFormat::Csv) => Err(Problem::field("list", "say what the list is called")),
        (Some(name), _) => {
            let valid = !name.trim().is_empty()
                && name.chars().count() <= LIST_CHARACTERS_MAX
                && !name.chars().any(char::is_control);
            if valid { Ok(name.clone()) } else { Err(Problem::field("list", "expected 1 to 100 printable characters")) }
        }
    }
}

async fn take_in(app: &App, caller: &Caller, tenant: &TenantId, name: &str, parsed: &Parsed) -> Result<(), Problem> {
    let mut tx = app.store.begin().await?;
    tx.upsert_indicators(&parsed.indicators).await?;
    tx.audit(&AuditNote {
        at: app.clock.now(),
        tenant: Some(tenant.clone()),
        actor: caller.actor(),
        verb: Verb::Import,
        object: ObjectKind::Indicator,
        object_id: name.to_owned(),
        details: json!({ "imported": parsed.indicators.len(), "failed": parsed.failed_total }),
    })
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes an indicator list.
#[utoipa::path(delete, path = "/api/v1/indicators/lists/{list}", tag = "intel",
    params(("list" = String, Path, description = "The list's name."), ("tenant" = Option<String>, Query, description = "Whose list it is.")),
    responses((status = 204, description = "It is gone."), (status = 404, description = "There is no such list.", body = ProblemBody)))]
pub(crate) async fn delete_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(list): Id<String>,
    Params(query): Params<TenantQuery>,
) -> Result<StatusCode, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    let mut tx = app.store.begin().await?;
    let deleted = tx.delete_list(&tenant, &list).await?;
    if deleted == 0 {
        return Err(Problem::not_found("indicator list"));
    }
    tx.audit(&AuditNote {
        at: app.clock.now(),
        tenant: Some(tenant),
        actor: caller.actor(),
        verb: Verb::Delete,
        object: ObjectKind::Indicator,
        object_id: list,
        details: json!({ "deleted": deleted }),
    })
    .await?;
    tx.commit().await?;
    refresh_matcher(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which tenant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantQuery {
    pub(crate) tenant: Option<TenantId>,
}

/// Builds the matcher anew from all indicators of all tenants, and puts it in the place of the one before.
async fn refresh_matcher(app: &App) -> Result<(), Problem> {
    let indicators = all_indicators(&app.store).await?;
    let warnings = app.warnings.clone();
    let build = move || Matcher::new(indicators, warnings);
    let matcher = tokio::task::spawn_blocking(build).await.expect("building a matcher does not panic");
    app.matcher.set(matcher);
    Ok(())
}

pub(crate) async fn all_indicators(store: &vigie_store::Store) -> Result<Vec<Indicator>, vigie_store::StoreError> {
    let mut all = Vec::new();
    for tenant in store.tenants().await? {
        let mut after = None;
        loop {
            let page = store.indicators_of(&tenant.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            all.extend(page);
        }
    }
    Ok(all)
}
