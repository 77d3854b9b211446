//! Putting observables on alerts and cases.

use std::collections::BTreeMap;

use vigie_cases::{NewObservable, ObservableValue, entities_of, new_observable};
use vigie_model::{
    Attachment, AttachmentId, AttachmentOwner, Entity, Filter, Observable, Pap, Parent, TenantId, Tlp, Value,
};

use super::gather::{Given, What};
use crate::Fault;
use crate::body::FormFile;
use crate::query::both;
use crate::query::equals;
use crate::routes::attachment::{Shelf, store_file};
use crate::wire::observable_in::ObservableIn;
use crate::work::Work;

/// How many observables an alert or case holds.
pub(crate) const ON_ONE_MAX: u64 = 50_000;

/// Observables that are about to be put somewhere: those that are new there, with the files that they are.
pub(crate) struct Placed {
    pub(crate) observables: Vec<Observable>,
    files: Vec<(AttachmentId, Observable, Bytes)>,
    /// Those that were there already.
    pub(crate) known: Vec<Observable>,
}

/// Where the bytes of a file observable come from.
enum Bytes {
    New(FormFile),
    Known(Attachment),
}

/// Says which observables are new on an alert or case. Of the same value in one request the first counts, with the tags of
/// all.
pub(crate) async fn place(
    work: &mut Work<'_>,
    on: Parent,
    tenant: &TenantId,
    given: Vec<Given>,
) -> Result<Placed, Fault> {
    let mut order = Vec::new();
    let mut merged: BTreeMap<_, (Observable, Option<Bytes>)> = BTreeMap::new();
    for Given { input, what } in given {
        for (value, bytes) in values(work, what) {
            let observable = made(work, on, tenant, &input, value)?;
            if let Some((known, _)) = merged.get_mut(&observable.id) {
                let new = observable.tags.into_iter().filter(|tag| !known.tags.contains(tag)).collect::<Vec<_>>();
                known.tags.extend(new);
                known.ioc |= observable.ioc;
            } else {
                order.push(observable.id);
                merged.insert(observable.id, (observable, bytes));
            }
        }
    }
    let there = there(work, on, merged.values().map(|(observable, _)| observable)).await?;
    let mut placed = Placed { observables: Vec::new(), files: Vec::new(), known: Vec::new() };
    for (mut observable, bytes) in order.iter().filter_map(|id| merged.remove(id)) {
        if let Some(known) = there.iter().find(|known| is_same(known, &observable)) {
            placed.known.push(known.clone());
            continue;
        }
        // The id is that of an observable whose type was changed since.
        if there.iter().any(|known| known.id == observable.id) {
            observable.id = work.id();
        }
        if let (Some(id), Some(bytes)) = (observable.attachment, bytes) {
            placed.files.push((id, observable.clone(), bytes));
        }
        placed.observables.push(observable);
    }
    Ok(placed)
}

/// Returns what observables would make an alert be about.
pub(crate) fn about(work: &Work<'_>, given: &[Given]) -> Result<Vec<Entity>, Fault> {
    let nowhere = Parent::Alert(vigie_model::AlertId::from_bytes([0; 16]));
    let mut observables = Vec::new();
    for Given { input, what } in given {
        if let What::Texts(texts) = what {
            for text in texts {
                let value = ObservableValue::Text(text.clone());
                observables.push(made(work, nowhere, &work.visitor.tenant.id, input, value)?);
            }
        }
    }
    Ok(entities_of(&observables))
}

/// Puts observables where they were placed. An alert or case that they are on is there by the commit.
pub(crate) async fn put(work: &mut Work<'_>, placed: Placed) -> Result<Vec<Observable>, Fault> {
    work.create_all(&placed.observables).await?;
    for (id, observable, bytes) in placed.files {
        let owner = AttachmentOwner::Observable(observable.id);
        match bytes {
            Bytes::New(file) => {
                store_file(work, id, &Shelf { tenant: observable.tenant, owner }, file).await?;
            }
            Bytes::Known(known) => {
                let stamp = vigie_model::Stamp::new(work.by(), work.now);
                work.create(&Attachment { id, tenant: observable.tenant, owner, stamp, ..known }).await?;
            }
        }
    }
    Ok(placed.observables)
}

fn values(work: &Work<'_>, what: What) -> Vec<(ObservableValue, Option<Bytes>)> {
    let file = |name: &str, sha256: &str| ObservableValue::File {
        name: name.to_owned(),
        sha256: sha256.to_owned(),
        attachment: work.id(),
    };
    match what {
        What::Texts(texts) => texts.into_iter().map(|text| (ObservableValue::Text(text), None)).collect(),
        What::Files(files) => {
            files.into_iter().map(|new| (file(&new.name, &new.uploaded.sha256), Some(Bytes::New(new)))).collect()
        }
        What::Known(files) => {
            files.into_iter().map(|known| (file(&known.name, &known.sha256), Some(Bytes::Known(known)))).collect()
        }
    }
}

fn made(
    work: &Work<'_>,
    on: Parent,
    tenant: &TenantId,
    input: &ObservableIn,
    value: ObservableValue,
) -> Result<Observable, Fault> {
    let house = &work.door.house;
    let new = NewObservable {
        on,
        tenant: tenant.clone(),
        data_type: input.data_type.clone(),
        value,
        tlp: input.tlp.map_or(Tlp::default(), |tlp| tlp.0),
        pap: input.pap.map_or(Pap::default(), |pap| pap.0),
        tags: input.tags.clone().unwrap_or_default(),
        message: input.message.clone(),
        ioc: input.ioc.unwrap_or(false),
        sighted: input.sighted(work.now)?,
        unlike: input.ignore_similarity.unwrap_or(false),
        seen: input.seen(work.now)?,
        by: work.by(),
        now: work.now,
    };
    Ok(new_observable(new, &|kind, value| house.warning(kind, value))?)
}

/// Returns whether two observables of one alert or case are the same: by type and value, or by bytes and name.
fn is_same(known: &Observable, new: &Observable) -> bool {
    match new.attachment {
        Some(_) => known.id == new.id,
        None => known.attachment.is_none() && word(known) == word(new) && known.value == new.value,
    }
}

/// Returns what an alert or case has of the same values.
async fn there(
    work: &mut Work<'_>,
    on: Parent,
    observables: impl Iterator<Item = &Observable>,
) -> Result<Vec<Observable>, Fault> {
    let on = match on {
        Parent::Alert(id) => equals("alert", id.to_string()),
        Parent::Case(id) => equals("case", id.to_string()),
    };
    let values: Vec<Value> = observables.map(|observable| Value::Text(observable.value.clone())).collect();
    work.all(both(on, Filter::OneOf { name: "value".to_owned(), values })).await
}

pub(super) fn word(observable: &Observable) -> String {
    observable.data_type.clone().unwrap_or_else(|| observable.kind.as_str().to_owned())
}
