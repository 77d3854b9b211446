//! The entities of an event, in canonical form.

use std::net::IpAddr;

use vigie_model::{Entity, EntityRole, ObservableKind};

/// How many entities one event may name; a forged document could name thousands.
const ENTITIES_MAX: usize = 64;
/// How many bytes of a value are kept.
const VALUE_BYTES_MAX: usize = 2_048;

/// Collects the entities of an event: canonical, without repeats, limited.
#[derive(Debug, Default)]
pub(crate) struct EntityList(Vec<Entity>);

impl EntityList {
    /// Adds an entity. The first part given to a value stands, unless it was only [`EntityRole::Related`]. Empty values and
    /// the placeholders that logs use for none are left out.
    pub(crate) fn add(&mut self, kind: ObservableKind, value: &str, role: EntityRole) {
        let Some(value) = canonical(kind, value) else { return };
        if let Some(known) = self.0.iter_mut().find(|known| known.kind == kind && known.value == value) {
            if known.role == EntityRole::Related {
                known.role = role;
            }
            return;
        }
        if self.0.len() < ENTITIES_MAX {
            self.0.push(Entity { kind, value, role });
        }
    }

    /// Adds an entity where there is a value.
    pub(crate) fn add_some(&mut self, kind: ObservableKind, value: Option<&str>, role: EntityRole) {
        if let Some(value) = value {
            self.add(kind, value, role);
        }
    }

    /// Adds an address where there is one.
    pub(crate) fn add_ip(&mut self, address: Option<IpAddr>, role: EntityRole) {
        if let Some(address) = address {
            self.add(ObservableKind::Ip, &address.to_string(), role);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Entity> {
        self.0
    }
}

/// Returns the address in a text, IPv4 inside IPv6 taken out, so that one machine has one value.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    // `fe80::1%eth0` names an interface of the reporting host.
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Returns whether a text is what logs write for no value.
pub(crate) fn is_placeholder(value: &str) -> bool {
    matches!(value, "" | "-" | "(null)" | "null" | "?" | "N/A" | "n/a")
}

fn canonical(kind: ObservableKind, value: &str) -> Option<String> {
    let value = value.trim();
    if is_placeholder(value) {
        return None;
    }
    let value = match kind {
        ObservableKind::Ip => address(value)?.to_string(),
        ObservableKind::Domain => value.trim_end_matches('.').to_lowercase(),
        ObservableKind::Host | ObservableKind::Hash | ObservableKind::Mail => value.to_lowercase(),
        _ => value.to_owned(),
    };
    (!value.is_empty()).then(|| cut(value))
}

fn cut(mut value: String) -> String {
    if value.len() > VALUE_BYTES_MAX {
        let end = (0..=VALUE_BYTES_MAX).rev().find(|&end| value.is_char_boundary(end)).unwrap_or(0);
        value.truncate(end);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ObservableKind, value: &str, expected: &[&str]) {
        let mut list = EntityList::default();
        list.add(kind, value, EntityRole::Source);
        let values: Vec<String> = list.into_vec().into_iter().map(|entity| entity.value).collect();
        assert_eq!(values, expected);
    }

    #[test]
    fn values_are_canonical() {
        check(ObservableKind::Ip, "::ffff:203.0.113.7", &["203.0.113.7"]);
        check(ObservableKind::Ip, "2001:DB8:0:0::1", &["2001:db8::1"]);
        check(ObservableKind::Ip, "fe80::1%eth0", &["fe80::1"]);
        check(ObservableKind::Ip, "ec2.amazonaws.com", &[]);
        check(ObservableKind::Domain, "Example.COM.", &["example.com"]);
        check(ObservableKind::User, "-", &[]);
        let long = "é".repeat(VALUE_BYTES_MAX);
        check(ObservableKind::File, &long, &[&"é".repeat(VALUE_BYTES_MAX / 2)]);
    }

    #[test]
    fn a_value_is_named_once_and_its_number_is_limited() {
        let mut list = EntityList::default();
        list.add(ObservableKind::User, "root", EntityRole::Related);
        list.add(ObservableKind::User, "root", EntityRole::Target);
        list.add(ObservableKind::User, "root", EntityRole::Actor);
        for number in 0..ENTITIES_MAX * 2 {
            list.add(ObservableKind::User, &format!("user{number}"), EntityRole::Related);
        }
        let entities = list.into_vec();
        assert_eq!(entities[0], Entity::new(ObservableKind::User, "root", EntityRole::Target));
        assert_eq!(entities.len(), ENTITIES_MAX);
    }
}
