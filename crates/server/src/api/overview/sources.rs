//! Which sources send, and which went silent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_events::{EventStore, SearchBudget, SearchError, SearchRequest, TopRequest};
use vigie_model::{Comparison, Filter, SourceName, TenantId, Timestamp, Value};

use crate::api::events::ask;
use crate::api::extract::Params;
use crate::api::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::Caller;
use crate::doctor::{silence, usual};

/// How far back a source counts as one that sent before.
const LOOK_BACK: Duration = Duration::from_hours(7 * 24);
/// How many tenants are looked at, and how many sources of each.
const TENANTS_MAX: usize = 200;
const SOURCES_MAX: u32 = 100;
/// Of how many sources that have sent nothing since the start the last event is looked up.
const LOOK_UPS_MAX: usize = 100;

/// Whose sources.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourcesQuery {
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// A source that sent something in the last seven days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceActivityBody {
    /// Whose it is.
    tenant: TenantId,
    /// Which.
    source: SourceName,
    /// How many events of the last seven days are of it.
    events: u64,
    /// When the last one reached us.
    last: Timestamp,
    /// How many seconds it usually lets pass between two events.
    usual_s: f64,
    /// How many seconds it has been silent, where that is much longer than usual.
    silent_s: Option<u64>,
}

type Key = (TenantId, SourceName);

/// Returns the sources that sent something in the last seven days, the silent ones first, then the busiest.
#[utoipa::path(get, path = "/api/v1/overview/sources", tag = "server", params(SourcesQuery), responses(
    (status = 200, description = "The sources.", body = Vec<SourceActivityBody>),
    (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
    (status = 503, description = "The search took too long.", body = ProblemBody),
))]
pub(crate) async fn sources(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<SourcesQuery>,
) -> Result<Json<Vec<SourceActivityBody>>, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let mut tenants = app.tenants_in(&scope).await?;
    tenants.truncate(TENANTS_MAX);
    let now = app.clock.now();
    let seen = app.pipeline.progress().sources();
    let known: Vec<Key> = seen.iter().filter(|(_, seen)| seen.events > 0).map(|(key, _)| key.clone()).collect();
    let asked = tenants.clone();
    let found = ask(&app, &asked, move |events, budget| look(events, &tenants, &known, now, budget)).await?;
    let body = |(key, (events, last)): (Key, (u64, Option<Timestamp>))| {
        let (last, usual, events_for_usual) = match seen.get(&key).filter(|seen| seen.events > 0) {
            Some(seen) => (seen.last, usual(seen), seen.events),
            None => (last?, LOOK_BACK.div_f64(events.max(1) as f64), events),
        };
        // Nothing can have come while the server was down.
        let quiet = now.since(last.max(app.started));
        let (tenant, source) = key;
        let silent_s = silence(events_for_usual, quiet, usual).map(|_| now.since(last).as_secs());
        Some(SourceActivityBody { tenant, source, events, last, usual_s: usual.as_secs_f64(), silent_s })
    };
    let mut sources: Vec<SourceActivityBody> = found.into_iter().filter_map(body).collect();
    sources.sort_by_key(|source| (source.silent_s.is_none(), std::cmp::Reverse(source.events)));
    Ok(Json(sources))
}

/// Returns how many events each source has in the last days, and when the last came of those that are not known.
fn look(
    events: &dyn EventStore,
    tenants: &[TenantId],
    known: &[Key],
    now: Timestamp,
    budget: &SearchBudget,
) -> Result<BTreeMap<Key, (u64, Option<Timestamp>)>, SearchError> {
    let mut found = BTreeMap::new();
    let mut look_ups = 0;
    for tenant in tenants {
        let request = TopRequest {
            tenants: vec![tenant.clone()],
            filter: Filter::All,
            from: Some(now.minus(LOOK_BACK)),
            until: None,
            field: "source".to_owned(),
            limit: SOURCES_MAX,
        };
        for value in events.top(&request, budget)?.values {
            let Ok(source) = SourceName::new(&value.value) else { continue };
            let key = (tenant.clone(), source);
            let mut last = None;
            if !known.contains(&key) && look_ups < LOOK_UPS_MAX {
                look_ups += 1;
                last = last_of(events, &key, budget)?;
            }
            found.insert(key, (value.count, last));
        }
    }
    Ok(found)
}

fn last_of(events: &dyn EventStore, key: &Key, budget: &SearchBudget) -> Result<Option<Timestamp>, SearchError> {
    let filter = Filter::Field {
        name: "source".to_owned(),
        comparison: Comparison::Equal,
        value: Value::Text(key.1.to_string()),
    };
    let request =
        SearchRequest { tenants: vec![key.0.clone()], filter, from: None, until: None, limit: 1, cursor: None };
    Ok(events.search(&request, budget)?.events.first().map(|event| event.arrival))
}
