//! What an account has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What an account has. Tests fill it in and look at it.
#[derive(Debug)]
pub struct Account {
    /// IP sets, by scope (`REGIONAL`) and id.
    pub ip_sets: BTreeMap<(String, String), IpSet>,
    /// How far apart changes of IP sets must be, in each Region: a second, as AWS documents.
    pub update_gap: Duration,
    /// Network ACLs, by id.
    pub acls: BTreeMap<String, Acl>,
    /// How many entries a network ACL takes in each direction.
    pub acl_quota: usize,
    /// Instances, by id.
    pub instances: BTreeMap<String, Instance>,
    /// Interfaces, by id.
    pub interfaces: BTreeMap<String, Interface>,
    /// Security groups, by id.
    pub groups: BTreeMap<String, Group>,
    /// Snapshots, by id, with their tags.
    pub snapshots: BTreeMap<String, BTreeMap<String, String>>,
    /// When the last change of an IP set was taken, by Region.
    pub(crate) last_update: BTreeMap<String, Instant>,
    pub(crate) made: u64,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            ip_sets: BTreeMap::new(),
            update_gap: Duration::from_secs(1),
            acls: BTreeMap::new(),
            acl_quota: 20,
            instances: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            groups: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            last_update: BTreeMap::new(),
            made: 0,
        }
    }
}

impl Account {
    /// Adds an empty IP set, with its name as its id.
    pub fn add_ip_set(&mut self, scope: &str, name: &str, version: &str) {
        let set = IpSet {
            name: name.to_owned(),
            version: version.to_owned(),
            description: String::new(),
            addresses: Vec::new(),
            changes: 0,
        };
        self.ip_sets.insert((scope.to_owned(), name.to_owned()), set);
    }

    /// Adds a network ACL for subnets, which allows everything at 100 (IPv4) and 101 (IPv6), as AWS makes it.
    pub fn add_acl(&mut self, id: &str, subnets: &[&str]) {
        let allow = |number, egress, network: &str| Entry {
            number,
            egress,
            allow: true,
            protocol: "-1".to_owned(),
            network: network.to_owned(),
        };
        let entries =
            [false, true].into_iter().flat_map(|egress| [allow(100, egress, "0.0.0.0/0"), allow(101, egress, "::/0")]);
        let subnets = subnets.iter().map(|subnet| (*subnet).to_owned()).collect();
        self.acls.insert(id.to_owned(), Acl { subnets, entries: entries.collect() });
    }

    /// Adds a security group with so many rules into and out of it.
    pub fn add_group(&mut self, id: &str, vpc: &str, rules: [usize; 2]) {
        let group = Group { vpc: vpc.to_owned(), ingress: rules[0], egress: rules[1], tags: BTreeMap::new() };
        self.groups.insert(id.to_owned(), group);
    }

    /// Adds a running instance with an interface for each subnet; they are called `eni-` and the rest of its id with a
    /// number.
    pub fn add_instance(&mut self, id: &str, vpc: &str, subnets: &[&str], groups: &[&str]) {
        let groups: BTreeSet<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        for (number, subnet) in subnets.iter().enumerate() {
            let name = format!("eni-{}-{number}", id.trim_start_matches("i-"));
            let interface = Interface {
                subnet: (*subnet).to_owned(),
                vpc: vpc.to_owned(),
                groups: groups.clone(),
                instance: Some(id.to_owned()),
            };
            self.interfaces.insert(name, interface);
        }
        let instance = Instance {
            state: "running".to_owned(),
            vpc: vpc.to_owned(),
            tags: BTreeMap::new(),
            volumes: vec![format!("vol-{}", id.trim_start_matches("i-"))],
            protected: false,
            profile: None,
            takes_protection: true,
        };
        self.instances.insert(id.to_owned(), instance);
    }

    pub(crate) fn interfaces_of<'a>(&'a self, instance: &'a str) -> impl Iterator<Item = (&'a String, &'a Interface)> {
        self.interfaces.iter().filter(move |(_, interface)| interface.instance.as_deref() == Some(instance))
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}

/// An IP set of WAF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpSet {
    /// Its name.
    pub name: String,
    /// `IPV4` or `IPV6`.
    pub version: String,
    /// Its description.
    pub description: String,
    /// The networks in it, as they were sent.
    pub addresses: Vec<String>,
    /// How often it was changed: its lock token.
    pub changes: u64,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acl {
    /// The subnets that it is for.
    pub subnets: Vec<String>,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its rule number.
    pub number: u32,
    /// Whether it is about what goes out.
    pub egress: bool,
    /// Whether it lets pass.
    pub allow: bool,
    /// `-1` for every protocol.
    pub protocol: String,
    /// The other end.
    pub network: String,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// `running`, `stopped`, `terminated`…
    pub state: String,
    /// Its VPC.
    pub vpc: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its EBS volumes.
    pub volumes: Vec<String>,
    /// Whether it is protected from termination.
    pub protected: bool,
    /// The ARN of its profile.
    pub profile: Option<String>,
    /// Whether it can be protected from termination; Spot instances cannot.
    pub takes_protection: bool,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its subnet.
    pub subnet: String,
    /// Its VPC.
    pub vpc: String,
    /// Its security groups.
    pub groups: BTreeSet<String>,
    /// What it is attached to.
    pub instance: Option<String>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its VPC.
    pub vpc: String,
    /// How many rules let something in.
    pub ingress: usize,
    /// How many rules let something out.
    pub egress: usize,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}
