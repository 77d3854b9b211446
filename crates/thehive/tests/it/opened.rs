//! Cases that are there already, and who shares them.

use serde_json::Value;
use vigie_model::{CaseId, Share, Stamp, TenantId, TenantScope};

use crate::check::check;
use crate::client::{Asker, Client};

/// Opens a case in `main-org`, and returns its id as clients write it.
pub(crate) async fn case(client: &Client) -> String {
    let body = serde_json::json!({"title": "A case", "description": "…"});
    id(&make(&client.admin("main-org"), "/api/v1/case", body).await)
}

/// Returns the id in the model of what clients call `~number`.
pub(crate) fn bytes(id: &Value) -> [u8; 16] {
    id.as_str().unwrap()[1..].parse::<u128>().unwrap().to_be_bytes()
}

/// Shares a case with a tenant, whose people may do with it what the profile allows.
pub(crate) async fn share(client: &Client, case: &str, tenant: &str, profile: &str) {
    let (case, tenant) = (CaseId::from_bytes(bytes(&case.into())), TenantId::new(tenant).unwrap());
    let owner = client.door.store.case(&TenantScope::All, case).await.unwrap().unwrap().tenant;
    let stamp = Stamp::new("admin@thehive.local", client.now());
    let share = Share { id: Share::id_of(case, &tenant), owner, case, tenant, profile: profile.into(), stamp };
    let mut tx = client.door.store.begin().await.unwrap();
    tx.put(&share).await.unwrap();
    tx.commit().await.unwrap();
}

/// Asks a query, and returns its answer.
pub(crate) async fn query(asker: &Asker<'_>, operations: Value) -> Value {
    check(asker, "POST /api/v1/query", serde_json::json!({"query": operations}), 200, Value::Null).await
}

/// Makes something, and returns it.
pub(crate) async fn make(asker: &Asker<'_>, path: &str, body: Value) -> Value {
    check(asker, &format!("POST {path}"), body, 201, Value::Null).await
}

/// Returns the id of an object that clients see.
pub(crate) fn id(object: &Value) -> String {
    object["_id"].as_str().unwrap().to_owned()
}
