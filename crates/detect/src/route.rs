//! Which rules an event is shown to: its logsource against theirs.

use std::collections::HashMap;
use std::sync::Arc;

use vigie_model::Logsource;

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
pub(crate) struct Routes(HashMap<LogsourceKey, Vec<u32>>);

impl Routes {
    pub(crate) fn new<'a>(rules: impl Iterator<Item = &'a LogsourceKey>) -> Self {
        let mut routes: HashMap<LogsourceKey, Vec<u32>> = HashMap::new();
        for (index, logsource) in (0..).zip(rules) {
            routes.entry(logsource.clone()).or_default().push(index);
        }
        Self(routes)
    }

    fn rules(&self, event: &LogsourceKey) -> Vec<u32> {
        let mut rules: Vec<u32> = names(event).iter().filter_map(|name| self.0.get(name)).flatten().copied().collect();
        rules.sort_unstable();
        rules.dedup();
        rules
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

/// Finds the rules of an event's logsource, and remembers.
#[derive(Debug, Default)]
pub(crate) struct Router(HashMap<Logsource, Arc<[u32]>>);

impl Router {
    /// Returns the rules to show events of this logsource, in the order of loading.
    pub(crate) fn rules(&mut self, routes: &Routes, logsource: &Logsource) -> Arc<[u32]> {
        if let Some(rules) = self.0.get(logsource) {
            return Arc::clone(rules);
        }
        if self.0.len() >= REMEMBERED_MAX {
            self.0.clear();
        }
        let key = LogsourceKey::new(
            logsource.product.as_deref(),
            logsource.category.as_deref(),
            logsource.service.as_deref(),
        );
        let rules: Arc<[u32]> = routes.rules(&key).into();
        self.0.insert(logsource.clone(), Arc::clone(&rules));
        rules
    }
}
