//! Which rules an event is shown to: its logsource against theirs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use vigie_model::Logsource;

use crate::candidates::Candidates;
use crate::rules::Rules;

/// How many different logsources a router remembers; past it, it starts over. Senders name logsources, so the number
/// must not grow at their will.
const REMEMBERED_MAX: usize = 4_096;

/// Services of Linux whose events go to rules for `service: auth`, the file that they all write to.
const AUTH_SERVICES: [&str; 17] = [
    "auth",
    "sshd",
    "sudo",
    "su",
    "login",
    "cron",
    "useradd",
    "userdel",
    "usermod",
    "groupadd",
    "groupdel",
    "groupmod",
    "passwd",
    "chpasswd",
    "gpasswd",
    "systemd-logind",
    "polkit",
];

/// Categories whose events go to rules for `registry_event` too.
const REGISTRY_CATEGORIES: [&str; 4] = ["registry_set", "registry_add", "registry_delete", "registry_rename"];

/// A logsource with its letters folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct LogsourceKey {
    pub(crate) product: Option<Box<str>>,
    pub(crate) category: Option<Box<str>>,
    pub(crate) service: Option<Box<str>>,
}

impl LogsourceKey {
    pub(crate) fn new(product: Option<&str>, category: Option<&str>, service: Option<&str>) -> Self {
        let part =
            |part: Option<&str>| part.filter(|part| !part.is_empty()).map(|part| part.to_ascii_lowercase().into());
        Self { product: part(product), category: part(category), service: part(service) }
    }
}

impl LogsourceKey {
    pub(crate) fn to_logsource(&self) -> Logsource {
        let part = |part: &Option<Box<str>>| part.as_deref().map(Arc::from);
        Logsource { product: part(&self.product), category: part(&self.category), service: part(&self.service) }
    }
}

/// Tells whether a rule for one logsource is shown events of another.
pub fn reaches(rule: &Logsource, event: &Logsource) -> bool {
    let key = |logsource: &Logsource| {
        let [product, category, service] = [&logsource.product, &logsource.category, &logsource.service];
        LogsourceKey::new(product.as_deref(), category.as_deref(), service.as_deref())
    };
    names(&key(event)).contains(&key(rule))
}

/// The rules by logsource.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    shelves: Vec<Shelf>,
    by_name: HashMap<LogsourceKey, usize>,
}

/// The rules that name one logsource.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    rules: Vec<u32>,
    /// Made when the first event comes: most logsources never see any.
    candidates: OnceLock<Candidates>,
}

impl Routes {
    pub(crate) fn new<'a>(rules: impl Iterator<Item = &'a LogsourceKey>) -> Self {
        let mut routes = Self::default();
        for (index, logsource) in (0..).zip(rules) {
            let shelves = routes.shelves.len();
            let place = *routes.by_name.entry(logsource.clone()).or_insert(shelves);
            if place == shelves {
                routes.shelves.push(Shelf::default());
            }
            routes.shelves[place].rules.push(index);
        }
        routes
    }

    /// Returns the shelves of a logsource's events, each once.
    fn shelves(&self, event: &LogsourceKey) -> Vec<usize> {
        let mut shelves: Vec<usize> = names(event).iter().filter_map(|name| self.by_name.get(name)).copied().collect();
        shelves.sort_unstable();
        shelves.dedup();
        shelves
    }

    pub(crate) fn shelf(&self, place: usize) -> &Shelf {
        &self.shelves[place]
    }
}

impl Shelf {
    pub(crate) fn rules(&self) -> &[u32] {
        &self.rules
    }

    /// Returns the index of its rules.
    pub(crate) fn candidates(&self, set: &Rules) -> &Candidates {
        self.candidates.get_or_init(|| Candidates::new(&set.rules, &set.items, &set.fields, &self.rules))
    }
}

/// Returns every logsource that a rule can name to be shown this event.
fn names(event: &LogsourceKey) -> Vec<LogsourceKey> {
    let or_none = |part: &Option<Box<str>>| match part {
        Some(part) => vec![Some(part.clone()), None],
        None => vec![None],
    };
    let product = or_none(&event.product);
    let mut category = or_none(&event.category);
    let mut service = or_none(&event.service);
    let known = |part: &Option<Box<str>>, list: &[&str]| part.as_deref().is_some_and(|part| list.contains(&part));
    if known(&event.category, &REGISTRY_CATEGORIES) {
        category.push(Some("registry_event".into()));
    }
    if event.product.as_deref() == Some("linux") && known(&event.service, &AUTH_SERVICES) {
        service.push(Some("auth".into()));
    }
    let mut names = Vec::with_capacity(product.len() * category.len() * service.len());
    for product in &product {
        for category in &category {
            for service in &service {
                let (product, category, service) = (product.clone(), category.clone(), service.clone());
                names.push(LogsourceKey { product, category, service });
            }
        }
    }
    names
}

/// Finds the shelves of an event's logsource, and remembers.
#[derive(Debug, Default)]
pub(crate) struct Router(HashMap<Logsource, Arc<[usize]>>);

impl Router {
    /// Returns where the rules stand that are shown events of this logsource.
    pub(crate) fn shelves(&mut self, routes: &Routes, logsource: &Logsource) -> Arc<[usize]> {
        if let Some(shelves) = self.0.get(logsource) {
            return Arc::clone(shelves);
        }
        if self.0.len() >= REMEMBERED_MAX {
            self.0.clear();
        }
        let key = LogsourceKey::new(
            logsource.product.as_deref(),
            logsource.category.as_deref(),
            logsource.service.as_deref(),
        );
        let shelves: Arc<[usize]> = routes.shelves(&key).into();
        self.0.insert(logsource.clone(), Arc::clone(&shelves));
        shelves
    }
}
