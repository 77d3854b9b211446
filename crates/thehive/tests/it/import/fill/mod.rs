//! Known data: a house filled with as many cases and alerts as a test wants, the same ones for the same seed. It is written
//! straight into the store, by no code that the import uses.

mod alerts;
mod cases;
mod dice;
mod files;
mod parts;
mod people;

use vigie_model::{Access, Case, CaseId, CaseLink, LinkTarget, Share, Stamp, TenantId, Timestamp};
use vigie_store::{Files, Store, Tx};

use alerts::alert;
use cases::{case, on_case};
use dice::{Dice, later};
use files::{bytes, with_files};
use parts::on_parent;
use people::set_up;

/// How much of everything.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) cases: usize,
    pub(crate) alerts: usize,
    /// Every how-manieth case has files.
    pub(crate) file_every: usize,
}

/// Fills a house. The organisations are `main-org` and one whose name no header can have.
pub(crate) async fn fill(store: &Store, files: &Files, plan: Plan) {
    let mut dice = Dice(fastrand::Rng::with_seed(7));
    let (main, other) = (tenant("main-org"), tenant("sued"));
    let mut tx = store.begin().await.unwrap();
    set_up(&mut tx, &mut dice, &main, &other).await;
    tx.commit().await.unwrap();
    let mut cases: Vec<CaseId> = Vec::new();
    for chunk in (0..plan.cases).collect::<Vec<_>>().chunks(500) {
        let stored = bytes(files, *chunk.first().unwrap()).await;
        let mut tx = store.begin().await.unwrap();
        for number in chunk {
            let tenant = if number % 5 == 4 { &other } else { &main };
            let case = case(&mut dice, tenant, *number);
            tx.put(&case).await.unwrap();
            on_case(&mut tx, &mut dice, &case).await;
            if number % plan.file_every == 0 {
                with_files(&mut tx, &mut dice, &case, &stored).await;
            }
            let others = if *tenant == main { &other } else { &main };
            tie(&mut tx, &mut dice, &case, others, cases.last().copied()).await;
            if *tenant == main && case.desk.access == Access::Tenant {
                cases.push(case.id);
            }
        }
        tx.commit().await.unwrap();
    }
    for chunk in (0..plan.alerts).collect::<Vec<_>>().chunks(500) {
        let mut tx = store.begin().await.unwrap();
        for number in chunk {
            let tenant = if number % 5 == 4 { &other } else { &main };
            let case =
                if *tenant == main && dice.chance(30) && !cases.is_empty() { Some(dice.one(&cases)) } else { None };
            let alert = alert(&mut dice, tenant, *number, case);
            tx.put(&alert).await.unwrap();
            on_parent(&mut tx, &mut dice, alert.id.into(), &alert.tenant, alert.created).await;
        }
        tx.commit().await.unwrap();
    }
}

/// Ties a case to the one before, and shows it to the other organisation.
async fn tie(tx: &mut Tx, dice: &mut Dice, case: &Case, others: &TenantId, before: Option<CaseId>) {
    if let (true, Some(before)) = (dice.chance(10), before.filter(|_| case.tenant.as_str() == "main-org")) {
        let target = LinkTarget::Linked(before);
        let id = CaseLink::id_of(case.id, "twin", &target);
        let stamp = Stamp::new("", Timestamp::EPOCH);
        let link = CaseLink { id, tenant: case.tenant.clone(), case: case.id, kind: "twin".into(), target, stamp };
        tx.put(&link).await.unwrap();
    }
    if dice.chance(5) {
        let (id, owner) = (Share::id_of(case.id, others), case.tenant.clone());
        let stamp = Stamp::new(dice.name(), later(case.created, 5));
        let share = Share { id, owner, case: case.id, tenant: others.clone(), profile: "analyst".to_owned(), stamp };
        tx.put(&share).await.unwrap();
    }
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}
