//! Cortex, as far as no server is configured: there are no analyzers and no responders, and a job that is asked for fails
//! at once and says why.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{AlertId, CaseId, Job, JobId, JobStatus, ObservableId, Stamp, TaskId, TaskLogId};
use vigie_store::Object;

use crate::body::Body;
use crate::door::Door;
use crate::id::WireId;
use crate::route::{Route, get, post};
use crate::wire::{Wire as _, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

/// How long the name of an analyzer and of a server may be, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![post("/api/v1/connector/cortex/job/_bulk", "manageAnalyse", create_many)];
    // Clients use both, with and without a version.
    for [job, one, analyzers, analyzer, by_type, responders, action] in [
        [
            "/api/connector/cortex/job",
            "/api/connector/cortex/job/{id}",
            "/api/connector/cortex/analyzer",
            "/api/connector/cortex/analyzer/{id}",
            "/api/connector/cortex/analyzer/type/{data_type}",
            "/api/connector/cortex/responder/{kind}/{id}",
            "/api/connector/cortex/action",
        ],
        [
            "/api/v1/connector/cortex/job",
            "/api/v1/connector/cortex/job/{id}",
            "/api/v1/connector/cortex/analyzer",
            "/api/v1/connector/cortex/analyzer/{id}",
            "/api/v1/connector/cortex/analyzer/type/{data_type}",
            "/api/v1/connector/cortex/responder/{kind}/{id}",
            "/api/v1/connector/cortex/action",
        ],
    ] {
        routes.extend([
            post(job, "manageAnalyse", create),
            get(one, read),
            get(analyzers, none),
            get(analyzer, no_analyzer),
            get(by_type, none),
            get(responders, no_responders),
            post(action, "manageAction", no_action),
        ]);
    }
    routes
}

async fn none() -> Json<Value> {
    Json(json!([]))
}

async fn no_analyzer(Path(id): Path<String>) -> Fault {
    Fault::not_found("Analyzer", &id)
}

/// No responder works on anything, but what is asked about must be there.
async fn no_responders(
    State(door): State<Door>,
    visitor: Visitor,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    match kind.as_str() {
        "alert" => there::<vigie_model::Alert, AlertId>(&door, &visitor, &id).await?,
        "case" => there::<vigie_model::Case, CaseId>(&door, &visitor, &id).await?,
        "case_artifact" | "observable" => {
            there::<vigie_model::Observable, ObservableId>(&door, &visitor, &id).await?;
        }
        "case_task" | "task" => there::<vigie_model::Task, TaskId>(&door, &visitor, &id).await?,
        "case_task_log" | "log" => there::<vigie_model::TaskLog, TaskLogId>(&door, &visitor, &id).await?,
        _ => return Err(Fault::bad("responders work on alert, case, case_artifact, case_task and case_task_log")),
    }
    Ok(Json(json!([])))
}

async fn there<T: Object, I: WireId + ToString>(door: &Door, visitor: &Visitor, id: &str) -> Result<(), Fault> {
    let found: Option<T> = door.store.get(&visitor.scope, &I::expect(id)?.to_string()).await?;
    found.map(|_| ()).ok_or_else(|| Fault::not_found(I::KIND, id))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    responder_id: String,
    cortex_id: Option<String>,
}

async fn no_action(Body(action): Body<Action>) -> Fault {
    match action.cortex_id {
        Some(server) => Fault::not_found("Cortex server", &server),
        None => Fault::not_found("Responder", &action.responder_id),
    }
}

#[derive(Deserialize)]
struct NewJob {
    #[serde(rename = "analyzerId")]
    analyzer: String,
    #[serde(rename = "cortexId")]
    server: String,
    #[serde(rename = "artifactId")]
    observable: String,
}

#[derive(Deserialize)]
struct NewJobs {
    jobs: Vec<NewJob>,
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewJob>) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let job = fail(&mut work, new).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(job, &door, &visitor).await?)).into_response())
}

async fn create_many(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewJobs>) -> Result<Response, Fault> {
    if new.jobs.len() > OBJECTS_MAX {
        return Err(Fault::field("jobs", format!("too many: at most {OBJECTS_MAX}")));
    }
    let mut work = Work::begin(&door, &visitor).await?;
    let mut jobs = Vec::new();
    for new in new.jobs {
        jobs.push(fail(&mut work, new).await?);
    }
    work.commit().await?;
    let shown = Job::show(jobs, &door, &visitor, &[]).await?;
    Ok((StatusCode::CREATED, Json(Value::from(shown))).into_response())
}

/// Keeps a job that has failed, so that who asked finds out why.
async fn fail(work: &mut Work<'_>, new: NewJob) -> Result<Job, Fault> {
    for (field, name) in [("analyzerId", &new.analyzer), ("cortexId", &new.server)] {
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(Fault::field(field, format!("expected 1 to {NAME_CHARS_MAX} characters")));
        }
    }
    let observable: vigie_model::Observable = work.get(ObservableId::expect(&new.observable)?).await?;
    let job = Job {
        id: work.id(),
        tenant: observable.tenant,
        observable: observable.id,
        error: Some(format!("no Cortex server {} is configured: the analyzer did not run", new.server)),
        analyzer: new.analyzer,
        server: new.server,
        status: JobStatus::Failure,
        ended: Some(work.now),
        stamp: Stamp::new(work.by(), work.now),
    };
    work.create(&job).await?;
    Ok(job)
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let job: Option<Job> = door.store.get(&visitor.scope, &JobId::expect(&id)?.to_string()).await?;
    Ok(Json(show(job.ok_or_else(|| Fault::not_found("Job", &id))?, &door, &visitor).await?))
}
