//! One case of several, and one observable of several that are the same.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use vigie_cases::{CaseMerge, Folded, MERGED_CASES_MAX, fold_observables, merge_cases};
use vigie_model::{
    Alert, Attachment, AttachmentId, AttachmentOwner, Case, CaseId, CaseLink, CasePage, Comment, Filter, Job,
    LinkTarget, Observable, Parent, Procedure, Share, Task, TaskLog, TimelineEntry, Value as ModelValue, Verb,
};
use vigie_store::Object;

use super::{find, find_own, on};
use crate::door::Door;
use crate::query::equals;
use crate::route::{Route, post};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How much may be on cases that are merged, altogether.
pub(crate) const MERGED_PARTS_MAX: u64 = 10_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/case/_merge/{ids}", "manageCase/merge", merge),
        post("/api/v1/case/{id}/observable/_merge", "manageObservable", merge_observables),
    ]
}

/// Makes one case of several: what is on them moves to it, and they are gone.
async fn merge(State(door): State<Door>, visitor: Visitor, Path(ids): Path<String>) -> Result<Json<Value>, Fault> {
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.len() > MERGED_CASES_MAX {
        return Err(Fault::bad(format!("too many cases: at most {MERGED_CASES_MAX} at once")));
    }
    let mut work = Work::begin(&door, &visitor).await?;
    let mut cases: Vec<Case> = Vec::new();
    for id in ids {
        let case = find_own(&mut work, id).await?;
        // The same case may be named twice.
        if cases.iter().all(|known| known.id != case.id) {
            cases.push(case);
        }
    }
    let number = work.tx.next_case_number(&visitor.tenant.id).await?;
    let merge = CaseMerge { id: work.id(), number, cases: &cases, by: &work.by(), now: work.now };
    let merged = merge_cases(&merge)?;
    check_size(&mut work, &cases).await?;
    work.create(&merged).await?;
    move_parts(&mut work, &cases, &merged).await?;
    let folded = fold(&mut work, &merged).await?;
    apply(&mut work, &folded).await?;
    for case in &cases {
        work.tx.move_actions(case.id, merged.id).await?;
        work.remove(case).await?;
    }
    work.commit().await?;
    Ok(Json(show(merged, &door, &visitor).await?))
}

async fn check_size(work: &mut Work<'_>, cases: &[Case]) -> Result<(), Fault> {
    let all = of(cases);
    let (store, scope) = (&work.door.store, work.scope());
    let parts = [
        store.count::<Observable>(scope, &all).await?,
        store.count::<Task>(scope, &all).await?,
        store.count::<TaskLog>(scope, &all).await?,
        store.count::<Comment>(scope, &all).await?,
        store.count::<Procedure>(scope, &all).await?,
        store.count::<TimelineEntry>(scope, &all).await?,
        store.count::<Alert>(scope, &all).await?,
    ];
    if parts.iter().sum::<u64>() > MERGED_PARTS_MAX {
        return Err(Fault::bad(format!("too much is on these cases to merge them: at most {MERGED_PARTS_MAX} parts")));
    }
    Ok(())
}

fn of(cases: &[Case]) -> Filter {
    let values = cases.iter().map(|case| ModelValue::Text(case.id.to_string())).collect();
    Filter::OneOf { name: "case".to_owned(), values }
}

/// Makes what is on the cases that of the one that they become.
async fn move_parts(work: &mut Work<'_>, cases: &[Case], merged: &Case) -> Result<(), Fault> {
    let (to, all) = (merged.id, of(cases));
    let on = Parent::Case(to);
    let by = work.by();
    let now = work.now;
    move_all(work, &all, |alert: &Alert| {
        let mut moved = Alert { case: Some(to), updated: now, version: alert.version + 1, ..alert.clone() };
        moved.desk.updated_by = Some(by.clone());
        moved
    })
    .await?;
    move_all(work, &all, |observable: &Observable| Observable { on, ..observable.clone() }).await?;
    move_all(work, &all, |task: &Task| Task { case: to, ..task.clone() }).await?;
    move_all(work, &all, |log: &TaskLog| TaskLog { case: to, ..log.clone() }).await?;
    move_all(work, &all, |comment: &Comment| Comment { on, ..comment.clone() }).await?;
    move_all(work, &all, |procedure: &Procedure| Procedure { on, ..procedure.clone() }).await?;
    move_all(work, &all, |page: &CasePage| CasePage { case: to, ..page.clone() }).await?;
    move_all(work, &all, |file: &Attachment| Attachment { owner: AttachmentOwner::Case(to), ..file.clone() }).await?;
    move_all(work, &all, |entry: &TimelineEntry| TimelineEntry { case: to, ..entry.clone() }).await?;
    move_links(work, cases, to).await?;
    move_shares(work, cases, to).await
}

/// What several become is shared with whom each of them was: nobody sees more by a merge. Where the profiles differ, they
/// may only read.
async fn move_shares(work: &mut Work<'_>, cases: &[Case], to: CaseId) -> Result<(), Fault> {
    let shares: Vec<Share> = work.all(of(cases)).await?;
    for share in &shares {
        work.remove(share).await?;
    }
    let Some(first) = cases.first() else { return Ok(()) };
    for share in shares.iter().filter(|share| share.case == first.id) {
        let same: Vec<&Share> = shares.iter().filter(|other| other.tenant == share.tenant).collect();
        if same.len() < cases.len() {
            continue;
        }
        let is_one = same.iter().all(|other| other.profile == share.profile);
        let profile = if is_one { share.profile.as_str() } else { super::shares::USUAL_PROFILE };
        let id = Share::id_of(to, &share.tenant);
        work.create(&Share { id, case: to, profile: profile.to_owned(), ..share.clone() }).await?;
    }
    Ok(())
}

async fn move_all<T: Object>(work: &mut Work<'_>, all: &Filter, moved: impl Fn(&T) -> T) -> Result<(), Fault> {
    let parts: Vec<T> = work.all(all.clone()).await?;
    for before in &parts {
        work.change_as(Verb::Merge, before, &moved(before)).await?;
    }
    Ok(())
}

/// Links between the cases are gone with them; the others lead from or to what they become.
async fn move_links(work: &mut Work<'_>, cases: &[Case], to: CaseId) -> Result<(), Fault> {
    let values: Vec<ModelValue> = cases.iter().map(|case| ModelValue::Text(case.id.to_string())).collect();
    let either = Filter::Or(vec![of(cases), Filter::OneOf { name: "linked".to_owned(), values }]);
    let links: Vec<CaseLink> = work.all(either).await?;
    let is_merged = |case: CaseId| cases.iter().any(|merged| merged.id == case);
    let mut known = Vec::new();
    for link in links {
        work.remove(&link).await?;
        let target = match link.target.clone() {
            LinkTarget::Linked(other) if is_merged(other) && is_merged(link.case) => continue,
            LinkTarget::Linked(other) if is_merged(other) => LinkTarget::Linked(to),
            target => target,
        };
        let case = if is_merged(link.case) { to } else { link.case };
        let id = CaseLink::id_of(case, &link.kind, &target);
        if !known.contains(&id) {
            known.push(id);
            work.create(&CaseLink { id, case, target, ..link }).await?;
        }
    }
    Ok(())
}

/// Makes one of the observables of a case that are the same, and says how many stayed, changed and are gone.
async fn merge_observables(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find(&mut work, &id).await?;
    work.allow(&case).await?;
    let folded = fold(&mut work, &case).await?;
    apply(&mut work, &folded).await?;
    work.commit().await?;
    Ok(Json(json!({
        "untouched": folded.untouched,
        "updated": folded.changed.len(),
        "deleted": folded.gone.len(),
    })))
}

async fn fold(work: &mut Work<'_>, case: &Case) -> Result<Folded, Fault> {
    let observables: Vec<Observable> = work.all(on(case.id)).await?;
    let ids = observables.iter().filter(|observable| observable.attachment.is_some());
    let values: Vec<ModelValue> = ids.map(|observable| ModelValue::Text(observable.id.to_string())).collect();
    let mut digests: BTreeMap<AttachmentId, String> = BTreeMap::new();
    for some in values.chunks(vigie_store::VALUES_MAX) {
        let filter = Filter::OneOf { name: "observable".to_owned(), values: some.to_vec() };
        let files: Vec<Attachment> = work.all(filter).await?;
        digests.extend(files.into_iter().map(|file| (file.id, file.sha256)));
    }
    Ok(fold_observables(&observables, &digests, &work.by(), work.now))
}

async fn apply(work: &mut Work<'_>, folded: &Folded) -> Result<(), Fault> {
    for (before, after) in &folded.changed {
        work.change_as(Verb::Merge, before, after).await?;
    }
    for (gone, stays) in &folded.gone {
        let jobs: Vec<Job> = work.all(equals("observable", gone.id.to_string())).await?;
        for job in jobs {
            work.change_as(Verb::Merge, &job, &Job { observable: *stays, ..job.clone() }).await?;
        }
        work.remove(gone).await?;
    }
    Ok(())
}
