//! `/api/v1/users/{id}/erase`: a pseudonym in the place of a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_model::{Role, UserId};

use super::Route;
use super::extract::{Body, Id};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller, Credential, PersonToErase, Trial, erase_person};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Method::POST, "/api/v1/users/{id}/erase", Access::Role(Role::Admin), erase)]
}

/// How a user is to be erased.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraseBody {
    /// What stands in the place of their name; `erased-` and eight random digits where it is not said.
    pseudonym: Option<String>,
}

/// What an erasure changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedBody {
    /// What stands in the place of the name.
    pseudonym: String,
    /// How many rows of each kind were changed.
    rows: BTreeMap<String, u64>,
}

/// Erases a user: a pseudonym stands wherever they were named, their account is emptied and closed, and what the audit log
/// tells of them is gone. The log still verifies. It cannot be taken back.
#[utoipa::path(post, path = "/api/v1/users/{id}/erase", tag = "admin", params(("id" = String, Path, description = "The user's id.")),
    request_body = EraseBody, responses(
    (status = 200, description = "Erased.", body = ErasedBody),
    (status = 400, description = "The pseudonym cannot be taken.", body = ProblemBody),
    (status = 403, description = "This needs an administrator of all tenants.", body = ProblemBody),
    (status = 404, description = "There is no such user.", body = ProblemBody),
    (status = 409, description = "It is oneself, the last administrator, or the pseudonym is somebody's.", body = ProblemBody),
))]
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<UserId>,
    Body(body): Body<EraseBody>,
) -> Result<Json<ErasedBody>, Problem> {
    caller.needs_all_tenants()?;
    let user = app.store.user(id).await?.ok_or_else(|| Problem::not_found("user"))?;
    if matches!(caller.credential, Credential::Session { user, .. } if user == id) {
        return Err(Problem::conflict("nobody can erase themselves: ask another administrator"));
    }
    let person = PersonToErase { name: user.name, pseudonym: body.pseudonym };
    let (clock, entropy) = (app.clock.as_ref(), app.entropy.as_ref());
    let (pseudonym, erased) = erase_person(&app.store, clock, entropy, &caller.actor(), person, Trial::Real).await?;
    let rows = erased.rows.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect();
    Ok(Json(ErasedBody { pseudonym, rows }))
}
