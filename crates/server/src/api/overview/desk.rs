//! What is open now: in all, of each tenant, and the cases that are late or nearly.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use vigie_cases::{SlaPolicy, SlaState, SlaStep};
use vigie_model::{Case, CaseId, CaseStatus, Decision, Filter, Selection, Severity, TenantId, TenantScope, Timestamp};
use vigie_store::{DeadLetterCount, Reach, StoreError, Waiting};

use crate::api::listing::equal;
use crate::app::App;
use crate::workers::sla_policy_of;

/// How many open cases are looked at for their agreed times, the oldest first.
const CASES_LOOKED_AT_MAX: u64 = 1_000;
/// How many cases at risk are named.
pub(super) const CASES_NAMED_MAX: usize = 20;
/// How many tenants have figures of their own.
const TENANTS_MAX: usize = 500;

/// What is open now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingBody {
    /// Alerts that nobody has looked at, from the least severity.
    #[schema(value_type = Vec<u64>)]
    new_alerts: [u64; 5],
    /// Alerts that are not closed, those included.
    #[schema(value_type = Vec<u64>)]
    open_alerts: [u64; 5],
    /// Cases that are not closed.
    #[schema(value_type = Vec<u64>)]
    open_cases: [u64; 5],
}

impl WaitingBody {
    pub(super) fn of<'a>(all: impl IntoIterator<Item = &'a Waiting>) -> Self {
        let mut sum = Self { new_alerts: [0; 5], open_alerts: [0; 5], open_cases: [0; 5] };
        for one in all {
            for index in 0..5 {
                sum.new_alerts[index] += one.new_alerts[index];
                sum.open_alerts[index] += one.open_alerts[index];
                sum.open_cases[index] += one.open_cases[index];
            }
        }
        sum
    }
}

/// An open case that is late or nearly.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseAtRiskBody {
    /// Its id.
    id: CaseId,
    /// Whose it is.
    tenant: TenantId,
    /// Its number.
    number: u64,
    /// Its title.
    title: String,
    /// How bad it is.
    severity: Severity,
    /// Where it is in its life.
    status: CaseStatus,
    /// Who works on it.
    assignee: Option<String>,
    /// Which step is due first: `acknowledge` or `resolve`.
    #[schema(value_type = String)]
    step: SlaStep,
    /// By when.
    due: Timestamp,
    /// `near` or `breached`.
    #[schema(value_type = String)]
    state: SlaState,
}

/// What of a tenant is open now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantFiguresBody {
    /// Which.
    tenant: TenantId,
    /// Its name.
    name: String,
    /// What is open.
    waiting: WaitingBody,
    /// How many open cases have little time left.
    cases_near: u64,
    /// How many open cases are late.
    cases_late: u64,
    /// How many decisions are in force.
    decisions_in_force: u64,
    /// How many records could not be read.
    dead_letters: u64,
}

/// Returns the open cases within reach that are late or nearly, the most urgent first.
pub(super) async fn cases_at_risk(
    app: &App,
    scope: &TenantScope,
    reach: &Reach,
) -> Result<Vec<CaseAtRiskBody>, StoreError> {
    let mut policies: BTreeMap<TenantId, SlaPolicy> = BTreeMap::new();
    for tenant in app.tenants_in(scope).await? {
        let policy = sla_policy_of(&app.store, &tenant).await?;
        if policy != SlaPolicy::default() {
            policies.insert(tenant, policy);
        }
    }
    if policies.is_empty() {
        return Ok(Vec::new());
    }
    let within = Reach { tenants: TenantScope::Only(policies.keys().cloned().collect()), name: reach.name.clone() };
    let open = Filter::Not(Box::new(equal("status", CaseStatus::Closed.as_str())));
    let cases: Vec<Case> = app.store.select(&within, &Selection::of(open, CASES_LOOKED_AT_MAX)).await?;
    let now = app.clock.now();
    let mut at_risk: Vec<_> = cases.into_iter().filter_map(|case| at_risk(&policies, case, now)).collect();
    at_risk.sort_by_key(|case| case.due);
    Ok(at_risk)
}

fn at_risk(policies: &BTreeMap<TenantId, SlaPolicy>, case: Case, now: Timestamp) -> Option<CaseAtRiskBody> {
    let steps = policies.get(&case.tenant)?.steps(&case, now);
    let pressing = steps.into_iter().filter(|sla| matches!(sla.state, SlaState::Near | SlaState::Breached));
    let sla = pressing.min_by_key(|sla| sla.due)?;
    Some(CaseAtRiskBody {
        id: case.id,
        tenant: case.tenant,
        number: case.number,
        title: case.title,
        severity: case.severity,
        status: case.status,
        assignee: case.assignee,
        step: sla.step,
        due: sla.due,
        state: sla.state,
    })
}

/// Returns what is open of each tenant in the scope.
pub(super) async fn tenants_figures(
    app: &App,
    scope: &TenantScope,
    waiting: &BTreeMap<TenantId, Waiting>,
    at_risk: &[CaseAtRiskBody],
    dead: &[DeadLetterCount],
    decisions: &[Decision],
) -> Result<Vec<TenantFiguresBody>, StoreError> {
    let tenants = app.store.tenants().await?.into_iter().filter(|tenant| scope.contains(&tenant.id));
    let body = |tenant: vigie_model::Tenant| {
        let is = |case: &CaseAtRiskBody, state: SlaState| case.tenant == tenant.id && case.state == state;
        let cases = |state: SlaState| at_risk.iter().filter(|case| is(case, state)).count() as u64;
        TenantFiguresBody {
            waiting: WaitingBody::of(waiting.get(&tenant.id)),
            cases_near: cases(SlaState::Near),
            cases_late: cases(SlaState::Breached),
            decisions_in_force: decisions.iter().filter(|decision| decision.tenant == tenant.id).count() as u64,
            dead_letters: dead.iter().filter(|count| count.tenant == tenant.id).map(|count| count.count).sum(),
            name: tenant.name,
            tenant: tenant.id,
        }
    };
    Ok(tenants.take(TENANTS_MAX).map(body).collect())
}
