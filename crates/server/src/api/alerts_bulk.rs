//! `/api/v1/alerts/bulk`: one change of many alerts.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vigie_cases::{
    ChangeError, Merging, NewCase, acknowledge_alert, assign_alert, close_alert, merge_alerts, open_case, reopen_alert,
};
use vigie_model::{Alert, AlertId, Case, CaseId, ObservableKind, Resolution, TenantId, Timestamp, User, Verb};
use vigie_store::Tx;

use super::alerts::{NO_ANALYST, keep, may_work};
use super::extract::Body;
use super::problem::{Problem, ProblemBody};
use super::{Route, cases, work};
use crate::app::App;
use crate::auth::Caller;
use crate::live::LiveKind;

/// How many alerts one request may change.
const ALERTS_MAX: usize = 500;
/// How many are changed in one transaction, so that what is ingested meanwhile does not wait for all of them.
const TRANSACTION_ALERTS_MAX: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![work("/api/v1/alerts/bulk", bulk)]
}

/// What to change of which alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkBody {
    /// The alerts, 1 to 500.
    alerts: Vec<AlertId>,
    /// The change.
    change: BulkChange,
}

/// A change of many alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BulkChange {
    /// Takes them up: they are in progress, and yours where they were nobody's.
    Acknowledge {},
    /// Gives them to somebody.
    Assign {
        /// The user's name; nobody where it is null.
        assignee: Option<String>,
    },
    /// Closes them.
    Close {
        /// What they turned out to be.
        resolution: Resolution,
    },
    /// Opens closed ones again.
    Reopen {},
    /// Merges them into a case.
    Merge {
        /// The case's id.
        case: CaseId,
    },
    /// Opens a case from them.
    OpenCase {},
}

/// What became of a change of many alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkAnswer {
    /// What became of each, in the order asked for, each alert once.
    outcomes: Vec<OutcomeBody>,
    /// The case, where alerts were merged into one or one was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<Case>,
}

/// What became of one alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeBody {
    /// The alert.
    id: AlertId,
    /// What became of it.
    outcome: BulkOutcome,
    /// Why, where it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkOutcome {
    /// It is changed.
    Done,
    /// Its state does not allow the change.
    Conflict,
    /// There is no such alert.
    NotFound,
}

impl OutcomeBody {
    const fn done(id: AlertId) -> Self {
        Self { id, outcome: BulkOutcome::Done, why: None }
    }

    fn conflict(id: AlertId, why: impl ToString) -> Self {
        Self { id, outcome: BulkOutcome::Conflict, why: Some(why.to_string()) }
    }

    fn missing(id: AlertId) -> Self {
        Self { id, outcome: BulkOutcome::NotFound, why: Some("there is no such alert".to_owned()) }
    }
}

/// Changes many alerts and says what became of each: one that cannot be changed does not hold up the others.
#[utoipa::path(post, path = "/api/v1/alerts/bulk", tag = "alerts", request_body = BulkBody, responses(
    (status = 200, description = "What became of each.", body = BulkAnswer),
    (status = 400, description = "There are none or too many alerts, or the change makes no sense.", body = ProblemBody),
    (status = 404, description = "There is no such case.", body = ProblemBody),
    (status = 409, description = "The case is closed.", body = ProblemBody),
))]
pub(crate) async fn bulk(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<BulkBody>,
) -> Result<Json<BulkAnswer>, Problem> {
    let mut seen = BTreeSet::new();
    let ids: Vec<AlertId> = body.alerts.into_iter().filter(|id| seen.insert(*id)).collect();
    if ids.is_empty() || ids.len() > ALERTS_MAX {
        return Err(Problem::field("alerts", format!("expected 1 to {ALERTS_MAX} alerts")));
    }
    let by = caller.name();
    let outcomes = match body.change {
        BulkChange::Acknowledge {} => {
            each(&app, &caller, &ids, Verb::Update, |alert, now| acknowledge_alert(alert, &by, now).map_err(Why::from))
                .await?
        }
        BulkChange::Reopen {} => {
            each(&app, &caller, &ids, Verb::Reopen, |alert, now| reopen_alert(alert, now).map_err(Why::from)).await?
        }
        BulkChange::Close { resolution } => {
            each(&app, &caller, &ids, Verb::Close, |alert, now| {
                close_alert(alert, resolution.clone(), now).map_err(Why::from)
            })
            .await?
        }
        BulkChange::Assign { assignee } => {
            let user = analyst(&app, assignee.as_deref()).await?;
            each(&app, &caller, &ids, Verb::Update, |alert, now| give(alert, user.as_ref(), now)).await?
        }
        BulkChange::Merge { case } => return into_case(&app, &caller, &ids, Some(case)).await,
        BulkChange::OpenCase {} => return into_case(&app, &caller, &ids, None).await,
    };
    Ok(Json(BulkAnswer { outcomes, case: None }))
}

/// Why an alert is not changed.
enum Why {
    /// What it is changed to makes no sense, for any alert.
    Change(ChangeError),
    /// This alert does not allow it.
    Alert(String),
}

impl From<ChangeError> for Why {
    fn from(error: ChangeError) -> Self {
        if error.field().is_some() { Self::Change(error) } else { Self::Alert(error.to_string()) }
    }
}

/// Returns the analyst of this name, nobody for nobody.
async fn analyst(app: &App, name: Option<&str>) -> Result<Option<User>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let user = app.store.user_by_name(name).await?.map(|(user, _)| user);
    user.map(Some).ok_or_else(|| Problem::field("change.assignee", NO_ANALYST))
}

fn give(alert: &Alert, user: Option<&User>, now: Timestamp) -> Result<Alert, Why> {
    if user.is_some_and(|user| !may_work(user, &alert.tenant)) {
        return Err(Why::Alert(NO_ANALYST.to_owned()));
    }
    Ok(assign_alert(alert, user.map(|user| user.name.as_str()), now)?)
}

/// Changes each alert by itself, some dozens in a transaction.
async fn each(
    app: &App,
    caller: &Caller,
    ids: &[AlertId],
    verb: Verb,
    make: impl Fn(&Alert, Timestamp) -> Result<Alert, Why>,
) -> Result<Vec<OutcomeBody>, Problem> {
    let mut outcomes = Vec::with_capacity(ids.len());
    for some in ids.chunks(TRANSACTION_ALERTS_MAX) {
        let now = app.clock.now();
        let mut changed = Vec::new();
        let mut tx = app.store.begin().await?;
        for id in some {
            let Some(before) = tx.alert(caller.scope(), *id).await? else {
                outcomes.push(OutcomeBody::missing(*id));
                continue;
            };
            match make(&before, now) {
                Ok(alert) => {
                    changed.push(keep(&mut tx, caller, verb, &before, alert).await?);
                    outcomes.push(OutcomeBody::done(*id));
                }
                Err(Why::Alert(why)) => outcomes.push(OutcomeBody::conflict(*id, why)),
                Err(Why::Change(error)) => return Err(error.into()),
            }
        }
        tx.commit().await?;
        for alert in &changed {
            app.tell(LiveKind::Alert, &alert.tenant, alert);
        }
    }
    Ok(outcomes)
}

/// Merges those alerts that can be into a case, or opens one from them, in one transaction.
async fn into_case(
    app: &App,
    caller: &Caller,
    ids: &[AlertId],
    case: Option<CaseId>,
) -> Result<Json<BulkAnswer>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = match case {
        Some(id) => Some(cases::load(&mut tx, caller, id, None).await?),
        None => None,
    };
    let (alerts, outcomes) = sort_out(&mut tx, caller, ids, case.as_ref()).await?;
    if alerts.is_empty() {
        return Ok(Json(BulkAnswer { outcomes, case: None }));
    }
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let by = caller.name();
    let (change, verb, before) = if let Some(case) = &case {
        let members = tx.case_alerts(&caller.reach(), case.id).await?;
        let merging = Merging { case, members: &members, alerts: &alerts, by: &by, now, warnings: &warnings };
        (merge_alerts(&merging)?, Verb::Merge, json!(case))
    } else {
        let id = CaseId::from_bytes(app.entropy.id()).at(now);
        let number = tx.next_case_number(&alerts[0].tenant).await?;
        let new = NewCase { id, number, by: &by, now, alerts: &alerts, warnings: &warnings };
        (open_case(&new)?, Verb::Create, json!(null))
    };
    let kept = cases::keep(app, tx, caller, verb, change, before, now).await?;
    if case.is_none() {
        app.metrics.case();
    }
    Ok(Json(BulkAnswer { outcomes, case: Some(kept) }))
}

/// Returns the alerts that can become part of the case, or of one new case, and what becomes of each that was asked for.
async fn sort_out(
    tx: &mut Tx,
    caller: &Caller,
    ids: &[AlertId],
    case: Option<&Case>,
) -> Result<(Vec<Alert>, Vec<OutcomeBody>), Problem> {
    let mut tenant: Option<TenantId> = case.map(|case| case.tenant.clone());
    let mut alerts = Vec::new();
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(alert) = tx.alert(caller.scope(), *id).await? else {
            outcomes.push(OutcomeBody::missing(*id));
            continue;
        };
        let owner = tenant.get_or_insert_with(|| alert.tenant.clone());
        if *owner != alert.tenant {
            outcomes.push(OutcomeBody::conflict(*id, "it belongs to another tenant"));
        } else if alert.case.is_some_and(|of| case.is_none_or(|case| case.id != of)) {
            outcomes.push(OutcomeBody::conflict(*id, "it is part of another case already"));
        } else {
            outcomes.push(OutcomeBody::done(*id));
            alerts.push(alert);
        }
    }
    Ok((alerts, outcomes))
}
