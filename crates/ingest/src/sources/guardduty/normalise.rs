//! GuardDuty finding to event.

use serde_json::{Map, Value};
use vigie_model::{
    Class, Cloud, Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Timestamp,
};

use super::schema::{self, ResourceRole};
use crate::Fault;
use crate::entities::EntityList;
use crate::json::{first_text, port, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a finding; `envelope` is the EventBridge event that it came in, without it, or empty.
pub(super) fn draft(finding: Map<String, Value>, envelope: &Map<String, Value>) -> Result<Draft, Fault> {
    let finding = Document::new(schema::camel_case(finding));
    let kind = text(&finding, "type").ok_or(Fault::MissingField { field: "type" })?.to_owned();
    let outer = |name: &str| envelope.get(name).and_then(Value::as_str);
    let time = time(&finding, outer("time"))?;
    let role = schema::resource_role(&finding);
    let remotes = schema::remotes(&finding);
    let remote = Endpoint { ip: remotes.first().copied(), ..Endpoint::default() };
    let action = Document::new(schema::action(&finding).and_then(Value::as_object).cloned().unwrap_or_default());
    let local_port =
        port(&action, "localPortDetails.port").or_else(|| port(&action, "portProbeDetails.localPortDetails.port"));
    let ours = Endpoint { port: local_port, host: instance(&finding).map(str::to_owned), ip: None };
    let (src, dst) = match role {
        ResourceRole::Target => (remote, ours),
        ResourceRole::Actor => {
            (Endpoint { port: None, ..ours }, Endpoint { port: port(&action, "remotePortDetails.port"), ..remote })
        }
    };
    let title = first_text(&finding, &["title", "description"]).map(str::trim);
    let account = text(&finding, "accountId").or_else(|| outer("account"));
    let envelope = Envelope {
        class: Class::DetectionFinding,
        activity: kind.clone(),
        severity: finding.get("severity").and_then(Value::as_f64).map(schema::severity).unwrap_or_default(),
        logsource: Logsource::new("aws", "", "guardduty"),
        user: text(&finding, "resource.accessKeyDetails.userName").map(str::to_owned),
        src,
        dst,
        domain: text(&finding, "service.action.dnsRequestAction.domain").map(str::to_owned),
        cloud: Cloud {
            provider: Some("aws".to_owned()),
            account: account.map(str::to_owned),
            region: text(&finding, "region").or_else(|| outer("region")).map(str::to_owned),
        },
        message: title.map_or_else(|| kind.clone(), |title| format!("{kind}: {title}")),
        ..Envelope::default()
    };
    let mut entities = entities(&finding, role);
    for remote in remotes {
        entities.add_ip(
            Some(remote),
            match role {
                ResourceRole::Target => EntityRole::Source,
                ResourceRole::Actor => EntityRole::Target,
            },
        );
    }
    entities.add_some(Kind::AwsAccount, envelope.cloud.account.as_deref(), EntityRole::Related);
    Ok(Draft { time, envelope, entities, document: finding })
}

/// Returns when what was found last happened, else when the finding last changed, else when it was sent.
fn time(finding: &Document, sent: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    for field in ["service.eventLastSeen", "updatedAt", "createdAt"] {
        if let Some(value) = finding.get(field).filter(|value| !value.is_null()) {
            return times::json(value).map(Some).ok_or_else(|| Fault::bad_time(field, value));
        }
    }
    Ok(sent.and_then(times::iso))
}

fn instance(finding: &Document) -> Option<&str> {
    text(finding, "resource.instanceDetails.instanceId")
}

fn entities(finding: &Document, role: ResourceRole) -> EntityList {
    let mut entities = EntityList::default();
    let instance_role = match role {
        ResourceRole::Target => EntityRole::Target,
        ResourceRole::Actor => EntityRole::Actor,
    };
    entities.add_some(Kind::AwsInstance, instance(finding), instance_role);
    // Stolen credentials act, whichever side the finding calls ours.
    entities.add_some(Kind::AwsKey, text(finding, "resource.accessKeyDetails.accessKeyId"), EntityRole::Actor);
    entities.add_some(Kind::User, text(finding, "resource.accessKeyDetails.userName"), EntityRole::Actor);
    for bucket in
        finding.get("resource.s3BucketDetails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    {
        entities.add_some(Kind::AwsBucket, bucket.get("name").and_then(Value::as_str), EntityRole::Target);
    }
    entities.add_some(Kind::Domain, text(finding, "service.action.dnsRequestAction.domain"), EntityRole::Target);
    entities.add_some(Kind::UserAgent, text(finding, "service.action.awsApiCallAction.userAgent"), EntityRole::Related);
    entities.add_some(
        Kind::User,
        text(finding, "service.action.rdsLoginAttemptAction.loginAttributes.user"),
        EntityRole::Actor,
    );
    sequence(finding, &mut entities);
    entities
}

/// Adds what an attack sequence (`AttackSequence:*`) names: actors, endpoints and resources come as lists.
fn sequence(finding: &Document, entities: &mut EntityList) {
    let list = |name: &str| {
        let path = format!("service.detection.sequence.{name}");
        finding.get(&path).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    for actor in list("actors") {
        let at = |pointer: &str| actor.pointer(pointer).and_then(Value::as_str);
        entities.add_some(Kind::User, at("/user/name"), EntityRole::Actor);
        entities.add_some(Kind::AwsKey, at("/user/credentialUid"), EntityRole::Actor);
    }
    for endpoint in list("endpoints") {
        let at = |name: &str| endpoint.get(name).and_then(Value::as_str);
        entities.add_some(Kind::Ip, at("ip"), EntityRole::Source);
        entities.add_some(Kind::Domain, at("domain"), EntityRole::Related);
    }
    for resource in list("resources") {
        let at = |name: &str| resource.get(name).and_then(Value::as_str);
        let (Some(kind), Some(uid)) = (at("resourceType"), at("uid")) else { continue };
        // The uid is an ARN: `arn:aws:ec2:…:instance/i-0abc`, `arn:aws:s3:::bucket`.
        match kind {
            "EC2_INSTANCE" => {
                let id = uid.rsplit('/').next().unwrap_or(uid);
                entities.add(Kind::AwsInstance, id, EntityRole::Target);
            }
            "S3_BUCKET" => {
                let name = at("name").unwrap_or_else(|| uid.rsplit(':').next().unwrap_or(uid));
                entities.add(Kind::AwsBucket, name, EntityRole::Target);
            }
            "ACCESS_KEY" => entities.add(Kind::AwsKey, uid.rsplit('/').next().unwrap_or(uid), EntityRole::Actor),
            _ => entities.add(Kind::AwsArn, uid, EntityRole::Target),
        }
    }
}
