//! The timeline of a case: what follows from what is on it, and what people wrote there.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use vigie_cases::{PARTS_MAX, case_end, case_word, checked_note};
use vigie_model::{
    Alert, Case, Observable, Procedure, Selection, Stamp, Task, TaskLog, TimelineEntry, TimelineId, TimelineKind,
    Timestamp,
};
use vigie_store::Object;

use super::{find, look_up, on};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::time::{millis, read_time};
use crate::wire::custom_event::{CustomEventIn, CustomEventPatchIn, shape};
use crate::wire::task::status_word;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many things of one kind a timeline shows.
const SHOWN_MAX: u64 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageCustomEvent";
    vec![
        get("/api/v1/case/{id}/timeline", read),
        post("/api/v1/case/{id}/customEvent", NEEDED, create),
        patch("/api/v1/customEvent/{id}", NEEDED, change),
        delete("/api/v1/customEvent/{id}", NEEDED, remove),
    ]
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    let loader = Loader { door: &door, visitor: &visitor, case: &case };
    let mut events = of_case(&case);
    loader.all::<Alert>().await?.iter().for_each(|alert| of_alert(&mut events, alert));
    loader.all::<Task>().await?.iter().for_each(|task| of_task(&mut events, task));
    loader.all::<TaskLog>().await?.iter().for_each(|log| of_log(&mut events, log));
    loader.all::<Procedure>().await?.iter().for_each(|procedure| of_procedure(&mut events, procedure));
    of_observables(&mut events, &loader.all::<Observable>().await?);
    loader.all::<TimelineEntry>().await?.iter().for_each(|entry| of_entry(&mut events, entry));
    events.sort_by_key(|event| event.date);
    let events: Vec<Value> = events.into_iter().map(Event::shown).collect();
    Ok(Json(json!({"events": events})))
}

struct Loader<'a> {
    door: &'a Door,
    visitor: &'a Visitor,
    case: &'a Case,
}

impl Loader<'_> {
    async fn all<T: Object>(&self) -> Result<Vec<T>, Fault> {
        let selection = Selection::of(on(self.case.id), SHOWN_MAX);
        Ok(self.door.store.select(&self.visitor.scope, &selection).await?)
    }
}

/// Something that happened.
struct Event {
    date: Timestamp,
    until: Option<Timestamp>,
    kind: &'static str,
    entity: &'static str,
    id: String,
    details: Value,
}

impl Event {
    fn new(date: Timestamp, kind: &'static str, entity: &'static str, id: &impl WireId, details: Value) -> Self {
        Self { date, until: None, kind, entity, id: id.wire(), details }
    }

    fn shown(self) -> Value {
        let mut shown = Map::new();
        shown.insert("date".to_owned(), millis(self.date).into());
        if let Some(until) = self.until {
            shown.insert("endDate".to_owned(), millis(until).into());
        }
        for (name, value) in [("kind", self.kind), ("entity", self.entity), ("entityId", &self.id)] {
            shown.insert(name.to_owned(), value.into());
        }
        shown.insert("details".to_owned(), self.details);
        Value::Object(shown)
    }
}

fn of_case(case: &Case) -> Vec<Event> {
    let details = || json!({"number": case.number, "title": case.title, "status": case_word(case).as_str()});
    let mut events = vec![Event::new(case.first_seen, "StartCase", "Case", &case.id, details())];
    events.push(Event::new(case.created, "NewCase", "Case", &case.id, details()));
    let taken = case.acknowledged.map(|time| Event::new(time, "InProgressCase", "Case", &case.id, details()));
    let ended = case_end(case).map(|time| Event::new(time, "EndCase", "Case", &case.id, details()));
    events.extend(taken.into_iter().chain(ended));
    events
}

fn of_alert(events: &mut Vec<Event>, alert: &Alert) {
    let (kind, source, reference) = crate::wire::alert::origin(alert);
    let details = json!({"type": kind, "source": source, "sourceRef": reference, "title": alert.title});
    let mut add = |date, kind| events.push(Event::new(date, kind, "Alert", &alert.id, details.clone()));
    add(alert.first_seen, "AlertOccur");
    add(alert.created, "AlertNew");
    if let Some(imported) = alert.desk.imported {
        add(imported, "AlertImported");
    }
}

fn of_task(events: &mut Vec<Event>, task: &Task) {
    let details = json!({"title": task.title, "group": task.group, "status": status_word(task.status)});
    for (date, kind) in [(task.started, "StartTask"), (task.ended, "EndTask")] {
        events.extend(date.map(|date| Event::new(date, kind, "Task", &task.id, details.clone())));
    }
}

fn of_log(events: &mut Vec<Event>, log: &TaskLog) {
    let details = || json!({"message": log.text, "taskId": log.task.wire()});
    events.extend(log.on_timeline.map(|date| Event::new(date, "TaskLog", "Log", &log.id, details())));
}

fn of_procedure(events: &mut Vec<Event>, procedure: &Procedure) {
    let details = json!({
        "patternId": procedure.technique,
        "tactic": procedure.tactic,
        "description": procedure.description,
    });
    events.push(Event::new(procedure.occurred, "Procedure", "Procedure", &procedure.id, details));
}

/// The first and the last that was seen, and those that somebody has seen at work.
fn of_observables(events: &mut Vec<Event>, observables: &[Observable]) {
    let details = |observable: &Observable| json!({"dataType": vigie_cases::type_word(observable), "data": observable.value, "ioc": observable.ioc});
    let mut add = |date, kind, observable: &Observable| {
        events.push(Event::new(date, kind, "Observable", &observable.id, details(observable)));
    };
    if let Some(first) = observables.iter().min_by_key(|observable| observable.first_seen) {
        add(first.first_seen, "FirstObservable", first);
    }
    if let Some(last) = observables.iter().max_by_key(|observable| observable.last_seen) {
        add(last.last_seen, "LastObservable", last);
    }
    for observable in observables {
        if let Some(sighted) = observable.sighted {
            add(sighted, "SightedObservable", observable);
        }
    }
}

/// What somebody wrote, what an attacker did and what was done about it. What happened to the case itself is told above.
fn of_entry(events: &mut Vec<Event>, entry: &TimelineEntry) {
    let kind = match entry.kind {
        TimelineKind::Note => "Custom",
        TimelineKind::Attack => "Attack",
        TimelineKind::Action => "Action",
        TimelineKind::Alert | TimelineKind::Case => return,
    };
    // Of what somebody wrote, who did and when: whoever moves to another house takes it along.
    let details = shape(entry);
    let event = Event::new(entry.time, kind, "CustomEvent", &entry.id, details);
    events.push(Event { until: entry.until, ..event });
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CustomEventIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find(&mut work, &id).await?;
    let there = door.store.count::<TimelineEntry>(&visitor.scope, &on(case.id)).await?;
    if there >= PARTS_MAX as u64 {
        return Err(Fault::create(format!("the timeline is full: at most {PARTS_MAX} entries")));
    }
    let entry = checked_note(TimelineEntry {
        id: work.id(),
        tenant: case.tenant,
        case: case.id,
        time: read_time("date", &input.date)?,
        kind: TimelineKind::Note,
        text: input.title,
        until: input.end_date.as_ref().map(|date| read_time("endDate", date)).transpose()?,
        description: input.description,
        stamp: Some(Stamp::new(work.by(), work.now)),
    })?;
    work.create(&entry).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(shape(&entry))).into_response())
}

/// Returns an entry that somebody wrote: what follows from something else is not changed here.
async fn find_note(work: &mut Work<'_>, id: &str) -> Result<TimelineEntry, Fault> {
    let missing = || Fault::not_found(TimelineId::KIND, id);
    let found = work.all(equals("id", TimelineId::expect(id)?.to_string())).await?;
    let found: Option<TimelineEntry> = found.into_iter().next();
    found.filter(|entry| entry.kind == TimelineKind::Note).ok_or_else(missing)
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CustomEventPatchIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find_note(&mut work, &id).await?;
    let mut after = before.clone();
    if let Some(date) = &input.date {
        after.time = read_time("date", date)?;
    }
    if let Some(date) = &input.end_date {
        after.until = date.as_ref().map(|date| read_time("endDate", date)).transpose()?;
    }
    after.text = input.title.unwrap_or(after.text);
    after.description = input.description.unwrap_or(after.description);
    after = checked_note(after)?;
    if after != before {
        let stamp = before.stamp.clone().unwrap_or_else(|| Stamp::new("", before.time));
        after.stamp = Some(stamp.changed(work.by(), work.now));
    }
    work.change(&before, &after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let entry = find_note(&mut work, &id).await?;
    work.remove(&entry).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
