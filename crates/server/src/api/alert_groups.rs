//! `/api/v1/alerts/groups`: the queue counted by what its alerts have in common.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{Severity, TenantId, Timestamp};
use vigie_store::AlertGrouping;

use super::extract::Params;
use super::listing::ListQuery;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/alerts/groups", groups)]
}

/// What alerts are counted by.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBy {
    /// The rule that raised them.
    #[default]
    Rule,
    /// How bad they are.
    Severity,
    /// Where they are in their lives.
    Status,
    /// Who works on them; empty is nobody.
    Assignee,
    /// The program that sent them; empty for our own rules.
    Source,
    /// Whose they are.
    Tenant,
    /// Each tag.
    Tag,
    /// Each machine.
    Host,
    /// Each account.
    User,
    /// Each address.
    Ip,
}

impl From<GroupBy> for AlertGrouping {
    fn from(by: GroupBy) -> Self {
        match by {
            GroupBy::Rule => Self::Rule,
            GroupBy::Severity => Self::Severity,
            GroupBy::Status => Self::Status,
            GroupBy::Assignee => Self::Assignee,
            GroupBy::Source => Self::Source,
            GroupBy::Tenant => Self::Tenant,
            GroupBy::Tag => Self::Tag,
            GroupBy::Host => Self::Host,
            GroupBy::User => Self::User,
            GroupBy::Ip => Self::Ip,
        }
    }
}

/// Which alerts are counted, by what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupsQuery {
    /// By what; by rule where it is not said.
    #[serde(default)]
    #[param(inline)]
    by: GroupBy,
    /// A condition, as for the list of alerts.
    q: Option<String>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Alerts counted by what they have in common.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupsBody {
    /// The groups, the largest first, at most 200.
    groups: Vec<GroupBody>,
    /// Whether more than 10,000 alerts match, of which the newest 10,000 or so were counted.
    capped: bool,
}

/// Alerts that have a value in common.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupBody {
    /// The value: a rule's id, a severity, a tag, a machine…
    value: String,
    /// What people call it, where that is something else.
    name: String,
    /// How many alerts.
    count: u64,
    /// How bad the worst of them is.
    worst: Severity,
    /// When the last of them was raised.
    latest: Timestamp,
}

/// Counts the alerts that match by what they have in common, the largest group first.
#[utoipa::path(get, path = "/api/v1/alerts/groups", tag = "alerts", params(GroupsQuery), responses(
    (status = 200, description = "The groups.", body = GroupsBody),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn groups(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<GroupsQuery>,
) -> Result<Json<GroupsBody>, Problem> {
    let asked = ListQuery { q: query.q, tenant: query.tenant, ..ListQuery::default() };
    let (scope, listing) = asked.read(&caller)?;
    let counted = app.store.alert_groups(&scope, &listing.filter, query.by.into()).await?;
    let group = |group: vigie_store::AlertGroup| GroupBody {
        value: group.value,
        name: group.name,
        count: group.count,
        worst: group.worst,
        latest: group.latest,
    };
    Ok(Json(GroupsBody { groups: counted.groups.into_iter().map(group).collect(), capped: counted.capped }))
}
