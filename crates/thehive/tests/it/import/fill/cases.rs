//! Cases and what is on them.

use vigie_model::{
    Access, Case, CaseId, CaseLink, CasePage, CaseStatus, Desk, Impact, LinkTarget, PageId, Pap, Resolution, Severity,
    Stamp, Task, TaskId, TaskLog, TaskLogId, TaskStatus, TenantId, TimelineEntry, TimelineId, TimelineKind, Timestamp,
    Tlp, Verdict,
};
use vigie_store::Tx;

use super::dice::{BEGIN, Dice, later};
use super::parts::on_parent;

pub(super) fn case(dice: &mut Dice, tenant: &TenantId, number: usize) -> Case {
    // Three cases of each moment, so that pages end within one.
    let stamp = dice.stamp(Timestamp::from_millis(BEGIN));
    let created = Timestamp::from_millis(BEGIN + i64::try_from(number / 3).unwrap());
    let updated = stamp.updated.map_or(created, |_| later(created, 5_000));
    let verdict = dice.maybe(40, |dice| {
        dice.one(&[
            Verdict::TruePositive,
            Verdict::FalsePositive,
            Verdict::Duplicate,
            Verdict::Indeterminate,
            Verdict::Benign,
        ])
    });
    let status = match verdict {
        Some(_) => CaseStatus::Closed,
        None => dice.one(&[CaseStatus::Open, CaseStatus::InProgress]),
    };
    let summary = dice.maybe(50, Dice::words);
    let started = later(created, 0).minus(std::time::Duration::from_millis(dice.below(1_000_000) as u64));
    Case {
        id: CaseId::from_bytes(dice.bytes()),
        tenant: tenant.clone(),
        number: number as u64 + 1,
        title: format!("case {number} {}", dice.words()),
        description: dice.words(),
        severity: dice.one(&[Severity::Low, Severity::Medium, Severity::High, Severity::Critical]),
        status,
        assignee: dice.maybe(50, Dice::name),
        tlp: dice.one(&[Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red]),
        pap: dice.one(&[Pap::Clear, Pap::Green, Pap::Amber, Pap::Red]),
        tags: dice.tags(),
        first_seen: started,
        last_seen: started,
        created,
        updated,
        acknowledged: (status != CaseStatus::Open).then(|| later(created, 10)),
        closed: verdict.map(|_| later(created, 3_000)),
        resolution: verdict
            .map(|verdict| Resolution { verdict, summary: summary.clone().unwrap_or_else(|| "no summary".to_owned()) }),
        desk: Desk {
            created_by: stamp.created_by,
            updated_by: stamp.updated_by,
            flag: dice.chance(20),
            summary,
            impact: dice.maybe(30, |dice| dice.one(&[Impact::NotApplicable, Impact::WithImpact, Impact::NoImpact])),
            access: if dice.chance(5) {
                Access::Users(vec!["admin@thehive.local".into(), "ann@acme.example".into()])
            } else {
                Access::Tenant
            },
            fields: dice.fields(),
            ..Desk::default()
        },
        version: 1,
    }
}

pub(super) async fn on_case(tx: &mut Tx, dice: &mut Dice, case: &Case) {
    tasks(tx, dice, case).await;
    on_parent(tx, dice, case.id.into(), &case.tenant, case.created).await;
    if dice.chance(10) {
        let page = CasePage {
            id: PageId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            title: dice.words(),
            content: dice.words(),
            position: 1,
            category: "reports".into(),
            stamp: dice.stamp(case.created),
        };
        tx.put(&page).await.unwrap();
        let entry = TimelineEntry {
            id: TimelineId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            time: case.first_seen,
            kind: TimelineKind::Note,
            text: dice.words(),
            until: dice.maybe(50, |_| case.created),
            description: dice.maybe(50, Dice::words),
            stamp: Some(dice.stamp(case.created)),
        };
        tx.put(&entry).await.unwrap();
        let target = LinkTarget::Url("https://tickets.example/1".into());
        let id = CaseLink::id_of(case.id, "ticket", &target);
        let stamp = Stamp::new("", Timestamp::EPOCH);
        let link = CaseLink { id, tenant: case.tenant.clone(), case: case.id, kind: "ticket".into(), target, stamp };
        tx.put(&link).await.unwrap();
    }
}

async fn tasks(tx: &mut Tx, dice: &mut Dice, case: &Case) {
    for position in 0..dice.below(3) {
        let stamp = dice.stamp(case.created);
        let status =
            dice.one(&[TaskStatus::Waiting, TaskStatus::InProgress, TaskStatus::Completed, TaskStatus::Cancelled]);
        let task = Task {
            id: TaskId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            title: dice.words(),
            description: dice.words(),
            status,
            assignee: dice.maybe(30, Dice::name),
            group: dice.one(&["default", "contain"]).into(),
            position: u32::try_from(position).unwrap(),
            mandatory: dice.chance(10),
            flag: dice.chance(10),
            due: dice.maybe(20, |_| later(case.created, 90_000)),
            started: (status != TaskStatus::Waiting).then(|| later(case.created, 1)),
            ended: matches!(status, TaskStatus::Completed | TaskStatus::Cancelled).then(|| later(case.created, 2)),
            asked_of: Vec::new(),
            stamp,
        };
        tx.put(&task).await.unwrap();
        if dice.chance(40) {
            let stamp = dice.stamp(task.stamp.created);
            let log = TaskLog {
                id: TaskLogId::from_bytes(dice.bytes()),
                tenant: case.tenant.clone(),
                case: case.id,
                task: task.id,
                text: dice.words(),
                date: later(task.stamp.created, 3),
                on_timeline: dice.maybe(30, |_| later(case.created, 4)),
                stamp,
            };
            tx.put(&log).await.unwrap();
        }
    }
}
