//! What ties two alerts together.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use vigie_model::{Alert, Entity, EntityRole, ObservableKind, Severity};

use crate::IncidentPolicy;

/// Says why a value is on the warning list (private, a resolver, a well-known service), or `None` where it is not.
pub type Warnings<'a> = &'a dyn Fn(ObservableKind, &str) -> Option<String>;

/// Something that two alerts share and that ties them together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A value that an attacker brings along.
    Value {
        /// Its kind.
        kind: ObservableKind,
        /// The value.
        value: String,
    },
    /// An account on a machine.
    Account {
        /// The account.
        user: String,
        /// What kind of machine: a host, an instance, an AWS account.
        machine_kind: ObservableKind,
        /// The machine.
        machine: String,
    },
    /// A machine that somebody got into.
    Machine {
        /// What kind of machine: a host or an instance.
        kind: ObservableKind,
        /// The machine.
        machine: String,
    },
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { kind, value } => write!(f, "{kind} {value}"),
            Self::Account { user, machine, .. } => write!(f, "{user} on {machine}"),
            Self::Machine { machine, .. } => write!(f, "{machine} after somebody got in"),
        }
    }
}

/// Accounts that act on every machine all day and tie nothing together.
const EVERYWHERE: [&str; 4] = ["system", "local service", "network service", "-"];

/// Returns all that may tie an alert to another, sorted.
pub fn links(alert: &Alert, warnings: Warnings<'_>) -> Vec<Link> {
    let inbound = has_external_source(alert, warnings);
    let outbound = !inbound && alert.entities.iter().any(is_internal_actor);
    let mut links = BTreeSet::new();
    for entity in &alert.entities {
        let ties = match entity.kind {
            ObservableKind::Ip => {
                is_external_text(&entity.value) && (is_acting(entity) || (outbound && is_target(entity)))
            }
            // The domain that a visitor asked for is ours; the one that our machine asked for is not.
            ObservableKind::Domain => !(inbound && is_target(entity)),
            ObservableKind::AwsKey | ObservableKind::Hash => true,
            _ => false,
        };
        if ties && warnings(entity.kind, &entity.value).is_none() {
            links.insert(Link::Value { kind: entity.kind, value: entity.value.clone() });
        }
    }
    links.extend(accounts(alert, warnings));
    links.into_iter().collect()
}

/// Returns the values by which to look for alerts and cases that may be tied to this one.
pub fn link_values(alert: &Alert, warnings: Warnings<'_>) -> Vec<(ObservableKind, String)> {
    let mut values: Vec<(ObservableKind, String)> = links(alert, warnings)
        .into_iter()
        .map(|link| match link {
            Link::Value { kind, value } => (kind, value),
            Link::Account { machine_kind, machine, .. } => (machine_kind, machine),
            Link::Machine { kind, machine } => (kind, machine),
        })
        .chain(machines(alert, warnings).map(|machine| (machine.kind, machine.value.clone())))
        .collect();
    values.sort();
    values.dedup();
    values
}

/// Returns what ties two alerts together; nothing where they are of two tenants, too far apart, or share nothing.
pub fn linked(left: &Alert, right: &Alert, policy: &IncidentPolicy, warnings: Warnings<'_>) -> Vec<Link> {
    Tied::of(left, warnings).to(&Tied::of(right, warnings), policy)
}

/// An alert with its links, made once for many comparisons.
pub(crate) struct Tied<'a> {
    pub(crate) alert: &'a Alert,
    pub(crate) links: BTreeSet<Link>,
    attackers: BTreeSet<&'a str>,
    machines: BTreeSet<&'a Entity>,
}

impl<'a> Tied<'a> {
    pub(crate) fn of(alert: &'a Alert, warnings: Warnings<'_>) -> Self {
        let attackers = alert
            .entities
            .iter()
            .filter(|entity| is_acting(entity) && is_external_ip(entity, warnings))
            .map(|entity| entity.value.as_str())
            .collect();
        let machines = machines(alert, warnings).collect();
        Self { alert, links: links(alert, warnings).into_iter().collect(), attackers, machines }
    }

    pub(crate) fn to(&self, other: &Tied<'_>, policy: &IncidentPolicy) -> Vec<Link> {
        if self.alert.tenant != other.alert.tenant {
            return Vec::new();
        }
        let (earlier, later) = if self.alert.first_seen <= other.alert.first_seen {
            (self.alert, other.alert)
        } else {
            (other.alert, self.alert)
        };
        let gap = later.first_seen.since(earlier.last_seen);
        // Each has its own attacker: that both tried the same account does not make them one.
        let two_attackers =
            !self.attackers.is_empty() && !other.attackers.is_empty() && self.attackers.is_disjoint(&other.attackers);
        let shared = self.links.intersection(&other.links).filter(|link| match link {
            Link::Value { .. } => gap <= policy.values_within,
            Link::Account { .. } => gap <= policy.accounts_within && !two_attackers,
            Link::Machine { .. } => false,
        });
        shared.cloned().chain(self.after_break_in(other, policy)).collect()
    }

    /// Once a critical alert says that somebody got into a machine, what happens there next without an attacker's address of
    /// its own is likely theirs: a new account, a rule changed. Such an alert names no account that would tie it.
    fn after_break_in(&self, other: &Tied<'_>, policy: &IncidentPolicy) -> Vec<Link> {
        let follows = |first: &Tied<'_>, next: &Tied<'_>| {
            first.alert.severity == Severity::Critical
                && !first.attackers.is_empty()
                && next.attackers.is_empty()
                && next.alert.first_seen >= first.alert.first_seen
                && next.alert.first_seen.since(first.alert.last_seen) <= policy.accounts_within
        };
        if !follows(self, other) && !follows(other, self) {
            return Vec::new();
        }
        let machine = |entity: &&Entity| Link::Machine { kind: entity.kind, machine: entity.value.clone() };
        self.machines.intersection(&other.machines).map(machine).collect()
    }
}

/// The machines that something was done to. An AWS account is no machine here: too much happens in one.
fn machines<'a>(alert: &'a Alert, warnings: Warnings<'_>) -> impl Iterator<Item = &'a Entity> {
    let machine = |entity: &&Entity| {
        is_target(entity)
            && matches!(entity.kind, ObservableKind::Host | ObservableKind::AwsInstance)
            && warnings(entity.kind, &entity.value).is_none()
    };
    alert.entities.iter().filter(machine)
}

fn accounts(alert: &Alert, warnings: Warnings<'_>) -> Vec<Link> {
    let playing = |entity: &&Entity| entity.role != EntityRole::Related;
    let known = |entity: &&Entity| warnings(entity.kind, &entity.value).is_none();
    let machines: Vec<&Entity> =
        alert.entities.iter().filter(playing).filter(|entity| is_machine(entity.kind)).filter(known).collect();
    let users = alert.entities.iter().filter(playing).filter(known).filter(|entity| {
        let name = entity.value.to_ascii_lowercase();
        // A name that ends in `$` is a Windows machine's own account.
        entity.kind == ObservableKind::User && !name.ends_with('$') && !EVERYWHERE.contains(&name.as_str())
    });
    users
        .flat_map(|user| {
            machines.iter().map(|machine| Link::Account {
                user: user.value.clone(),
                machine_kind: machine.kind,
                machine: machine.value.clone(),
            })
        })
        .collect()
}

fn has_external_source(alert: &Alert, warnings: Warnings<'_>) -> bool {
    alert.entities.iter().any(|entity| is_acting(entity) && is_external_ip(entity, warnings))
}

fn is_external_ip(entity: &Entity, warnings: Warnings<'_>) -> bool {
    entity.kind == ObservableKind::Ip
        && is_external_text(&entity.value)
        && warnings(entity.kind, &entity.value).is_none()
}

/// One of our machines or accounts that acts by itself.
fn is_internal_actor(entity: &Entity) -> bool {
    is_acting(entity)
        && (is_machine(entity.kind) || (entity.kind == ObservableKind::Ip && !is_external_text(&entity.value)))
}

pub(crate) fn is_acting(entity: &Entity) -> bool {
    matches!(entity.role, EntityRole::Source | EntityRole::Actor)
}

fn is_target(entity: &Entity) -> bool {
    entity.role == EntityRole::Target
}

fn is_machine(kind: ObservableKind) -> bool {
    matches!(kind, ObservableKind::Host | ObservableKind::AwsInstance | ObservableKind::AwsAccount)
}

pub(crate) fn is_external_text(address: &str) -> bool {
    address.parse().is_ok_and(is_external)
}

/// Returns whether an address is one that anybody may hold: neither private, shared by carriers (RFC 6598), loopback,
/// link-local, multicast nor unspecified. Documentation addresses pass, so that examples work.
pub fn is_external(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => {
            let [first, second, ..] = four.octets();
            let carrier = first == 100 && (64..128).contains(&second);
            !(four.is_private()
                || carrier
                || first == 0
                || four.is_loopback()
                || four.is_link_local()
                || four.is_multicast()
                || four.is_broadcast())
        }
        IpAddr::V6(six) => {
            !(six.is_loopback()
                || six.is_unspecified()
                || six.is_unique_local()
                || six.is_unicast_link_local()
                || six.is_multicast())
        }
    }
}
