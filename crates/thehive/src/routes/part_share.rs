//! With whom a part of a case is shared: with everybody with whom its case is.

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Case, CaseId, Selection, Share, Tenant, TenantId};

use crate::door::Door;
use crate::id::{WireId as _, tenant_wire};
use crate::query::equals;
use crate::wire::Wire as _;
use crate::{Fault, Visitor};

/// How many organisations a request names.
const ORGANISATIONS_MAX: usize = 100;
/// How many shares a case has at most that are shown.
const SHARES_MAX: u64 = 1_000;

/// Something on a case, or on an alert, which nobody else sees.
pub(super) struct Part {
    /// What errors call all of them.
    pub(super) kind: &'static str,
    pub(super) tenant: TenantId,
    pub(super) case: Option<CaseId>,
}

/// The organisations that a request names, by name or id.
#[derive(Deserialize)]
pub(super) struct Organisations {
    organisations: Vec<String>,
}

/// Shows the shares of the part's case.
pub(super) async fn list(door: &Door, visitor: &Visitor, part: &Part) -> Result<Json<Value>, Fault> {
    let shares = shares_of(door, visitor, part).await?;
    Ok(Json(Value::Array(Share::show(shares, door, visitor, &[]).await?)))
}

/// Shares a part with organisations that its case is shared with, or that has it: they see it already.
pub(super) async fn share(
    door: &Door,
    visitor: &Visitor,
    part: &Part,
    asked: &Organisations,
) -> Result<StatusCode, Fault> {
    named(door, visitor, part, asked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A part cannot be hidden from those who see its case.
pub(super) async fn unshare(
    door: &Door,
    visitor: &Visitor,
    part: &Part,
    asked: &Organisations,
) -> Result<StatusCode, Fault> {
    match named(door, visitor, part, asked).await?.into_iter().next() {
        None => Ok(StatusCode::NO_CONTENT),
        Some(name) => Err(Fault::bad(format!(
            "{name} sees all {} of a case that it sees: take the share of the case back",
            part.kind
        ))),
    }
}

/// Returns the names of the organisations asked for. One that does not see the part is missing, also where there is one of
/// this name: share the case first.
async fn named(door: &Door, visitor: &Visitor, part: &Part, asked: &Organisations) -> Result<Vec<String>, Fault> {
    if asked.organisations.len() > ORGANISATIONS_MAX {
        return Err(Fault::field("organisations", format!("too many: at most {ORGANISATIONS_MAX} at once")));
    }
    let all = onlookers(door, visitor, part).await?;
    asked.organisations.iter().map(|asked| Ok(among(&all, asked)?.name.clone())).collect()
}

/// Returns the organisations that see a part, as far as the visitor may know of them.
pub(super) async fn onlookers(door: &Door, visitor: &Visitor, part: &Part) -> Result<Vec<Tenant>, Fault> {
    let shares = shares_of(door, visitor, part).await?;
    let sees = |tenant: &Tenant| tenant.id == part.tenant || shares.iter().any(|share| share.tenant == tenant.id);
    Ok(door.store.tenants().await?.into_iter().filter(sees).collect())
}

/// Returns the organisation of this name or id.
pub(super) fn among<'a>(onlookers: &'a [Tenant], asked: &str) -> Result<&'a Tenant, Fault> {
    let is = |tenant: &&Tenant| tenant.id.as_str() == asked || tenant.name == asked || tenant_wire(&tenant.id) == asked;
    onlookers.iter().find(is).ok_or_else(|| Fault::not_found("Organisation", asked))
}

async fn shares_of(door: &Door, visitor: &Visitor, part: &Part) -> Result<Vec<Share>, Fault> {
    let Some(case) = part.case else { return Ok(Vec::new()) };
    let _: Case = door
        .store
        .get(&visitor.scope, &case.to_string())
        .await?
        .ok_or_else(|| Fault::not_found(CaseId::KIND, &case.wire()))?;
    let filter = equals("case", case.to_string());
    Ok(door.store.select(&visitor.scope, &Selection::of(filter, SHARES_MAX)).await?)
}
