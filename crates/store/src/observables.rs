//! Observables: what is worth looking at on an alert or a case.

use sqlx::QueryBuilder;
use vigie_model::{CaseId, ObjectKind, Observable, ObservableId, Parent, TenantId, Timestamp};

use crate::error::{Doing as _, refused};
use crate::fields::List;
use crate::insert::Insert;
use crate::listing::page;
use crate::objects::{Cell, Object};
use crate::row::{Connection, address_of, bodies, pap_rank, read_body, tlp_rank, to_json, word};
use crate::scope::Within;
use crate::tags::Tags;
use crate::{Listing, Rows, Store, StoreError, Tx};

impl Store {
    /// Returns a page of the observables of all cases.
    pub async fn observables(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Observable>, StoreError> {
        page(&mut *self.read().await?, List::Observables, read_body, scope, listing).await
    }
}

impl Tx {
    /// Puts observables on their cases. Where the case has the value already, the times are widened, tags and context
    /// are joined, and `ioc` stays once it was said; the rest is taken from the new one.
    pub async fn upsert_observables(&mut self, observables: &[Observable]) -> Result<(), StoreError> {
        for observable in observables {
            let stored = known(&mut self.inner, observable).await?;
            let is_new = stored.is_none();
            let merged = stored.map_or_else(|| observable.clone(), |stored| joined(stored, observable));
            save(&mut self.inner, &[merged], is_new).await?;
        }
        Ok(())
    }

    /// Saves an observable as it is, over what its alert or case had of the same value.
    pub async fn save_observable(&mut self, observable: &Observable) -> Result<(), StoreError> {
        save(&mut self.inner, std::slice::from_ref(observable), false).await
    }

    /// Takes an observable off a case. Returns whether it was there.
    pub async fn delete_observable(&mut self, case: CaseId, id: ObservableId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM observables WHERE case_id = ? AND id = ?")
            .bind(case.to_string())
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("delete an observable")?;
        Ok(done.rows_affected() > 0)
    }
}

impl Tx {
    /// Returns whether nothing can be on this alert yet, and takes note that from now on something is.
    fn takes_first_of(&mut self, on: Parent) -> bool {
        let Some(place) = self.bare.iter().rposition(|alert| Parent::Alert(*alert) == on) else { return false };
        self.bare.swap_remove(place);
        true
    }
}

/// Returns what a case knows of a value after hearing of it again.
fn joined(stored: Observable, new: &Observable) -> Observable {
    let union = |mut old: Vec<String>, new: &[String]| {
        for item in new {
            if !old.contains(item) {
                old.push(item.clone());
            }
        }
        old
    };
    Observable {
        ioc: stored.ioc || new.ioc,
        warning: new.warning.clone().or(stored.warning),
        context: union(stored.context, &new.context),
        tags: union(stored.tags, &new.tags),
        first_seen: stored.first_seen.min(new.first_seen),
        last_seen: stored.last_seen.max(new.last_seen),
        role: stored.role,
        tlp: stored.tlp,
        pap: stored.pap,
        id: stored.id,
        message: stored.message.or_else(|| new.message.clone()),
        sighted: stored.sighted.or(new.sighted),
        stamp: stored.stamp.or_else(|| new.stamp.clone()),
        ..new.clone()
    }
}

/// Returns what people call the type of an observable: its own word, or that of its kind.
fn data_type(observable: &Observable) -> String {
    observable.data_type.clone().unwrap_or_else(|| observable.kind.as_str().to_owned())
}

/// Returns the observable of this id, or that of the same type and value on the same alert or case: rows of before ids
/// were derived from what they are on have ids of their own.
async fn known(connection: &mut Connection, observable: &Observable) -> Result<Option<Observable>, StoreError> {
    let mut query = QueryBuilder::new("");
    push_known(&mut query, "body", std::slice::from_ref(observable));
    let rows: Vec<String> = query.build_query_scalar().fetch_all(connection).await.doing("load an observable")?;
    let known: Vec<Observable> = bodies("observables", rows)?;
    Ok(known.into_iter().find(|known| is_same(observable, &known.id.to_string(), &data_type(known), &known.value)))
}

/// Returns the first of the observables, all of one alert or case, that is there already.
async fn first_known<'a>(
    connection: &mut Connection,
    observables: &'a [Observable],
) -> Result<Option<&'a Observable>, StoreError> {
    let mut query = QueryBuilder::new("");
    push_known(&mut query, "id, data_type, value", observables);
    let rows: Vec<(String, String, String)> =
        query.build_query_as().fetch_all(connection).await.doing("look for observables")?;
    let is_known = |one: &&Observable| rows.iter().any(|(id, data_type, value)| is_same(one, id, data_type, value));
    Ok(observables.iter().find(is_known))
}

fn is_same(observable: &Observable, id: &str, of_type: &str, value: &str) -> bool {
    observable.id.to_string() == id || (value == observable.value && of_type == data_type(observable))
}

/// Adds the statement for what may be one of these observables, all of one alert or case.
fn push_known(query: &mut QueryBuilder<sqlx::Sqlite>, columns: &'static str, observables: &[Observable]) {
    let Some(first) = observables.first() else { return };
    query.push("SELECT ").push(columns).push(" FROM observables WHERE id IN (");
    let mut ids = query.separated(", ");
    for observable in observables {
        ids.push_bind(observable.id.to_string());
    }
    query.push(") UNION ALL SELECT ").push(columns).push(" FROM observables WHERE ");
    query.push("attachment IS NULL AND ");
    match first.on {
        // It has few: all of them are looked at.
        Parent::Alert(alert) => {
            query.push("alert = ").push_bind(alert.to_string());
        }
        Parent::Case(case) => {
            query.push("on_case = TRUE AND tenant = ").push_bind(first.tenant.to_string());
            query.push(" AND case_id = ").push_bind(case.to_string());
            // The index has them in lower case; capitals are told apart afterwards.
            query.push(" AND lower(value) IN (");
            let mut values = query.separated(", ");
            for observable in observables {
                values.push_bind(observable.value.to_ascii_lowercase());
            }
            query.push(")");
        }
    }
}

/// How many observables are looked for in one statement.
const KNOWN_MAX: usize = 64;

const INTO: &str =
    "INSERT INTO observables (id, tenant, alert, case_id, kind, data_type, value, address, attachment, role,
     ioc, unlike, sighted, warning, tlp, pap, message, first_seen, last_seen, created, created_by, updated, on_case, body)";

/// Saves observables, over what is stored of their ids unless they are known to be new.
async fn save(connection: &mut Connection, observables: &[Observable], are_new: bool) -> Result<(), StoreError> {
    let doing = "save observables";
    let mut insert = Insert::new(INTO, observables.iter().map(columns).collect());
    if !are_new {
        insert.then = " ON CONFLICT (id) DO UPDATE SET alert = excluded.alert,
             case_id = excluded.case_id, kind = excluded.kind, data_type = excluded.data_type,
             value = excluded.value, address = excluded.address, attachment = excluded.attachment,
             role = excluded.role, ioc = excluded.ioc, unlike = excluded.unlike, sighted = excluded.sighted,
             warning = excluded.warning, tlp = excluded.tlp, pap = excluded.pap, message = excluded.message,
             first_seen = excluded.first_seen, last_seen = excluded.last_seen, updated = excluded.updated,
             body = excluded.body";
    }
    insert.execute(connection).await.map_err(|source| {
        let mut seen = std::collections::BTreeSet::new();
        let twice = observables.iter().find(|observable| !seen.insert(observable.id));
        refused(source, doing, ObjectKind::Observable, &twice.map_or("", |observable| &observable.value))
    })?;
    if are_new {
        let tags = observables.iter().map(|observable| (observable.id.to_string(), observable.tags.as_slice()));
        return Tags::OBSERVABLES.insert(connection, tags).await;
    }
    for observable in observables {
        Tags::OBSERVABLES.save(connection, &observable.id.to_string(), &observable.tags).await?;
    }
    Ok(())
}

/// Saves what follows from an alert's entities, where nobody has put it on the alert before. They have no tags.
pub(crate) async fn save_derived(connection: &mut Connection, observables: &[Observable]) -> Result<(), StoreError> {
    let mut insert = Insert::new(INTO, observables.iter().map(columns).collect());
    insert.then = " ON CONFLICT (id) DO NOTHING";
    insert.execute(connection).await.doing("save the observables of an alert")
}

fn columns(observable: &Observable) -> Vec<Cell> {
    let stamp = observable.stamp.as_ref();
    vec![
        Cell::Text(observable.id.to_string()),
        Cell::Text(observable.tenant.to_string()),
        Cell::Maybe(observable.on.alert().map(|id| id.to_string())),
        Cell::Maybe(observable.on.case().map(|id| id.to_string())),
        Cell::Text(observable.kind.as_str().to_owned()),
        Cell::Text(data_type(observable)),
        Cell::Text(observable.value.clone()),
        Cell::Maybe(address_of(observable.kind, &observable.value)),
        Cell::Maybe(observable.attachment.map(|id| id.to_string())),
        Cell::Text(word(&observable.role)),
        Cell::Flag(observable.ioc),
        Cell::Flag(observable.unlike),
        Cell::MaybeInteger(observable.sighted.map(Timestamp::as_micros)),
        Cell::Maybe(observable.warning.clone()),
        Cell::Integer(tlp_rank(observable.tlp)),
        Cell::Integer(pap_rank(observable.pap)),
        Cell::Maybe(observable.message.clone()),
        Cell::Integer(observable.first_seen.as_micros()),
        Cell::Integer(observable.last_seen.as_micros()),
        Cell::Integer(stamp.map_or(observable.first_seen, |stamp| stamp.created).as_micros()),
        Cell::Text(stamp.map_or_else(String::new, |stamp| stamp.created_by.clone())),
        Cell::MaybeInteger(stamp.and_then(|stamp| stamp.updated).map(Timestamp::as_micros)),
        Cell::Flag(observable.on.case().is_some()),
        Cell::Text(to_json(observable)),
    ]
}

impl Object for Observable {
    const LIST: List = List::Observables;
    const KIND: ObjectKind = ObjectKind::Observable;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<&TenantId> {
        Some(&self.tenant)
    }

    fn columns(&self) -> Vec<(&'static str, Cell)> {
        Vec::new()
    }

    async fn write(&self, tx: &mut Tx, before: Option<&Self>) -> Result<(), StoreError> {
        match before {
            Some(_) => save(&mut tx.inner, std::slice::from_ref(self), false).await,
            None => Self::write_new(std::slice::from_ref(self), tx).await,
        }
    }

    async fn write_new(objects: &[Self], tx: &mut Tx) -> Result<(), StoreError> {
        for objects in objects.chunk_by(|one, next| one.on == next.on).flat_map(|on| on.chunks(KNOWN_MAX)) {
            if tx.takes_first_of(objects[0].on) {
                continue;
            }
            if let Some(known) = first_known(&mut tx.inner, objects).await? {
                return Err(StoreError::Exists { object: Self::KIND, id: known.value.clone() });
            }
        }
        save(&mut tx.inner, objects, true).await
    }
}
