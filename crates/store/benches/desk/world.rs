//! A SOC's desk out of a seed: the same seed and size give the same rows.

use std::sync::Arc;

use fastrand::Rng;
use vigie_model::{
    Alert, AlertId, AlertOrigin, AlertStatus, Case, CaseId, CaseStatus, Desk, Entity, EntityRole, Observable,
    ObservableKind, Pap, Resolution, RuleId, RuleSummary, Severity, Stamp, TenantId, Timestamp, Tlp, Verdict,
};

/// Over how many days alerts are spread.
const DAYS: i64 = 540;
/// When the last one came unless somebody says otherwise: so long after 2025-01-01T00:00:00Z.
pub(crate) const UNTIL_S: i64 = 1_735_689_600 + DAYS * 86_400;
/// Observables on each alert.
pub(crate) const OBSERVABLES: usize = 5;
/// So many alerts come for each case.
pub(crate) const ALERTS_A_CASE: u64 = 10;

const WORDS: [&str; 56] = [
    "suspicious",
    "login",
    "failed",
    "brute",
    "force",
    "beacon",
    "process",
    "created",
    "service",
    "account",
    "powershell",
    "encoded",
    "command",
    "download",
    "malware",
    "ransomware",
    "lateral",
    "movement",
    "privilege",
    "escalation",
    "credential",
    "dumping",
    "phishing",
    "mail",
    "attachment",
    "macro",
    "registry",
    "persistence",
    "scheduled",
    "task",
    "firewall",
    "scan",
    "port",
    "exfiltration",
    "tunnel",
    "domain",
    "controller",
    "kerberos",
    "ticket",
    "golden",
    "root",
    "console",
    "policy",
    "bucket",
    "public",
    "key",
    "rotated",
    "disabled",
    "logging",
    "detected",
    "anomalous",
    "volume",
    "remote",
    "access",
    "tool",
    "web",
];
const SOURCES: [&str; 8] =
    ["wazuh", "crowdstrike", "guardduty", "sentinel", "suricata", "okta", "proofpoint", "handmade"];

/// Things that occur more or less often: the first most.
pub(crate) struct Skewed<T> {
    pub(crate) all: Vec<T>,
    weights: Vec<f64>,
}

impl<T> Skewed<T> {
    /// Weighs the items by 1/(rank + shift)^slope.
    fn new(all: Vec<T>, shift: f64, slope: f64) -> Self {
        let mut sum = 0.0;
        let weight = |rank: usize| {
            sum += 1.0 / (rank as f64 + shift).powf(slope);
            sum
        };
        let weights = (0..all.len()).map(weight).collect();
        Self { all, weights }
    }

    /// Returns one of them, by weight.
    pub(crate) fn pick(&self, rng: &mut Rng) -> &T {
        let at = rng.f64() * self.weights.last().copied().unwrap_or(0.0);
        &self.all[self.weights.partition_point(|weight| *weight < at).min(self.all.len() - 1)]
    }
}

/// What the rows are made of.
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) tenants: Skewed<TenantId>,
    pub(crate) rules: Skewed<Arc<RuleSummary>>,
    pub(crate) tags: Skewed<String>,
    pub(crate) analysts: Skewed<String>,
    pub(crate) sources: Skewed<&'static str>,
    pub(crate) words: Skewed<String>,
    /// Values that come together again and again.
    pub(crate) campaigns: Skewed<Vec<(ObservableKind, String)>>,
    alerts: u64,
    /// When the last alert came, in seconds since 1970.
    until: i64,
}

/// An alert with what a feeder put on it.
pub(crate) struct Arrival {
    pub(crate) alert: Alert,
    pub(crate) observables: Vec<Observable>,
}

impl World {
    pub(crate) fn new(seed: u64, alerts: u64, until: i64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let tenant = |number| TenantId::new(&format!("client-{number:02}")).expect("it is a slug");
        let mut words: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        words.extend((0..6_000).map(|_| spoken(&mut rng)));
        let words = Skewed::new(words, 12.0, 1.05);
        let rules = (0..200).map(|number| rule(number, &mut rng, &words)).collect();
        let tags = (0..500).map(|number| format!("{}-{number}", spoken(&mut rng))).collect();
        let analysts = (0..30).map(|number| format!("analyst{number:02}@soc.example")).collect();
        let campaigns = (0..3_000).map(|_| (0..12).map(|place| value(place % 5, &mut rng)).collect()).collect();
        Self {
            tenants: Skewed::new((0..24).map(tenant).collect(), 1.0, 1.2),
            rules: Skewed::new(rules, 3.0, 1.0),
            tags: Skewed::new(tags, 2.0, 1.0),
            analysts: Skewed::new(analysts, 6.0, 1.0),
            sources: Skewed::new(SOURCES.to_vec(), 1.0, 0.9),
            words,
            campaigns: Skewed::new(campaigns, 8.0, 0.9),
            rng,
            alerts,
            until,
        }
    }

    /// Returns when the how-manieth alert came.
    pub(crate) fn time_of(&self, number: u64) -> Timestamp {
        let span_us = i128::from(DAYS) * 86_400_000_000;
        let at = span_us * i128::from(number) / i128::from(self.alerts.max(1));
        let begin = self.until - DAYS * 86_400;
        Timestamp::from_micros(begin * 1_000_000 + i64::try_from(at).unwrap_or(i64::MAX))
    }

    /// Returns when one of them came.
    pub(crate) fn any_time(&mut self) -> Timestamp {
        let number = self.rng.u64(0..self.alerts.max(1));
        self.time_of(number)
    }

    /// Returns when the last one came.
    pub(crate) fn end(&self) -> Timestamp {
        self.time_of(self.alerts)
    }

    /// Returns the how-manieth alert. Seven of ten come from a feeder, the others from findings of ours.
    pub(crate) fn arrival(&mut self, number: u64) -> Arrival {
        let created = self.time_of(number);
        let tenant = self.tenants.pick(&mut self.rng).clone();
        let rule = Arc::clone(self.rules.pick(&mut self.rng));
        let entities = self.entities(&tenant);
        let origin = (self.rng.u32(0..10) < 7).then(|| AlertOrigin {
            kind: "external".into(),
            source: (*self.sources.pick(&mut self.rng)).to_owned(),
            reference: format!("ref-{number}"),
            link: Some(format!("https://siem.example/alerts/{number}")),
        });
        let key =
            vec![entities[0].clone(), Entity::new(ObservableKind::Other, number.to_string(), EntityRole::Related)];
        let id = match &origin {
            Some(_) => AlertId::from_bytes(self.rng.u128(..).to_be_bytes()).at(created),
            None => Alert::id_of(&tenant, &rule.id, &key, 1, created),
        };
        let mut tags = rule.tags.clone();
        tags.extend((0..self.rng.usize(1..4)).map(|_| self.tags.pick(&mut self.rng).clone()));
        let description = (0..25).map(|_| self.words.pick(&mut self.rng).as_str()).collect::<Vec<_>>().join(" ");
        let mut alert = Alert {
            id,
            tenant,
            generation: 1,
            title: format!("{}: {} → {}", rule.title, entities[0].value, entities[1].value),
            severity: if self.rng.u32(0..10) < 8 { rule.level } else { Severity::ALL[self.rng.usize(0..5)] },
            status: AlertStatus::New,
            assignee: None,
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            tags,
            count: 1 + self.rng.u64(0..20),
            first_seen: created,
            last_seen: Timestamp::from_micros(created.as_micros() + self.rng.i64(0..3_600_000_000)),
            created,
            updated: created,
            last_finding: created,
            acknowledged: None,
            closed: None,
            resolution: None,
            case: None,
            entities,
            samples: Vec::new(),
            matches: Vec::new(),
            description: if origin.is_some() { description } else { String::new() },
            origin,
            desk: Desk { created_by: "key:feeder".into(), ..Desk::default() },
            version: 1,
            key: Vec::new(),
            rule,
        };
        if alert.origin.is_none() {
            alert.key = key;
        }
        self.age(&mut alert);
        let observables = if alert.origin.is_some() { observables(&alert) } else { Vec::new() };
        Arrival { alert, observables }
    }

    /// What came lately is mostly new, the rest mostly closed.
    fn age(&mut self, alert: &mut Alert) {
        let days = self.end().since(alert.created).as_secs() / 86_400;
        let (new, taken) = match days {
            0..2 => (55, 20),
            2..14 => (10, 10),
            _ => (1, 1),
        };
        let fate = self.rng.u32(0..100);
        if fate < new {
            return;
        }
        alert.assignee = (self.rng.u32(0..10) < 9).then(|| self.analysts.pick(&mut self.rng).clone());
        alert.acknowledged = Some(alert.created);
        alert.status = AlertStatus::InProgress;
        if fate >= new + taken {
            alert.status = AlertStatus::Closed;
            alert.closed = Some(alert.last_seen);
            let verdict = [Verdict::FalsePositive, Verdict::Benign, Verdict::TruePositive][self.rng.usize(0..3)];
            alert.resolution = Some(Resolution { verdict, summary: "looked at".into() });
        }
    }

    fn entities(&mut self, tenant: &TenantId) -> Vec<Entity> {
        let host = format!("{tenant}-host-{:04}", (self.rng.f64().powi(2) * 4_000.0) as u32);
        let mut values = vec![value(0, &mut self.rng), (ObservableKind::Host, host)];
        values.push((ObservableKind::User, format!("user{:04}", self.rng.u32(0..3_000))));
        values.push(value(self.rng.usize(1..5), &mut self.rng));
        if self.rng.u32(0..10) < 3 {
            let campaign = self.campaigns.pick(&mut self.rng);
            values[0] = campaign[self.rng.usize(0..3) * 5 % 12].clone();
            values.push(campaign[self.rng.usize(0..campaign.len())].clone());
        }
        while values.len() < OBSERVABLES {
            values.push(value(values.len() % 5, &mut self.rng));
        }
        values.into_iter().map(|(kind, value)| Entity::new(kind, value, EntityRole::Related)).collect()
    }

    /// Returns the case of a tenant that these alerts are put into.
    pub(crate) fn case(&mut self, number: u64, of: &Alert) -> Case {
        let description = (0..60).map(|_| self.words.pick(&mut self.rng).as_str()).collect::<Vec<_>>().join(" ");
        let status = match of.status {
            AlertStatus::New => CaseStatus::Open,
            AlertStatus::InProgress => CaseStatus::InProgress,
            AlertStatus::Closed => CaseStatus::Closed,
        };
        Case {
            id: CaseId::derive([b"case".as_slice(), of.id.as_bytes()]).at(of.created),
            tenant: of.tenant.clone(),
            number,
            title: format!("{} on {}", of.rule.title, of.entities[1].value),
            description,
            severity: of.severity,
            status,
            assignee: Some(self.analysts.pick(&mut self.rng).clone()),
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            tags: of.tags.clone(),
            first_seen: of.first_seen,
            last_seen: of.last_seen,
            created: of.created,
            updated: of.updated,
            acknowledged: of.acknowledged,
            closed: of.closed,
            resolution: of.resolution.clone(),
            desk: Desk { created_by: "ann".into(), ..Desk::default() },
            version: 1,
        }
    }

    /// Returns words that somebody would look for: as often as they are written, or just any.
    pub(crate) fn word(&mut self) -> String {
        match self.rng.u32(0..4) {
            0 => self.words.all[self.rng.usize(0..self.words.all.len())].clone(),
            1 => value(0, &mut self.rng).1,
            _ => self.words.pick(&mut self.rng).clone(),
        }
    }
}

/// Returns the observables of an alert's entities.
fn observables(alert: &Alert) -> Vec<Observable> {
    on(alert.id.into(), alert)
}

/// Returns the observables of an alert's entities on something else.
pub(crate) fn on(parent: vigie_model::Parent, alert: &Alert) -> Vec<Observable> {
    let mut all: Vec<Observable> = Vec::new();
    for entity in &alert.entities {
        if all.iter().any(|one| one.kind == entity.kind && one.value == entity.value) {
            continue;
        }
        all.push(Observable {
            id: Observable::id_of(parent, entity.kind.as_str(), &entity.value),
            tenant: alert.tenant.clone(),
            on: parent,
            kind: entity.kind,
            data_type: None,
            value: entity.value.clone(),
            attachment: None,
            role: entity.role,
            ioc: false,
            warning: None,
            context: Vec::new(),
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            tags: Vec::new(),
            message: None,
            sighted: None,
            unlike: false,
            first_seen: alert.first_seen,
            last_seen: alert.last_seen,
            stamp: Some(Stamp::new("key:feeder", alert.created)),
        });
    }
    all
}

fn rule(number: u32, rng: &mut Rng, words: &Skewed<String>) -> Arc<RuleSummary> {
    let title: Vec<&str> = (0..4).map(|_| WORDS[rng.usize(0..WORDS.len())]).collect();
    let description: Vec<&str> = (0..15).map(|_| words.pick(rng).as_str()).collect();
    let level = [Severity::Medium, Severity::Low, Severity::Informational, Severity::High, Severity::Critical];
    let level = level[match rng.u32(0..100) {
        0..35 => 0,
        35..65 => 1,
        65..85 => 2,
        85..97 => 3,
        _ => 4,
    }];
    Arc::new(RuleSummary {
        id: RuleId::new(&format!("{:08x}-vigie-{number:03}", rng.u32(..))).expect("it is printable"),
        title: title.join(" "),
        description: description.join(" "),
        author: None,
        level,
        tags: vec![format!("attack.t1{:03}", rng.u32(0..60)), format!("attack.{}", WORDS[rng.usize(0..14)])],
        attack: Vec::new(),
        references: Vec::new(),
        false_positives: Vec::new(),
    })
}

fn value(kind: usize, rng: &mut Rng) -> (ObservableKind, String) {
    match kind {
        0 => (ObservableKind::Ip, format!("{}.{}.{}.{}", rng.u8(1..224), rng.u8(..), rng.u8(..), rng.u8(..))),
        1 => (ObservableKind::Domain, format!("{}.{}.example", spoken(rng), spoken(rng))),
        2 => (ObservableKind::Hash, format!("{:032x}{:032x}", rng.u128(..), rng.u128(..))),
        3 => (ObservableKind::Url, format!("https://{}.example/{}/{}", spoken(rng), spoken(rng), rng.u32(0..10_000))),
        _ => (ObservableKind::Mail, format!("{}{}@{}.example", spoken(rng), rng.u32(0..100), spoken(rng))),
    }
}

fn spoken(rng: &mut Rng) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dar", "len", "mir", "gor", "tas", "vel", "qui",
        "sta", "pre", "fon", "chi", "wer", "ox", "ya",
    ];
    (0..rng.usize(2..5)).map(|_| SYLLABLES[rng.usize(0..SYLLABLES.len())]).collect()
}
