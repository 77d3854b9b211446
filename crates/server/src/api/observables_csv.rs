//! `/api/v1/cases/{id}/observables/csv`: many observables at once, out of a CSV file.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_cases::{CSV_BYTES_MAX, CsvError, CsvObservable, NewObservable, ObservableValue, new_observable, read_csv};
use vigie_model::{Case, CaseId, CaseStatus, Observable, ObservableKind, Role, Timestamp};
use vigie_store::Author;

use super::Route;
use super::extract::{Id, Params, of_bytes};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;

pub(super) fn routes() -> Vec<Route> {
    let analyst = Access::Role(Role::Analyst);
    let route = Route::new(Method::POST, "/api/v1/cases/{id}/observables/csv", analyst, import);
    vec![route.body_bytes_max(CSV_BYTES_MAX)]
}

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Whether only to say what would come of it.
    #[serde(default)]
    dry_run: bool,
}

/// What came of a CSV file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Imported {
    /// How many observables are new on the case.
    added: usize,
    /// How many values were on it already; those stay as they are.
    known: usize,
    /// The lines that were left out, at most a hundred.
    refused: Vec<RefusedLine>,
}

/// A line that was left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedLine {
    /// The line, from 1.
    line: u64,
    /// The column that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// What is wrong, and what to do.
    reason: String,
}

impl From<CsvError> for RefusedLine {
    fn from(error: CsvError) -> Self {
        Self { line: error.line, column: error.column.map(str::to_owned), reason: error.reason }
    }
}

/// Puts the observables of a CSV file on a case: columns `dataType`, `data`, `tags`, `tlp`, `ioc` and `message` in any order, of
/// which only `data` must be there. Lines that make no sense are left out and told of.
#[utoipa::path(post, path = "/api/v1/cases/{id}/observables/csv", tag = "cases", params(("id" = String, Path, description = "The case's id."), ImportQuery), request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, description = "What came of it.", body = Imported),
    (status = 404, description = "There is no such case.", body = ProblemBody),
    (status = 409, description = "The case is closed.", body = ProblemBody),
))]
pub(crate) async fn import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Params(query): Params<ImportQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let (rows, errors) = read_csv(&body.map_err(of_bytes)?);
    let mut refused: Vec<RefusedLine> = errors.into_iter().map(RefusedLine::from).collect();
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = tx.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    caller.needs_own(&case.tenant)?;
    if case.status == CaseStatus::Closed {
        return Err(Problem::conflict("the case is closed: reopen it first"));
    }
    let there = tx.case_observables(&caller.reach(), id).await?;
    let (mut added, mut known): (Vec<Observable>, usize) = (Vec::new(), 0);
    for row in rows {
        let line = row.line;
        match observable(&app, &case, row, &caller.name(), now) {
            Ok(new) if is_among(&there, &new) || is_among(&added, &new) => known += 1,
            Ok(new) => added.push(new),
            Err(reason) => refused.push(RefusedLine { line, column: None, reason }),
        }
    }
    let actor = caller.actor();
    tx.create_all(&added, Author { actor: &actor, now }).await?;
    if !query.dry_run && !added.is_empty() {
        tx.commit().await?;
        app.tell(LiveKind::Case, &case.tenant, &case);
    }
    Ok(Json(Imported { added: added.len(), known, refused }))
}

fn observable(app: &App, case: &Case, row: CsvObservable, by: &str, now: Timestamp) -> Result<Observable, String> {
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let new = NewObservable {
        on: case.id.into(),
        tenant: case.tenant.clone(),
        data_type: row.data_type,
        value: ObservableValue::Text(row.data),
        tlp: row.tlp.unwrap_or(case.tlp),
        pap: case.pap,
        tags: row.tags,
        message: row.message,
        ioc: row.ioc,
        sighted: None,
        unlike: false,
        seen: now,
        by: by.to_owned(),
        now,
    };
    new_observable(new, &warnings).map_err(|error| error.to_string())
}

/// Two texts may be one value in its canonical form.
fn is_among(observables: &[Observable], new: &Observable) -> bool {
    let same =
        |known: &Observable| (known.kind, &known.data_type, &known.value) == (new.kind, &new.data_type, &new.value);
    observables.iter().any(|known| known.id == new.id || (known.attachment.is_none() && same(known)))
}
