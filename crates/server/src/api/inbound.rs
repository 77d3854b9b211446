//! `/api/v1/inbound/{name}`: other programs' JSON becomes alerts, as the `[[inbound]]` of that name says.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use vigie_cases::{
    AlertWord, InboundAlert, InboundError, NewAlert, NewObservable, ObservableValue, entities_of, inbound_alerts,
    new_alert, new_observable,
};
use vigie_model::{Alert, AlertId, AlertOrigin, Observable, ObservableKind, Pap, Role, TenantId, Timestamp, Tlp, Verb};
use vigie_store::{Author, Tx};

use super::Route;
use super::extract::Body;
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;
use crate::notices::change_of;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Method::POST, "/api/v1/inbound/{name}", Access::Role(Role::Ingest), take)]
}

/// What came of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Its alerts, in the document's order.
    alerts: Vec<TakenAlert>,
}

/// What came of one alert in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TakenAlert {
    /// Its id.
    id: AlertId,
    /// What the sender calls it.
    reference: String,
    /// Whether it was there already; then nothing changed.
    known: bool,
}

impl From<InboundError> for Problem {
    fn from(error: InboundError) -> Self {
        let field = match &error {
            InboundError::NoItems(_) | InboundError::TooMany(_) => "items".to_owned(),
            InboundError::Empty { index, part, .. } => format!("[{index}].{part}"),
            InboundError::Severity { index, .. } => format!("[{index}].severity"),
            InboundError::Date { index, .. } => format!("[{index}].date"),
        };
        Self::field(&field, error.to_string())
    }
}

/// Takes alerts from another program. All of the document's alerts are taken, or none; one whose reference is known is left
/// as it is, so the sender may send again.
#[utoipa::path(post, path = "/api/v1/inbound/{name}", tag = "alerts", params(("name" = String, Path, description = "The name of an `[[inbound]]`.")), request_body(content = Object, description = "The sender's own JSON."), responses(
    (status = 200, description = "What came of it.", body = Taken),
    (status = 400, description = "The mapping does not fit the document.", body = ProblemBody),
    (status = 404, description = "There is no such `[[inbound]]`, or it is not yours to use.", body = ProblemBody),
))]
pub(crate) async fn take(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    Body(document): Body<Value>,
) -> Result<Json<Taken>, Problem> {
    let inbound = app.config.inbound.iter().find(|inbound| inbound.name == name);
    // Another tenant's is as good as none.
    let inbound = inbound.filter(|inbound| caller.scope().contains(&inbound.tenant));
    let inbound = inbound.ok_or_else(|| Problem::not_found("inbound webhook"))?;
    let found = inbound_alerts(&inbound.mapping, &document)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let mut taken = Vec::with_capacity(found.len());
    let mut made = Vec::new();
    for alert in found {
        let reference = alert.reference.clone();
        let (alert, known) = keep(&app, &mut tx, &caller, &inbound.tenant, alert, now).await?;
        taken.push(TakenAlert { id: alert.id, reference, known });
        if !known {
            made.push(alert);
        }
    }
    let changes: Vec<_> = made.iter().map(|alert| change_of(Verb::Create, json!(null), alert)).collect();
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    for alert in &made {
        app.metrics.alert(alert.severity);
        app.tell(LiveKind::Alert, &alert.tenant, alert);
    }
    Ok(Json(Taken { alerts: taken }))
}

/// Returns the alert that is there of this reference and `true`, or makes it.
async fn keep(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    tenant: &TenantId,
    found: InboundAlert,
    now: Timestamp,
) -> Result<(Alert, bool), Problem> {
    let origin = AlertOrigin { kind: found.kind, source: found.source, reference: found.reference, link: found.link };
    if let Some(known) = tx.alert_of_origin(tenant, &origin).await? {
        return Ok((known, true));
    }
    let by = caller.name();
    let date = found.date.unwrap_or(now);
    let mut alert = new_alert(NewAlert {
        id: AlertId::from_bytes(app.entropy.id()).at(now),
        tenant: tenant.clone(),
        origin,
        title: found.title,
        description: found.description,
        severity: found.severity,
        date,
        tags: found.tags,
        flag: false,
        tlp: Tlp::default(),
        pap: Pap::default(),
        summary: None,
        word: AlertWord::New,
        assignee: None,
        template: None,
        fields: Vec::new(),
        rule: None,
        entities: Vec::new(),
        key: Vec::new(),
        generation: 1,
        by: by.clone(),
        now,
    })?;
    let observables = observables(app, &alert, found.observables, &by, now)?;
    alert.entities = entities_of(&observables);
    let actor = caller.actor();
    let author = Author { actor: &actor, now };
    tx.create(&alert, author).await?;
    tx.create_all(&observables, author).await?;
    Ok((alert, false))
}

fn observables(
    app: &App,
    alert: &Alert,
    found: Vec<(String, String)>,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Observable>, Problem> {
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let mut observables: Vec<Observable> = Vec::with_capacity(found.len());
    for (data_type, value) in found {
        let observable = new_observable(
            NewObservable {
                on: alert.id.into(),
                tenant: alert.tenant.clone(),
                data_type,
                value: ObservableValue::Text(value),
                tlp: alert.tlp,
                pap: alert.pap,
                tags: Vec::new(),
                message: None,
                ioc: false,
                sighted: None,
                unlike: false,
                seen: alert.first_seen,
                by: by.to_owned(),
                now,
            },
            &warnings,
        )?;
        // Two texts may be one value in its canonical form.
        if observables.iter().all(|known| known.id != observable.id) {
            observables.push(observable);
        }
    }
    Ok(observables)
}
