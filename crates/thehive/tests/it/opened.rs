//! Cases that are there already, and who shares them.

use serde_json::Value;
use vigie_cases::{CaseWord, NewDeskCase, new_desk_case};
use vigie_model::{Access, CaseId, Pap, Severity, Share, Stamp, TenantId, TenantScope, Tlp};
use vigie_thehive::House as _;

use crate::check::check;
use crate::client::{Asker, Client};

/// Puts a case into the store, and returns its id as clients write it.
pub(crate) async fn case(client: &Client, tenant: &str) -> String {
    let tenant = TenantId::new(tenant).unwrap();
    let mut tx = client.door.store.begin().await.unwrap();
    let opened = new_desk_case(NewDeskCase {
        id: CaseId::from_bytes(client.house.id()),
        number: tx.next_case_number(&tenant).await.unwrap(),
        tenant,
        title: "A case".into(),
        description: "…".into(),
        severity: Severity::Medium,
        started: client.now(),
        ended: None,
        tags: Vec::new(),
        flag: false,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        word: CaseWord::New,
        summary: None,
        impact: None,
        assignee: None,
        access: Access::Tenant,
        fields: Vec::new(),
        by: "admin@thehive.local".into(),
        now: client.now(),
    })
    .unwrap();
    tx.save_case(&opened.case, None).await.unwrap();
    tx.commit().await.unwrap();
    format!("~{}", u128::from_be_bytes(*opened.case.id.as_bytes()))
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
