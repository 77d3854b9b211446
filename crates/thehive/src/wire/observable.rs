//! Observables.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use vigie_cases::{kind_of_type, type_word};
use vigie_model::{
    Attachment, AttachmentId, Comparison, Filter, Observable, ObservableKind, Parent, Selection, Stamp,
    Value as ModelValue,
};

use super::{Shape, Wire, attachment};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField, both, equals, is, matches, not};
use crate::time::millis;
use crate::{Fault, Visitor};

impl Wire for Observable {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("dataType", "data_type", FieldKind::Special(by_type)),
        QueryField::new("data", "value", FieldKind::Text),
        QueryField::new("message", "message", FieldKind::Text),
        QueryField::new("tags", "tag", FieldKind::Text),
        QueryField::new("tlp", "tlp", FieldKind::Tlp),
        QueryField::new("pap", "pap", FieldKind::Pap),
        QueryField::new("ioc", "ioc", FieldKind::Flag),
        QueryField::new("sighted", "sighted", FieldKind::Special(by_sighted)),
        QueryField::new("sightedAt", "sighted", FieldKind::Time),
        QueryField::new("ignoreSimilarity", "unlike", FieldKind::Flag),
        QueryField::new("startDate", "first_seen", FieldKind::Time),
        QueryField::new("attachmentId", "attachment", FieldKind::Id),
        QueryField::new("alertId", "alert", FieldKind::Id),
        QueryField::new("caseId", "case", FieldKind::Id),
        QueryField::new("organisation", "tenant", FieldKind::Tenant),
    ];

    async fn show(
        observables: Vec<Self>,
        door: &Door,
        visitor: &Visitor,
        extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let files = files_of(&observables, door, visitor).await?;
        let seen = Seen::load(&observables, door, visitor, extra).await?;
        let show = |observable: &Observable| {
            let file = observable.attachment.and_then(|id| files.get(&id));
            shape(observable, file).with("extraData", extra_data(observable, &seen, extra)).done()
        };
        Ok(observables.iter().map(show).collect())
    }
}

async fn files_of(
    observables: &[Observable],
    door: &Door,
    visitor: &Visitor,
) -> Result<HashMap<AttachmentId, Attachment>, Fault> {
    let ids: Vec<_> = observables.iter().filter_map(|observable| observable.attachment).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let values = ids.iter().map(|id| ModelValue::Text(id.to_string())).collect();
    let filter = Filter::OneOf { name: "id".to_owned(), values };
    let found: Vec<Attachment> = door.store.select(&visitor.scope, &Selection::of(filter, ids.len() as u64)).await?;
    Ok(found.into_iter().map(|attachment| (attachment.id, attachment)).collect())
}

fn shape(observable: &Observable, file: Option<&Attachment>) -> Shape {
    let made = Stamp::new("", observable.first_seen);
    let data = observable.attachment.is_none().then(|| observable.value.clone());
    Shape::of(observable.id, "Observable", observable.stamp.as_ref().unwrap_or(&made))
        .with("dataType", type_word(observable))
        .maybe("data", data)
        .with("startDate", millis(observable.first_seen))
        .maybe("attachment", file.map(|file| attachment::shown(file, &[])))
        .tlp(observable.tlp)
        .pap(observable.pap)
        .with("tags", observable.tags.clone())
        .with("ioc", observable.ioc)
        .with("sighted", observable.sighted.is_some())
        .maybe("sightedAt", observable.sighted.map(millis))
        .with("reports", json!({}))
        .maybe("message", observable.message.clone())
        .with("ignoreSimilarity", observable.unlike)
        .with("external", false)
}

fn extra_data(observable: &Observable, seen: &Seen, extra: &[String]) -> Value {
    let (name, id) = match observable.on {
        Parent::Alert(id) => ("alert", id.wire()),
        Parent::Case(id) => ("case", id.wire()),
    };
    let mut data = Map::new();
    for asked in extra {
        let value = match asked.as_str() {
            "seen" => json!(seen.others(observable).is_some_and(|others| others.total > 0)),
            "seenSummary" => seen.summary(observable),
            "isOwner" => json!(true),
            "links" => json!({name: {"_id": id}}),
            _ if asked == name => json!({"_id": id}),
            _ if asked.strip_suffix("Id") == Some(name) => json!(id),
            _ => continue,
        };
        data.insert(asked.clone(), value);
    }
    Value::Object(data)
}

/// Where else the values are, as far as was asked for.
struct Seen(HashMap<(ObservableKind, String), Others>);

/// How often a value is elsewhere.
#[derive(Default)]
struct Others {
    total: u64,
    ioc: u64,
}

/// How many rows are looked at to say where else values are.
const SEEN_MAX: u64 = 5_000;

impl Seen {
    async fn load(observables: &[Observable], door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Self, Fault> {
        if !extra.iter().any(|asked| matches!(asked.as_str(), "seen" | "seenSummary")) {
            return Ok(Self(HashMap::new()));
        }
        let values = observables.iter().map(|observable| ModelValue::Text(observable.value.clone())).collect();
        let filter =
            both(Filter::OneOf { name: "value".to_owned(), values }, not(Filter::Exists("attachment".to_owned())));
        let found: Vec<Observable> = door.store.select(&visitor.scope, &Selection::of(filter, SEEN_MAX)).await?;
        let mut seen: HashMap<(ObservableKind, String), Others> = HashMap::new();
        for one in found {
            let others = seen.entry((one.kind, one.value)).or_default();
            others.total += 1;
            others.ioc += u64::from(one.ioc);
        }
        Ok(Self(seen))
    }

    /// Returns how often a value is elsewhere, without itself.
    fn others(&self, observable: &Observable) -> Option<Others> {
        let found = self.0.get(&(observable.kind, observable.value.clone()))?;
        let ioc = found.ioc.saturating_sub(u64::from(observable.ioc));
        Some(Others { total: found.total.saturating_sub(1), ioc })
    }

    fn summary(&self, observable: &Observable) -> Value {
        let others = self.others(observable).unwrap_or_default();
        json!({"seen": others.total > 0, "count": others.total, "ioc": others.ioc > 0})
    }
}

/// Theirs are called otherwise than ours where that is what everybody knows.
fn by_type(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let asked = value.as_str().ok_or_else(|| Fault::bad("the value of dataType is not a text"))?;
    if comparison != Comparison::Like {
        return Ok(of_type(asked, comparison));
    }
    let renamed = ["hostname", "user-agent", "filename", "file"];
    let ours = renamed.into_iter().filter(|word| matches(asked, word)).map(|word| of_type(word, Comparison::Equal));
    let like = is("data_type", Comparison::Like, ModelValue::Text(asked.to_owned()));
    let others = ["host", "user_agent", "file"].map(|word| not(equals("data_type", word)));
    Ok(Filter::Or(ours.chain([both(like, Filter::And(others.to_vec()))]).collect()))
}

fn of_type(word: &str, comparison: Comparison) -> Filter {
    let (kind, own) = kind_of_type(word);
    let name = own.unwrap_or_else(|| kind.as_str().to_owned());
    let named = is("data_type", comparison, ModelValue::Text(name));
    let has_file = Filter::Exists("attachment".to_owned());
    match (kind, comparison) {
        (ObservableKind::File, Comparison::Equal) if word.eq_ignore_ascii_case("file") => both(named, has_file),
        (ObservableKind::File, Comparison::Equal) => both(named, not(has_file)),
        _ => named,
    }
}

fn by_sighted(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let sighted = value.as_bool().filter(|_| comparison == Comparison::Equal);
    let sighted = sighted.ok_or_else(|| Fault::bad("sighted is true or false: compare it with _eq or _ne"))?;
    let exists = Filter::Exists("sighted".to_owned());
    Ok(if sighted { exists } else { not(exists) })
}
