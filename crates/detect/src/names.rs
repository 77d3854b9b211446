//! Values by name, for grouping: the document first, then the envelope, then entities by their kind.

use std::borrow::Cow;

use vigie_model::{Entity, EntityRole, Event, ObservableKind};

use crate::matcher::{Field, Fields, Leaf, Scalar};

/// Returns the value of a field of an event as text: of the document where it has it, else of the envelope (`user`,
/// `src.ip`, `dst.port`, `device`, …). Of an array it is the first value. Null and absent are none; an empty text is one.
pub(crate) fn value(event: &Event, field: &Field) -> Option<String> {
    let mut leaves: Vec<Leaf<'_>> = Vec::new();
    if field.find(&Fields::new(event.document.fields()), &mut leaves) {
        let first = leaves.iter().find(|leaf| !matches!(leaf.scalar, Scalar::Null))?;
        return Some(first.as_text().to_owned());
    }
    envelope(event, field.name()).map(Cow::into_owned)
}

/// Returns a part of the envelope by its path.
pub(crate) fn envelope<'e>(event: &'e Event, name: &str) -> Option<Cow<'e, str>> {
    let envelope = &event.envelope;
    let (end, part) = match name.split_once('.') {
        Some(("src", part)) => (Some(&envelope.src), part),
        Some(("dst", part)) => (Some(&envelope.dst), part),
        _ => (None, ""),
    };
    if let Some(end) = end {
        return match part {
            "ip" => end.ip.map(|ip| ip.to_string().into()),
            "port" => end.port.map(|port| port.to_string().into()),
            "host" => end.host.as_deref().map(Into::into),
            _ => None,
        };
    }
    let text = match name {
        "user" => &envelope.user,
        "device" => &envelope.device,
        "url" => &envelope.url,
        "domain" => &envelope.domain,
        "process.name" => &envelope.process.name,
        "process.path" => &envelope.process.path,
        "process.command_line" => &envelope.process.command_line,
        "process.parent" => &envelope.process.parent,
        "file.path" => &envelope.file.path,
        "cloud.provider" => &envelope.cloud.provider,
        "cloud.account" => &envelope.cloud.account,
        "cloud.region" => &envelope.cloud.region,
        "process.pid" => return envelope.process.pid.map(|pid| pid.to_string().into()),
        "activity" => return Some(envelope.activity.as_str().into()),
        "class" => return Some(envelope.class.as_str().into()),
        "outcome" => return Some(envelope.outcome.as_str().into()),
        "message" => return Some(envelope.message.as_str().into()),
        "source" => return Some(event.source.as_str().into()),
        _ => return None,
    };
    text.as_deref().map(Into::into)
}

/// Returns the entity that a value of this name is: one that the event has with this value, else what the name says.
pub(crate) fn entity(entities: &[Entity], name: &str, value: &str) -> Entity {
    let same = |entity: &&Entity| entity.value == value || entity.value.eq_ignore_ascii_case(value);
    // An entity with a part in the event says more than one that is only named.
    if let Some(entity) =
        entities.iter().filter(same).min_by_key(|entity| (entity.value != value, entity.role, entity.kind))
    {
        return entity.clone();
    }
    let (kind, role) = match name {
        "src.ip" => (ObservableKind::Ip, EntityRole::Source),
        "dst.ip" => (ObservableKind::Ip, EntityRole::Target),
        "user" => (ObservableKind::User, EntityRole::Actor),
        "device" | "dst.host" => (ObservableKind::Host, EntityRole::Target),
        "src.host" => (ObservableKind::Host, EntityRole::Source),
        "domain" => (ObservableKind::Domain, EntityRole::Related),
        "url" => (ObservableKind::Url, EntityRole::Related),
        "cloud.account" => (ObservableKind::AwsAccount, EntityRole::Target),
        _ => (ObservableKind::Other, EntityRole::Related),
    };
    Entity::new(kind, value, role)
}

/// Returns what `vigie.group_by` comes to for an event: each name is a field, a part of the envelope, or a kind of
/// entity, in this order. Names that the event has nothing for are left out.
pub(crate) fn alert_key(event: &Event, entities: &[Entity], names: &[Field]) -> Vec<Entity> {
    let mut key = Vec::with_capacity(names.len());
    for name in names {
        if let Some(value) = value(event, name) {
            key.push(entity(entities, name.name(), &value));
        } else if let Ok(kind) = name.name().parse::<ObservableKind>() {
            key.extend(entities.iter().filter(|entity| entity.kind == kind).cloned());
        }
    }
    key.sort();
    key.dedup();
    key
}
