//! Fills a new database.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use vigie_model::{Alert, Observable, Tenant, TenantId};
use vigie_store::Store;

use crate::world::{ALERTS_A_CASE, World, on};

/// How many alerts are saved in one transaction.
const BATCH: u64 = 1_000;

/// Returns the store in this folder, filled if that was not finished before.
pub(crate) async fn filled(folder: &Path, world: &mut World, alerts: u64, cases: u64) -> Store {
    let path = folder.join("vigie.db");
    let done = folder.join(format!("filled-{alerts}-{cases}"));
    if done.exists() {
        return Store::open(&path).await.expect("the database of the last run opens");
    }
    assert!(!path.exists(), "{} was filled otherwise or half: delete it", path.display());
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let store = Store::open(&path).await.expect("a new database opens");
    let begun = Instant::now();
    let mut tx = store.begin().await.expect("nobody else writes");
    for tenant in &world.tenants.all {
        tx.ensure_tenant(tenant, tenant.as_str(), world.time_of(0)).await.expect("a tenant can be made known");
    }
    tx.commit().await.expect("the disk has room");
    let mut filling = Filling { cases_left: cases, numbers: BTreeMap::new() };
    for from in (0..alerts).step_by(usize::try_from(BATCH).expect("it is small")) {
        filling.batch(&store, world, from..(from + BATCH).min(alerts)).await;
        if from % 50_000 == 0 {
            let mut out = std::io::stderr();
            writeln!(out, "{from} alerts after {:.0} s", begun.elapsed().as_secs_f64())
                .expect("standard error takes it");
        }
    }
    let mut out = std::io::stdout();
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(out, "filled in {seconds:.0} s, {:.0} alerts/s", alerts as f64 / seconds)
        .expect("standard output takes it");
    std::fs::write(done, "").expect("the folder can be written");
    store
}

struct Filling {
    cases_left: u64,
    numbers: BTreeMap<TenantId, u64>,
}

impl Filling {
    async fn batch(&mut self, store: &Store, world: &mut World, numbers: std::ops::Range<u64>) {
        let mut tx = store.begin().await.expect("nobody else writes");
        let mut observables: Vec<Observable> = Vec::new();
        let mut alerts: Vec<Alert> = Vec::new();
        for number in numbers {
            let arrival = world.arrival(number);
            observables.extend(arrival.observables);
            alerts.push(arrival.alert);
        }
        for together in alerts.chunks_mut(usize::try_from(ALERTS_A_CASE).expect("it is small")) {
            if self.cases_left == 0 {
                break;
            }
            self.cases_left -= 1;
            let first = together[0].clone();
            let number = self.numbers.entry(first.tenant.clone()).or_default();
            *number += 1;
            let case = world.case(*number, &first);
            for alert in together.iter_mut().filter(|alert| alert.tenant == first.tenant) {
                alert.case = Some(case.id);
            }
            tx.save_case(&case, None).await.expect("a new case can be saved");
            observables.extend(on(case.id.into(), &first));
        }
        for alert in &alerts {
            tx.save_alert(alert, None).await.expect("a new alert can be saved");
        }
        tx.put_all(&observables).await.expect("new observables can be saved");
        tx.commit().await.expect("the disk has room");
    }
}

/// Returns the tenants there are.
pub(crate) async fn tenants(store: &Store) -> Vec<Tenant> {
    store.tenants().await.expect("they can be listed")
}
