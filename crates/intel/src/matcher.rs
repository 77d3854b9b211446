//! Known indicators against the stream.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use vigie_model::{
    Entity, Event, EventRef, FieldMatch, Finding, FindingId, FindingKind, Indicator, ObservableKind as Kind, RuleId,
    RuleSummary, Severity, TenantId, Timestamp,
};

use crate::networks::Networks;
use crate::parsed::one_line;
use crate::value::{canonical, network, url_host};
use crate::warning::WarningList;

/// The indicators of all tenants, ready to be looked up. Made anew when indicators change; shared between threads.
#[derive(Debug, Default)]
pub struct Matcher {
    known: Vec<Known>,
    tenants: HashMap<TenantId, Index>,
    muted: Vec<Muted>,
    warnings: WarningList,
}

/// An indicator that never matches, because its value is on the warning list or not of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Muted {
    /// The indicator.
    pub indicator: Indicator,
    /// Why it is muted, in words.
    pub reason: String,
}

#[derive(Debug)]
struct Known {
    indicator: Indicator,
    rule: Arc<RuleSummary>,
    /// Another indicator of the same tenant, kind and value, from another list.
    next: Option<u32>,
}

/// A tenant's indicators.
#[derive(Debug, Default)]
struct Index {
    values: HashMap<Kind, HashMap<Box<str>, u32>>,
    addresses: HashMap<IpAddr, u32>,
    networks: Networks<u32>,
}

/// What of an event was found.
struct Hit {
    entity: Entity,
    known: u32,
}

impl Matcher {
    /// Returns a matcher of these indicators. Those on the warning list are kept aside, see [`Matcher::muted`].
    pub fn new(indicators: impl IntoIterator<Item = Indicator>, warnings: WarningList) -> Self {
        let mut matcher = Self { warnings, ..Self::default() };
        let mut rules = HashMap::new();
        let mut networks: HashMap<TenantId, Vec<_>> = HashMap::new();
        for indicator in indicators {
            let value = match canonical(indicator.kind, &indicator.value) {
                Ok(value) => value,
                Err(error) => {
                    matcher.muted.push(Muted { indicator, reason: error.to_string() });
                    continue;
                }
            };
            if let Some(reason) = matcher.warnings.check(indicator.kind, &value) {
                let reason = reason.to_owned();
                matcher.muted.push(Muted { indicator, reason });
                continue;
            }
            let Ok(place) = u32::try_from(matcher.known.len()) else {
                matcher.muted.push(Muted { indicator, reason: "there are 4,294,967,295 others already".to_owned() });
                continue;
            };
            let rule = rule_of(&mut rules, &indicator);
            let index = matcher.tenants.entry(indicator.tenant.clone()).or_default();
            let net = (indicator.kind == Kind::Ip).then(|| network(&value).ok()).flatten();
            let before = match net {
                Some(net) if net.prefix_len() < net.max_prefix_len() => {
                    networks.entry(indicator.tenant.clone()).or_default().push((net, place));
                    None
                }
                Some(net) => index.addresses.insert(net.addr(), place),
                None => {
                    let values = index.values.entry(indicator.kind).or_default();
                    values.insert(key(indicator.kind, &value).into(), place)
                }
            };
            matcher.known.push(Known { indicator, rule, next: before });
        }
        for (tenant, nets) in networks {
            matcher.tenants.entry(tenant).or_default().networks = Networks::new(nets);
        }
        matcher
    }

    /// Returns a finding for each event, list and value of the event that an indicator names, in the order of the events.
    /// An indicator counts where it holds `now` and had not ended when the event happened; a time of the event that lies
    /// in the future is taken as `now`. Findings of the same events have the same ids.
    pub fn observe(&self, events: &[Event], now: Timestamp) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.known.is_empty() {
            return findings;
        }
        for event in events {
            if let Some(index) = self.tenants.get(&event.tenant) {
                self.observe_one(index, event, now, &mut findings);
            }
        }
        findings
    }

    /// Returns the indicators of a tenant that name a value and hold now, the surest first; none where the value is on the
    /// warning list.
    pub fn lookup(&self, tenant: &TenantId, kind: Kind, value: &str, now: Timestamp) -> Vec<&Indicator> {
        let (Some(index), Ok(value)) = (self.tenants.get(tenant), canonical(kind, value)) else { return Vec::new() };
        let entity = Entity::new(kind, value, vigie_model::EntityRole::Related);
        let mut hits = Vec::new();
        self.hits(index, &entity, (now, now), &mut hits);
        let mut found: Vec<u32> = hits.iter().map(|hit| hit.known).collect();
        found.sort_unstable();
        found.dedup();
        let mut found: Vec<&Indicator> = found.into_iter().map(|known| &self.known[known as usize].indicator).collect();
        found.sort_by_key(|indicator| std::cmp::Reverse(indicator.confidence));
        found
    }

    /// Returns how many indicators can match.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Returns whether none can match.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Returns the indicators that never match, and why.
    pub fn muted(&self) -> &[Muted] {
        &self.muted
    }

    /// Returns the warning list in use.
    pub fn warnings(&self) -> &WarningList {
        &self.warnings
    }

    fn observe_one(&self, index: &Index, event: &Event, now: Timestamp, findings: &mut Vec<Finding>) {
        let times = (now, event.time.min(now));
        let mut hits = Vec::new();
        for entity in &event.entities {
            self.hits(index, entity, times, &mut hits);
        }
        if hits.is_empty() {
            return;
        }
        // One finding for each list and value; the surest indicator of the list gives it its level.
        let sort_key = |hit: &Hit| {
            let known = &self.known[hit.known as usize];
            (
                known.rule.id.clone(),
                hit.entity.kind,
                hit.entity.value.clone(),
                std::cmp::Reverse(known.indicator.confidence),
            )
        };
        hits.sort_by_cached_key(|hit| (sort_key(hit), hit.entity.role, hit.known));
        let same = |one: &Hit, other: &Hit| {
            let list = |hit: &Hit| &self.known[hit.known as usize].rule.id;
            list(one) == list(other) && one.entity.kind == other.entity.kind && one.entity.value == other.entity.value
        };
        findings.extend(hits.chunk_by(same).map(|hits| self.finding(event, hits)));
    }

    fn finding(&self, event: &Event, hits: &[Hit]) -> Finding {
        let entity = &hits[0].entity;
        let rule = Arc::clone(&self.known[hits[0].known as usize].rule);
        let mut entities = event.entities.clone();
        entities.push(entity.clone());
        entities.sort();
        entities.dedup();
        let id_parts = [
            event.tenant.as_str().as_bytes(),
            rule.id.as_str().as_bytes(),
            event.id.as_bytes().as_slice(),
            entity.kind.as_str().as_bytes(),
            entity.value.as_bytes(),
        ];
        let mut matches =
            vec![FieldMatch { field: format!("entity.{}", entity.kind), value: one_line(&entity.value, 1_024) }];
        let mut last = None;
        for hit in hits.iter().filter(|hit| last.replace(hit.known) != Some(hit.known)) {
            matches.extend(explanation(&self.known[hit.known as usize].indicator));
        }
        Finding {
            id: FindingId::derive(id_parts),
            tenant: event.tenant.clone(),
            kind: FindingKind::Indicator,
            rule,
            time: event.time,
            first_time: event.time,
            events: vec![EventRef {
                id: event.id,
                time: event.time,
                source: event.source.clone(),
                message: event.envelope.message.clone(),
            }],
            event_count: 1,
            key: vec![entity.clone()],
            entities,
            matches,
        }
    }

    /// Adds what an entity hits: itself, and for a URL or mail address its host.
    fn hits(&self, index: &Index, entity: &Entity, times: (Timestamp, Timestamp), hits: &mut Vec<Hit>) {
        let before = hits.len();
        match entity.kind {
            Kind::Ip => {
                if let Ok(ip) = entity.value.parse::<IpAddr>() {
                    self.address_hits(index, ip, entity, times, hits);
                } else {
                    // A network is only ever asked for by `lookup`.
                    self.network_hits(index, entity, times, hits);
                }
            }
            Kind::Domain => self.domain_hits(index, entity, times, hits),
            Kind::Url => {
                let Ok(url) = canonical(Kind::Url, &entity.value) else { return };
                self.value_hits(index, Kind::Url, &key(Kind::Url, &url), entity, times, hits);
                self.host_hits(index, url_host(&url).map_or("", |(host, _)| host), entity, times, hits);
            }
            Kind::Mail => {
                self.value_hits(index, Kind::Mail, &entity.value.to_lowercase(), entity, times, hits);
                self.host_hits(index, entity.value.rsplit('@').next().unwrap_or_default(), entity, times, hits);
            }
            Kind::File => {
                let path = key(Kind::File, &entity.value);
                self.value_hits(index, Kind::File, &path, entity, times, hits);
                if let Some((_, name)) = path.rsplit_once(['/', '\\']) {
                    self.value_hits(index, Kind::File, name, entity, times, hits);
                }
            }
            kind => self.value_hits(index, kind, &key(kind, &entity.value), entity, times, hits),
        }
        // Only now: nearly every value hits nothing, and the check costs more than the look-up.
        if hits.len() > before {
            let mut place = 0;
            hits.retain(|hit| {
                place += 1;
                place <= before || !self.is_warned(&hit.entity)
            });
        }
    }

    /// The value of an event is not always canonical: names come in capitals, addresses as IPv4 in IPv6.
    fn is_warned(&self, entity: &Entity) -> bool {
        let value = canonical(entity.kind, &entity.value);
        let value = value.as_deref().unwrap_or(&entity.value);
        self.warnings.check(entity.kind, value).is_some()
    }

    fn host_hits(
        &self,
        index: &Index,
        host: &str,
        named_by: &Entity,
        times: (Timestamp, Timestamp),
        hits: &mut Vec<Hit>,
    ) {
        if let Ok(ip) = host.parse::<IpAddr>() {
            let entity = Entity::new(Kind::Ip, ip.to_canonical().to_string(), named_by.role);
            self.address_hits(index, ip, &entity, times, hits);
        } else if !host.is_empty() {
            self.domain_hits(index, &Entity::new(Kind::Domain, host, named_by.role), times, hits);
        }
    }

    fn address_hits(
        &self,
        index: &Index,
        ip: IpAddr,
        entity: &Entity,
        times: (Timestamp, Timestamp),
        hits: &mut Vec<Hit>,
    ) {
        if let Some(known) = index.addresses.get(&ip.to_canonical()) {
            self.chain(*known, entity, times, hits);
        }
        for known in index.networks.holding(ip) {
            self.chain(known, entity, times, hits);
        }
    }

    fn network_hits(&self, index: &Index, entity: &Entity, times: (Timestamp, Timestamp), hits: &mut Vec<Hit>) {
        let Ok(net) = network(&entity.value) else { return };
        for known in index.networks.holding(net.network()) {
            let holder = network(&self.known[known as usize].indicator.value);
            if holder.is_ok_and(|holder| holder.contains(&net)) {
                self.chain(known, entity, times, hits);
            }
        }
    }

    /// A domain is hit by an indicator of its own name or of any name above it, label by label.
    fn domain_hits(&self, index: &Index, entity: &Entity, times: (Timestamp, Timestamp), hits: &mut Vec<Hit>) {
        let Some(domains) = index.values.get(&Kind::Domain) else { return };
        let name = key(Kind::Domain, &entity.value);
        let mut rest = name.as_ref();
        loop {
            if let Some(known) = domains.get(rest) {
                self.chain(*known, entity, times, hits);
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => return,
            }
        }
    }

    fn value_hits(
        &self,
        index: &Index,
        kind: Kind,
        key: &str,
        entity: &Entity,
        times: (Timestamp, Timestamp),
        hits: &mut Vec<Hit>,
    ) {
        if let Some(known) = index.values.get(&kind).and_then(|values| values.get(key)) {
            self.chain(*known, entity, times, hits);
        }
    }

    fn chain(&self, first: u32, entity: &Entity, (now, happened): (Timestamp, Timestamp), hits: &mut Vec<Hit>) {
        let mut next = Some(first);
        while let Some(place) = next {
            let known = &self.known[place as usize];
            let Indicator { valid_from, valid_until, .. } = &known.indicator;
            if valid_from.is_none_or(|from| from <= now) && valid_until.is_none_or(|until| happened < until) {
                hits.push(Hit { entity: entity.clone(), known: place });
            }
            next = known.next;
        }
    }
}

/// Returns what a canonical value is looked up by: URLs without `http` or `https`, because a list says one and the log the
/// other; names without regard to case.
fn key(kind: Kind, value: &str) -> Cow<'_, str> {
    match kind {
        Kind::Url => {
            let plain = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
            Cow::Borrowed(plain.unwrap_or(value))
        }
        Kind::Domain | Kind::Host => {
            let name = value.trim_end_matches('.');
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) || !name.is_ascii() {
                return canonical(kind, name).map_or_else(|_| Cow::Owned(name.to_lowercase()), Cow::Owned);
            }
            Cow::Borrowed(name)
        }
        Kind::File | Kind::Hash => {
            if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
                return Cow::Owned(value.to_ascii_lowercase());
            }
            Cow::Borrowed(value)
        }
        _ => Cow::Borrowed(value),
    }
}

/// Returns the rule that stands for an indicator's list, at the level of the indicator's confidence.
fn rule_of(rules: &mut HashMap<(String, Severity), Arc<RuleSummary>>, indicator: &Indicator) -> Arc<RuleSummary> {
    let level = match indicator.confidence {
        80.. => Severity::High,
        50..80 => Severity::Medium,
        25..50 => Severity::Low,
        0..25 => Severity::Informational,
    };
    let rule = rules.entry((indicator.list.clone(), level)).or_insert_with(|| {
        let list: String = indicator.list.chars().filter(|char| !char.is_control()).take(150).collect();
        let id = format!("intel:{list}");
        // An id has at most 200 bytes, and 150 characters may be 600.
        let cut = (0..=id.len().min(200)).rev().find(|at| id.is_char_boundary(*at)).unwrap_or(0);
        Arc::new(RuleSummary {
            id: RuleId::new(&id[..cut]).expect("it is short, not empty and has no control characters"),
            title: format!("Known indicator on list {list}"),
            description: format!("A value that the intelligence list `{list}` names was seen."),
            author: None,
            level,
            tags: vec!["intel".to_owned()],
            attack: Vec::new(),
            references: Vec::new(),
            false_positives: vec!["The value has changed hands since it was listed, or the list is wrong".to_owned()],
        })
    });
    Arc::clone(rule)
}

/// What an analyst wants to know of an indicator.
fn explanation(indicator: &Indicator) -> Vec<FieldMatch> {
    let mut matches = vec![
        FieldMatch { field: "indicator.value".to_owned(), value: one_line(&indicator.value, 1_024) },
        FieldMatch { field: "indicator.confidence".to_owned(), value: indicator.confidence.to_string() },
    ];
    if !indicator.comment.is_empty() {
        matches.push(FieldMatch { field: "indicator.comment".to_owned(), value: one_line(&indicator.comment, 1_024) });
    }
    if !indicator.tags.is_empty() {
        matches
            .push(FieldMatch { field: "indicator.tags".to_owned(), value: one_line(&indicator.tags.join(" "), 1_024) });
    }
    matches
}
