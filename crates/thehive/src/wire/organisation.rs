//! Organisations, which are our tenants.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use vigie_model::{Tenant, TenantId};

use super::{Shape, Wire};
use crate::door::Door;
use crate::id::tenant_wire;
use crate::query::{FieldKind, QueryField};
use crate::rights::Rights;
use crate::{Fault, Visitor};

impl Wire for Tenant {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("_id", "id", FieldKind::Tenant),
        QueryField::new("id", "id", FieldKind::Tenant),
        QueryField::new("name", "name", FieldKind::Text),
    ];

    async fn show(objects: Vec<Self>, door: &Door, _visitor: &Visitor, _extra: &[String]) -> Result<Vec<Value>, Fault> {
        let names =
            if objects.iter().all(|tenant| tenant.links.is_empty()) { HashMap::new() } else { names(door).await? };
        Ok(objects.into_iter().map(|tenant| shape(tenant, &names)).collect())
    }
}

/// Returns what people call every organisation.
pub(crate) async fn names(door: &Door) -> Result<HashMap<TenantId, String>, Fault> {
    Ok(door.store.tenants().await?.into_iter().map(|tenant| (tenant.id, tenant.name)).collect())
}

/// Returns the organisation of this name or id, if the visitor may know of it.
pub(crate) async fn find(door: &Door, rights: &Rights<'_>, asked: &str) -> Result<Tenant, Fault> {
    let found = match door.store.tenant(asked).await? {
        None if asked.starts_with('~') => {
            door.store.tenants().await?.into_iter().find(|tenant| tenant_wire(&tenant.id) == asked)
        }
        found => found,
    };
    found.filter(|tenant| rights.knows(&tenant.id)).ok_or_else(|| Fault::not_found("Organisation", asked))
}

fn shape(tenant: Tenant, names: &HashMap<TenantId, String>) -> Value {
    let links: Vec<Value> = tenant.links.iter().filter_map(|id| names.get(id)).map(|name| link(name)).collect();
    let mut shape = Map::new();
    shape.insert("_id".to_owned(), tenant_wire(&tenant.id).into());
    let rest = Shape::stamped(shape, "Organisation", &tenant.stamp)
        .with("name", tenant.name)
        .with("description", tenant.description)
        .with("taskRule", "manual")
        .with("observableRule", "manual")
        .with("locked", tenant.locked)
        .with("extraData", json!({}));
    if links.is_empty() { rest.done() } else { rest.with("links", links).done() }
}

/// A link says only with whom cases may be shared; there is one type of it.
fn link(name: &str) -> Value {
    json!({"toOrganisation": name, "linkType": "default", "otherLinkType": "default"})
}
