//! Who the attacker is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use vigie_model::{Alert, Entity, EntityRole, ObservableKind};

use crate::address::Refusal;
use crate::{BlockTarget, NeverTouch};

/// The addresses that attack in an alert, and those that look like it but are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attackers {
    /// Those that may be blocked, at most [`Attackers::ADDRESSES_MAX`]; those that the alert is grouped by come first.
    pub addresses: Vec<BlockTarget>,
    /// Those that may not, each with the reason; at most [`Attackers::ADDRESSES_MAX`].
    pub spared: Vec<(IpAddr, Refusal)>,
}

impl Attackers {
    /// How many attackers of one alert are acted on: a port probe names a list of them.
    pub const ADDRESSES_MAX: usize = 20;
}

/// Returns who attacks in an alert: the addresses whose part is [`EntityRole::Source`].
///
/// The part decides and nothing else does. A normaliser gives a remote address the part [`EntityRole::Target`] where our
/// own resource is the actor (GuardDuty's `service.resourceRole: ACTOR`), and then it is a victim. An address with both
/// parts is an attacker only where the alert is grouped by it as a source.
pub fn attackers(alert: &Alert, never_touch: &NeverTouch) -> Attackers {
    let mut found = Attackers::default();
    let mut seen = BTreeSet::new();
    for entity in alert.key.iter().chain(&alert.entities) {
        if !is_address(entity, EntityRole::Source) || !seen.insert(entity.value.as_str()) {
            continue;
        }
        match judge(alert, entity, never_touch) {
            Ok(target) if found.addresses.contains(&target) => {}
            Ok(target) if found.addresses.len() < Attackers::ADDRESSES_MAX => found.addresses.push(target),
            Err(Some(spared)) if found.spared.len() < Attackers::ADDRESSES_MAX => found.spared.push(spared),
            Ok(_) | Err(_) => {}
        }
    }
    found
}

/// Returns the attacker of an alert: the first of [`attackers`] that may be blocked.
pub fn attacker(alert: &Alert, never_touch: &NeverTouch) -> Option<BlockTarget> {
    attackers(alert, never_touch).addresses.first().copied()
}

/// An entity that is no address at all gives `Err(None)`: there is nothing to spare.
fn judge(alert: &Alert, entity: &Entity, never_touch: &NeverTouch) -> Result<BlockTarget, Option<(IpAddr, Refusal)>> {
    let address: IpAddr = entity.value.parse().map_err(|_| None)?;
    let spare = |refusal| Some((address, refusal));
    if we_act(alert) {
        return Err(spare(Refusal::WeAct(address)));
    }
    if is_both_ends(alert, &entity.value) {
        return Err(spare(Refusal::BothEnds(address)));
    }
    never_touch.admit(address).map_err(spare)
}

/// One of our instances acts on a remote address. Then the address with the part of a source is that instance's own.
fn we_act(alert: &Alert) -> bool {
    let acts = |entity: &Entity| {
        entity.kind == ObservableKind::AwsInstance && matches!(entity.role, EntityRole::Source | EntityRole::Actor)
    };
    alert.entities.iter().any(acts) && alert.entities.iter().any(|entity| is_address(entity, EntityRole::Target))
}

fn is_both_ends(alert: &Alert, value: &str) -> bool {
    let plays =
        |entities: &[Entity], role| entities.iter().any(|entity| is_address(entity, role) && entity.value == value);
    if plays(&alert.key, EntityRole::Source) {
        return plays(&alert.key, EntityRole::Target);
    }
    plays(&alert.entities, EntityRole::Target)
}

fn is_address(entity: &Entity, role: EntityRole) -> bool {
    entity.kind == ObservableKind::Ip && entity.role == role
}
