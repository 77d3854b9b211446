//! `POST /api/v1/ingest/{source}`: records over HTTP.
//!
//! The answer is sent once the records are safe. A sender that gets none repeats the request with the same
//! `X-Vigie-Batch-Id`: nothing is doubled, for events are named by batch and place, and the first answer is given again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};
use vigie_ingest::{Batch, BatchName, BodyLimits, DecodeError, Split, decode_body, split};
use vigie_model::{BatchContext, Logsource, Role, SourceName, TenantId};
use vigie_store::StoreError;

use super::Route;
use super::extract::{Id, Params, of_bytes};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::causes::chain;

/// The header that names a batch.
const BATCH_ID: &str = "x-vigie-batch-id";
/// The header that names the tenant.
const TENANT: &str = "x-vigie-tenant";
/// How long the name of a batch may be.
const BATCH_ID_MAX: usize = 128;
/// How long a request waits for room in a full pipeline before it is asked to come again.
const QUEUE_WAIT: Duration = Duration::from_secs(5);
/// When a sender is asked to come again, in seconds.
const RETRY_AFTER_S: u64 = 2;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/ingest/{source}", Access::Role(Role::Ingest), ingest),
        super::read("/api/v1/sources", sources),
    ]
}

/// What the sender says of all records of a batch.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IngestQuery {
    /// The logsource's product, for the source `json`.
    product: Option<String>,
    /// The logsource's category, for the source `json`.
    category: Option<String>,
    /// The logsource's service, for the source `json`.
    service: Option<String>,
}

/// What became of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
pub(crate) struct Accepted {
    /// How many events were taken in.
    pub(super) accepted: u64,
    /// How many pieces of the body could not be read; they are kept as dead letters with their reason.
    pub(super) dead: u64,
    /// The batch's name: the sender's own, or the one that it was given.
    pub(super) batch: String,
    /// Whether the batch was known already; then nothing was taken in again.
    #[serde(default)]
    pub(super) duplicate: bool,
}

/// Takes in records: NDJSON, a JSON array, or lines of text, as the source reads them; plain, gzip or zstd.
#[utoipa::path(post, path = "/api/v1/ingest/{source}", tag = "ingest",
    params(
        ("source" = String, Path, description = "Which source reads the records; see /api/v1/sources."),
        ("X-Vigie-Batch-Id" = Option<String>, Header, description = "The sender's name for this batch, 1 to 128 printable ASCII characters. A repeat is known by it."),
        ("X-Vigie-Tenant" = Option<String>, Header, description = "Whose records they are, where the key is for several tenants."),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`."),
        IngestQuery,
    ),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "The records are safe.", body = Accepted),
        (status = 400, description = "The body cannot be decompressed.", body = ProblemBody),
        (status = 404, description = "There is no such source or tenant.", body = ProblemBody),
        (status = 409, description = "This batch id was used for another body.", body = ProblemBody),
        (status = 413, description = "The body is too long, as sent or decompressed.", body = ProblemBody),
        (status = 415, description = "The encoding is not one that we read.", body = ProblemBody),
        (status = 429, description = "Too much at once; `Retry-After` says when to come back.", body = ProblemBody),
    ))]
pub(crate) async fn ingest(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(source): Id<String>,
    Params(query): Params<IngestQuery>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Accepted>, Problem> {
    let source = known_source(&app, &source)?;
    let tenant = tenant_of(&app, &caller, &headers).await?;
    let named = batch_name(&headers)?;
    let encoding = text_header(&headers, header::CONTENT_ENCODING.as_str())?.map(str::to_owned);
    let Ok(_slot) = app.ingest_slots.try_acquire() else {
        return Err(Problem::too_many("this server holds as many ingest requests as it may: try again", RETRY_AFTER_S));
    };
    let body = read_body(&app, request).await?;
    let limits = BodyLimits { decoded_bytes_max: app.config.limits.ingest_decoded_bytes_max };
    let (body, digest) = decode(body, encoding, limits, &query).await?;

    let Some(name) = named else {
        let name = hex::encode(app.entropy.id());
        return deliver(&app, Delivery { tenant, source, name, body, query }).await.map(Json);
    };
    let key = format!("{source}/{name}");
    let Some(_claim) = Claim::take(&app.in_flight, &tenant, &key) else {
        return Err(Problem::too_many(
            "this batch is being taken in right now: try again for its answer",
            RETRY_AFTER_S,
        ));
    };
    if let Some(answer) = first_answer(&app, &tenant, &key, &digest).await? {
        return Ok(Json(answer));
    }
    let answer = deliver(&app, Delivery { tenant: tenant.clone(), source, name, body, query }).await?;
    // The records are safe, and would be known by their places if they came again.
    if let Err(error) = remember(&app, &tenant, &key, &digest, &answer).await {
        tracing::warn!("the name of a batch could not be remembered: {}", chain(&error));
    }
    Ok(Json(answer))
}

fn known_source(app: &App, name: &str) -> Result<SourceName, Problem> {
    let source = SourceName::new(name).ok().filter(|name| app.sources.get(name).is_some());
    source.ok_or_else(|| {
        let known = app.sources.names().collect::<Vec<_>>().join(", ");
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_source",
            format!("there is no such source: expected one of {known}"),
        )
    })
}

async fn tenant_of(app: &App, caller: &Caller, headers: &HeaderMap) -> Result<TenantId, Problem> {
    let asked = match text_header(headers, TENANT)? {
        None => None,
        Some(text) => Some(TenantId::new(text).map_err(|error| Problem::field("X-Vigie-Tenant", error.to_string()))?),
    };
    let tenant = caller.one_tenant(asked.as_ref(), "X-Vigie-Tenant")?;
    if !app.store.tenants().await?.iter().any(|known| known.id == tenant) {
        return Err(Problem::not_found("tenant"));
    }
    Ok(tenant)
}

fn text_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(Some).map_err(|_| Problem::field(name, "expected printable ASCII"))
}

fn batch_name(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(name) = text_header(headers, BATCH_ID)? else { return Ok(None) };
    let printable = name.bytes().all(|byte| byte.is_ascii_graphic());
    if name.is_empty() || name.len() > BATCH_ID_MAX || !printable {
        return Err(Problem::field("X-Vigie-Batch-Id", "expected 1 to 128 printable ASCII characters without spaces"));
    }
    Ok(Some(name.to_owned()))
}

async fn read_body(app: &App, request: Request) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &()).await.map_err(|rejection: BytesRejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let limit = app.config.limits.ingest_body_bytes_max;
            return Problem::too_large(format!("the body is longer than {limit} bytes: send it in several batches"));
        }
        of_bytes(rejection)
    })
}

/// Returns the decompressed body, and what tells it from other bodies: its bytes and what was said of them.
async fn decode(
    body: Bytes,
    encoding: Option<String>,
    limits: BodyLimits,
    query: &IngestQuery,
) -> Result<(Bytes, String), Problem> {
    let said = json!([query.product, query.category, query.service]).to_string();
    let work = move || {
        let body = decode_body(body, encoding.as_deref(), &limits)?;
        let digest = hex::encode(Sha256::new().chain_update(&body).chain_update(said).finalize());
        Ok((body, digest))
    };
    tokio::task::spawn_blocking(work).await.expect("decompression does not panic").map_err(|error: DecodeError| {
        match error {
            DecodeError::TooLarge { .. } => Problem::too_large(error.to_string()),
            DecodeError::UnknownEncoding(_) => {
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", error.to_string())
            }
            DecodeError::Truncated { .. } | DecodeError::Damaged { .. } => {
                Problem::new(StatusCode::BAD_REQUEST, "broken_body", format!("{error}: send it again, whole"))
            }
        }
    })
}

/// Takes in what the server itself brings.
pub(super) async fn take_in(
    app: &Arc<App>,
    tenant: TenantId,
    source: SourceName,
    name: String,
    body: Bytes,
) -> Result<Accepted, Problem> {
    deliver(app, Delivery { tenant, source, name, body, query: IngestQuery::default() }).await
}

struct Delivery {
    tenant: TenantId,
    source: SourceName,
    name: String,
    body: Bytes,
    query: IngestQuery,
}

/// Cuts the body into records and hands them to the pipeline; returns once they are safe.
async fn deliver(app: &Arc<App>, delivery: Delivery) -> Result<Accepted, Problem> {
    let permit = match tokio::time::timeout(QUEUE_WAIT, app.pipeline.sender().reserve_owned()).await {
        Ok(Ok(permit)) => permit,
        Ok(Err(_)) => {
            return Err(Problem::unavailable("the server is stopping: send the batch again later", RETRY_AFTER_S));
        }
        Err(_) => return Err(Problem::too_many("the pipeline is full: send the batch again", RETRY_AFTER_S)),
    };
    let batch = delivery.name.clone();
    let work = {
        let app = Arc::clone(app);
        move || cut(&app, delivery)
    };
    let Split { records, dead, .. } = tokio::task::spawn_blocking(work).await.expect("splitting does not panic");
    if records.is_empty() && dead.is_empty() {
        return Ok(Accepted { accepted: 0, dead: 0, batch, duplicate: false });
    }
    let (done, safe) = tokio::sync::oneshot::channel();
    permit.send(Batch { records, dead, done: Some(done) });
    let Ok(settled) = safe.await else {
        return Err(Problem::unavailable(
            "the records could not be written to disk: send the batch again",
            RETRY_AFTER_S,
        ));
    };
    Ok(Accepted { accepted: settled.events, dead: settled.dead, batch, duplicate: false })
}

fn cut(app: &App, delivery: Delivery) -> Split {
    let source = app.sources.get(&delivery.source).expect("the source was looked up before");
    let part = |text: Option<String>| text.unwrap_or_default();
    let query = delivery.query;
    let said = query.product.is_some() || query.category.is_some() || query.service.is_some();
    let context = said.then(|| {
        let logsource = Logsource::new(&part(query.product), &part(query.category), &part(query.service));
        Arc::new(BatchContext { logsource: Some(logsource), header: None })
    });
    split(source, &delivery.tenant, BatchName::new(delivery.name), delivery.body, context, app.clock.now())
}

/// Holds a batch's name while it is being taken in.
struct Claim<'a> {
    names: &'a Mutex<HashSet<(TenantId, String)>>,
    key: (TenantId, String),
}

impl<'a> Claim<'a> {
    fn take(names: &'a Mutex<HashSet<(TenantId, String)>>, tenant: &TenantId, name: &str) -> Option<Self> {
        let key = (tenant.clone(), name.to_owned());
        let new = names.lock().expect("no one panics while holding this lock").insert(key.clone());
        new.then_some(Self { names, key })
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.names.lock().expect("no one panics while holding this lock").remove(&self.key);
    }
}

/// What is remembered of a batch.
#[derive(Serialize, Deserialize)]
struct Remembered {
    digest: String,
    answer: Accepted,
}

async fn first_answer(app: &App, tenant: &TenantId, key: &str, digest: &str) -> Result<Option<Accepted>, Problem> {
    let Some(value) = app.store.batch(tenant, key, app.clock.now()).await? else { return Ok(None) };
    let remembered: Remembered = serde_json::from_value(value)
        .map_err(|error| Problem::internal("read what is remembered of the batch", &error))?;
    if remembered.digest != digest {
        return Err(Problem::conflict("this batch id was used for another body: give each batch an id of its own"));
    }
    Ok(Some(Accepted { duplicate: true, ..remembered.answer }))
}

async fn remember(app: &App, tenant: &TenantId, key: &str, digest: &str, answer: &Accepted) -> Result<(), StoreError> {
    let now = app.clock.now();
    let expires = now.plus(Duration::from_secs(u64::from(app.config.limits.batch_memory_days) * 86_400));
    let remembered = json!(Remembered { digest: digest.to_owned(), answer: answer.clone() });
    let mut tx = app.store.begin().await?;
    tx.record_batch(tenant, key, &remembered, now, expires).await?;
    tx.commit().await?;
    Ok(())
}

/// Returns the names of the sources that read records.
#[utoipa::path(get, path = "/api/v1/sources", tag = "ingest", responses((status = 200, description = "The names.", body = Vec<String>)))]
pub(crate) async fn sources(State(app): State<Arc<App>>) -> Json<Vec<&'static str>> {
    Json(app.sources.names().collect())
}
