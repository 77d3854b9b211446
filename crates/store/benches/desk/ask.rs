//! The questions that a desk is asked all day.

use vigie_model::{Comparison, Direction, Filter, Selection, Severity, Sort, TenantId, TenantScope, Timestamp, Value};
use vigie_store::{Listing, Sharing, Store};

use crate::measure::{Clock, Table};
use crate::world::World;

/// How many rows a page of the console has.
const PAGE: u32 = 50;
const DAY_US: i64 = 86_400_000_000;

/// What a list is filtered by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum By {
    Status,
    Severity,
    Assignee,
    Tag,
    Source,
    Range,
    Rule,
    Text,
}

const ALERTS_BY: [By; 8] = [By::Status, By::Severity, By::Assignee, By::Tag, By::Source, By::Range, By::Rule, By::Text];
const CASES_BY: [By; 6] = [By::Status, By::Severity, By::Assignee, By::Tag, By::Range, By::Text];

/// For whom.
#[derive(Debug, Clone, Copy)]
pub(crate) enum For {
    One,
    Several,
    All,
}

pub(crate) const FOR: [For; 3] = [For::One, For::Several, For::All];

impl For {
    /// Returns one tenant (a large one or any), five of them, or all.
    fn scope(self, world: &mut World) -> TenantScope {
        let any = |world: &mut World| -> TenantId {
            let place = world.rng.usize(0..world.tenants.all.len());
            if world.rng.bool() { world.tenants.all[place].clone() } else { world.tenants.pick(&mut world.rng).clone() }
        };
        match self {
            Self::One => TenantScope::Only(vec![any(world)]),
            Self::Several => {
                let mut tenants: Vec<TenantId> = (0..5).map(|_| any(world)).collect();
                tenants.sort();
                tenants.dedup();
                TenantScope::Only(tenants)
            }
            Self::All => TenantScope::All,
        }
    }
}

/// Asks everything so many times each, and returns how long it took.
pub(crate) struct Asking<'a> {
    pub(crate) store: &'a Store,
    pub(crate) world: &'a mut World,
    pub(crate) runs: usize,
    /// Only what has this in its name.
    pub(crate) only: Option<String>,
}

impl Asking<'_> {
    pub(crate) async fn alerts(&mut self) -> Table {
        let mut table = Table::new("alerts, the first 50 and how many there are (at most 10,000)");
        self.lists(&mut table, &ALERTS_BY, true).await;
        table
    }

    pub(crate) async fn cases(&mut self) -> Table {
        let mut table = Table::new("cases, the first 50 and how many there are (at most 10,000)");
        self.lists(&mut table, &CASES_BY, false).await;
        table
    }

    async fn lists(&mut self, table: &mut Table, by: &[By], alerts: bool) {
        self.list(table, &[], alerts).await;
        for one in by {
            self.list(table, &[*one], alerts).await;
        }
        for (place, one) in by.iter().enumerate() {
            for other in &by[place + 1..] {
                self.list(table, &[*one, *other], alerts).await;
            }
        }
    }

    async fn list(&mut self, table: &mut Table, by: &[By], alerts: bool) {
        let name = by.iter().map(|by| format!("{by:?}").to_lowercase()).collect::<Vec<_>>().join(" + ");
        let name = if name.is_empty() { "everything".to_owned() } else { name };
        if !self.wants(&name) {
            return;
        }
        for whom in FOR {
            let mut clock = Clock::default();
            for _ in 0..self.runs {
                let scope = whom.scope(self.world);
                let listing = Listing::first(PAGE).filtered(self.filter(by, alerts));
                if alerts {
                    clock
                        .time(async || self.store.alerts(&scope, &listing).await.expect("it is a good question").total)
                        .await;
                } else {
                    clock
                        .time(async || self.store.cases(&scope, &listing).await.expect("it is a good question").total)
                        .await;
                }
            }
            table.add(&name, whom, clock);
        }
    }

    /// Other orders, deeper pages, exact counts, and what is alike.
    pub(crate) async fn others(&mut self) -> Table {
        let mut table = Table::new("other questions");
        for whom in FOR {
            self.sorted(&mut table, whom).await;
            self.selected(&mut table, whom).await;
            self.counted(&mut table, whom).await;
        }
        self.alike(&mut table).await;
        table
    }

    async fn sorted(&mut self, table: &mut Table, whom: For) {
        for (name, field, by) in [
            ("alerts by severity", "severity", &[][..]),
            ("alerts by last event", "last_seen", &[]),
            ("new or taken alerts by severity", "severity", &[By::Status]),
            ("alerts of a rule by severity", "severity", &[By::Rule]),
            ("alerts with a tag by last event", "last_seen", &[By::Tag]),
        ] {
            if !self.wants(name) {
                continue;
            }
            let mut clock = Clock::default();
            for _ in 0..self.runs {
                let scope = whom.scope(self.world);
                let listing = Listing::first(PAGE).filtered(self.filter(by, true)).sorted(field, Direction::Descending);
                clock
                    .time(async || self.store.alerts(&scope, &listing).await.expect("it is a good question").total)
                    .await;
            }
            table.add(name, whom, clock);
        }
    }

    /// As TheHive's clients ask: rows by number, newest first.
    async fn selected(&mut self, table: &mut Table, whom: For) {
        for (name, by, from) in [
            ("TheHive: alerts 0 to 15", &[][..], 0),
            ("TheHive: alerts 1,000 to 1,015", &[], 1_000),
            ("TheHive: alerts of a status, 0 to 15", &[By::Status], 0),
            ("TheHive: alerts with a tag, 0 to 15", &[By::Tag], 0),
            ("TheHive: alerts with a tag, 1,000 to 1,015", &[By::Tag], 1_000),
        ] {
            if !self.wants(name) {
                continue;
            }
            let mut clock = Clock::default();
            for _ in 0..self.runs {
                let scope = whom.scope(self.world);
                let selection = Selection {
                    filter: self.filter(by, true),
                    sorts: vec![Sort { field: "created".into(), direction: Direction::Descending }],
                    from,
                    limit: 15,
                };
                clock
                    .time(async || {
                        let rows: Vec<vigie_model::Alert> =
                            self.store.select(&scope, &selection).await.expect("it is a good question");
                        rows.len() as u64
                    })
                    .await;
            }
            table.add(name, whom, clock);
        }
    }

    async fn counted(&mut self, table: &mut Table, whom: For) {
        for (name, by) in [
            ("TheHive: how many alerts, exactly", &[][..]),
            ("TheHive: how many alerts of a status, exactly", &[By::Status]),
            ("TheHive: how many with a tag of a severity, exactly", &[By::Tag, By::Severity]),
        ] {
            if !self.wants(name) {
                continue;
            }
            let mut clock = Clock::default();
            for _ in 0..self.runs {
                let scope = whom.scope(self.world);
                let filter = self.filter(by, true);
                clock
                    .time(async || {
                        self.store.count::<vigie_model::Alert>(&scope, &filter).await.expect("it is a good question")
                    })
                    .await;
            }
            table.add(name, whom, clock);
        }
    }

    /// What shares a value with an alert: of its tenant, as the console asks.
    async fn alike(&mut self, table: &mut Table) {
        let (mut alerts, mut cases) = (Clock::default(), Clock::default());
        for _ in 0..self.runs {
            let page = Listing::first(PAGE).filtered(self.filter(&[By::Range], true));
            let rows = self.store.alerts(&TenantScope::All, &page).await.expect("it is a good question").rows;
            let Some(alert) = rows.first() else { continue };
            let scope = TenantScope::Only(vec![alert.tenant.clone()]);
            let values: Vec<_> = alert.entities.iter().map(|entity| (entity.kind, entity.value.clone())).collect();
            let sharing = Sharing { values, since: Timestamp::MIN, statuses: Vec::new(), limit: 200 };
            alerts
                .time(async || {
                    self.store.alerts_sharing(&scope, &sharing).await.expect("it is a good question").len() as u64
                })
                .await;
            cases
                .time(async || {
                    self.store.cases_sharing(&scope, &sharing.values, 100).await.expect("it is a good question").len()
                        as u64
                })
                .await;
        }
        table.add("similar alerts", For::One, alerts);
        table.add("similar cases", For::One, cases);
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }

    fn filter(&mut self, by: &[By], alerts: bool) -> Filter {
        match by {
            [] => Filter::All,
            [one] => self.part(*one, alerts),
            several => Filter::And(several.iter().map(|one| self.part(*one, alerts)).collect()),
        }
    }

    /// Returns a condition with a value that occurs: half the time as often as it occurs, half the time any.
    fn part(&mut self, by: By, alerts: bool) -> Filter {
        let is_any = self.world.rng.bool();
        let world = &mut *self.world;
        let is = |name: &str, value: &str| Filter::Field {
            name: name.to_owned(),
            comparison: Comparison::Equal,
            value: Value::Text(value.to_owned()),
        };
        match by {
            By::Status => {
                let first = if alerts { "new" } else { "open" };
                match world.rng.u32(0..4) {
                    0 => is("status", first),
                    1 => is("status", "in_progress"),
                    2 => is("status", "closed"),
                    _ => Filter::OneOf {
                        name: "status".into(),
                        values: vec![Value::Text(first.into()), Value::Text("in_progress".into())],
                    },
                }
            }
            By::Severity => is("severity", Severity::ALL[world.rng.usize(0..5)].as_str()),
            By::Assignee => is("assignee", some(&world.analysts, is_any, &mut world.rng).as_str()),
            By::Tag => is("tag", some(&world.tags, is_any, &mut world.rng).as_str()),
            By::Source => {
                let source = some::<&str>(&world.sources, is_any, &mut world.rng);
                is("source", source)
            }
            By::Rule => is("rule", some(&world.rules, is_any, &mut world.rng).id.as_str()),
            By::Range => {
                let days = [1, 7, 30, 90][world.rng.usize(0..4)] * DAY_US;
                let end = if is_any { world.end().as_micros() } else { world.any_time().as_micros() };
                let bound = |comparison, at: i64| Filter::Field {
                    name: "created".into(),
                    comparison,
                    value: Value::Text(Timestamp::from_micros(at).to_string()),
                };
                Filter::And(vec![bound(Comparison::GreaterOrEqual, end - days), bound(Comparison::Less, end)])
            }
            By::Text => Filter::Text(world.word()),
        }
    }
}

fn some<'a, T>(skewed: &'a crate::world::Skewed<T>, is_any: bool, rng: &mut fastrand::Rng) -> &'a T {
    if is_any { &skewed.all[rng.usize(0..skewed.all.len())] } else { skewed.pick(rng) }
}
