//! Findings and alerts.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::QueryBuilder;
use vigie_model::{
    Alert, AlertId, AlertOrigin, Entity, EntityRole, FieldValue, Finding, NamedValue, ObjectKind, Observable,
    ObservableKind, Parent, RuleId, Stamp, TenantId, TenantScope, Timestamp,
};

use crate::error::{Doing as _, refused};
use crate::fields::List;
use crate::listing::page;
use crate::objects::{Cell, Object, get_owned};
use crate::observables::save_derived;
use crate::place::{Known, Placed, Placing};
use crate::row::{
    Connection, bodies, body, integer, pap_rank, push_scope, read_body, severity_rank, tlp_rank, to_json, word,
};
use crate::tags::Tags;
use crate::terms::Terms;
use crate::{Listing, Rows, Store, StoreError, Tx};

impl Store {
    /// Returns a page of alerts.
    pub async fn alerts(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<Alert>, StoreError> {
        page(&mut *self.read().await?, List::Alerts, read_body, scope, listing).await
    }

    /// Returns an alert, or `None` where there is none within the scope.
    pub async fn alert(&self, scope: &TenantScope, id: AlertId) -> Result<Option<Alert>, StoreError> {
        get_owned(&mut *self.read().await?, scope, &id.to_string()).await
    }

    /// Returns the findings of an alert, the latest first, at most `limit`.
    pub async fn findings_of(&self, scope: &TenantScope, id: AlertId, limit: u32) -> Result<Vec<Finding>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM findings WHERE alert = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" ORDER BY time DESC, id LIMIT ").push_bind(i64::from(limit));
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await.doing("load findings")?;
        bodies("findings", rows)
    }
}

impl Tx {
    /// Records a finding of an alert. Returns false, and changes nothing, where the finding is known already: it was
    /// counted before, maybe in another alert. The alert itself may be saved before or after, until the commit.
    pub async fn insert_finding(&mut self, finding: &Finding, alert: AlertId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO findings (id, tenant, alert, rule, time, event_count, body) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(finding.id.to_string())
        .bind(finding.tenant.as_str())
        .bind(alert.to_string())
        .bind(finding.rule.id.as_str())
        .bind(finding.time.as_micros())
        .bind(integer(finding.event_count))
        .bind(to_json(finding))
        .execute(&mut *self.inner)
        .await
        .doing("record a finding")?;
        Ok(done.rows_affected() > 0)
    }

    /// Returns the alert of the highest generation of a tenant's rule and key.
    pub async fn latest_alert(
        &mut self,
        tenant: &TenantId,
        rule: &RuleId,
        key: &[Entity],
    ) -> Result<Option<Alert>, StoreError> {
        let row = sqlx::query_scalar(
            "SELECT body FROM alerts WHERE series = ? AND tenant = ? ORDER BY generation DESC LIMIT 1",
        )
        .bind(Alert::series(tenant, rule, key))
        .bind(tenant.as_str())
        .fetch_optional(&mut *self.inner)
        .await
        .doing("load the latest alert of a rule and key")?;
        body("alerts", row)
    }

    /// Returns a tenant's alert that came from there, if it did.
    pub async fn alert_of_origin(
        &mut self,
        tenant: &TenantId,
        origin: &AlertOrigin,
    ) -> Result<Option<Alert>, StoreError> {
        let row = sqlx::query_scalar(
            "SELECT body FROM alerts
             WHERE tenant = ? AND origin_reference = ? AND origin_source = ? AND origin_kind = ?",
        )
        .bind(tenant.as_str())
        .bind(&origin.reference)
        .bind(&origin.source)
        .bind(&origin.kind)
        .fetch_optional(&mut *self.inner)
        .await
        .doing("load an alert by where it came from")?;
        body("alerts", row)
    }

    /// Returns an alert, or `None` where there is none within the scope.
    pub async fn alert(&mut self, scope: &TenantScope, id: AlertId) -> Result<Option<Alert>, StoreError> {
        get_owned(&mut self.inner, scope, &id.to_string()).await
    }

    /// Saves an alert with its entities, tags and case.
    ///
    /// `expected_version` is the version that the change was made from, or `None` for a new alert.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another version is stored, [`StoreError::Exists`] where a new alert is there already.
    pub async fn save_alert(&mut self, alert: &Alert, expected_version: Option<u64>) -> Result<(), StoreError> {
        let (is_new, id) = (expected_version.is_none(), alert.id.to_string());
        let (created, terms) = (alert.created.as_micros(), Terms::of_alert(alert));
        let placed = match expected_version {
            None => {
                let placed = Placing::ALERTS.new_row(&mut self.inner, created, terms).await?;
                self.insert_alert(alert, &placed).await?;
                // What a feeder sends has no observables that follow from it.
                self.bare.extend(alert.origin.as_ref().map(|_| alert.id));
                placed
            }
            Some(expected) => {
                let known = Known { id: &id, tenant: &alert.tenant, expected, created, terms };
                let placed = Placing::ALERTS.known_row(&mut self.inner, known).await?;
                self.update_alert(alert, &placed).await?;
                placed
            }
        };
        self.index_later(placed);
        save_entities(&mut self.inner, alert, is_new).await?;
        if is_new {
            Tags::ALERTS.insert(&mut self.inner, [(id.clone(), alert.tags.as_slice())]).await?;
        } else {
            Tags::ALERTS.save(&mut self.inner, &id, &alert.tags).await?;
        }
        save_fields(&mut self.inner, "alert", &id, &alert.desk.fields, is_new).await?;
        save_membership(&mut self.inner, alert, is_new).await
    }

    async fn insert_alert(&mut self, alert: &Alert, placed: &Placed) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO alerts (title, severity, status, assignee, verdict, tlp, pap, count, first_seen, last_seen,
                 created, updated, last_finding, acknowledged, closed, case_id, version, place, terms, body,
                 flag, unfollowed, label, imported, updated_by, series, origin_kind, origin_source, origin_reference,
                 id, tenant, rule, rule_title, generation, created_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                 ?)",
        )
        .bind_changing(alert, placed)
        .bind(alert.id.to_string())
        .bind(alert.tenant.as_str())
        .bind(alert.rule.id.as_str())
        .bind(&alert.rule.title)
        .bind(i64::from(alert.generation))
        .bind(alert.desk.created_by.clone())
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "save a new alert", ObjectKind::Alert, &alert.id))?;
        Ok(())
    }

    async fn update_alert(&mut self, alert: &Alert, placed: &Placed) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE alerts SET title = ?, severity = ?, status = ?, assignee = ?, verdict = ?, tlp = ?, pap = ?,
                 count = ?, first_seen = ?, last_seen = ?, created = ?, updated = ?, last_finding = ?,
                 acknowledged = ?, closed = ?, case_id = ?, version = ?, place = ?, terms = ?, body = ?,
                 flag = ?, unfollowed = ?, label = ?, imported = ?, updated_by = ?,
                 series = ?, origin_kind = ?, origin_source = ?, origin_reference = ?
             WHERE id = ?",
        )
        .bind_changing(alert, placed)
        .bind(alert.id.to_string())
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "save an alert", ObjectKind::Alert, &alert.id))?;
        Ok(())
    }
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds the columns of an alert that a change may touch, in the order of both statements above.
trait BindChanging {
    fn bind_changing(self, alert: &Alert, placed: &Placed) -> Self;
}

impl BindChanging for Statement<'_> {
    fn bind_changing(self, alert: &Alert, placed: &Placed) -> Self {
        self.bind(alert.title.clone())
            .bind(severity_rank(alert.severity))
            .bind(alert.status.as_str())
            .bind(alert.assignee.clone())
            .bind(alert.resolution.as_ref().map(|resolution| word(&resolution.verdict)))
            .bind(tlp_rank(alert.tlp))
            .bind(pap_rank(alert.pap))
            .bind(integer(alert.count))
            .bind(alert.first_seen.as_micros())
            .bind(alert.last_seen.as_micros())
            .bind(alert.created.as_micros())
            .bind(alert.updated.as_micros())
            .bind(alert.last_finding.as_micros())
            .bind(alert.acknowledged.map(Timestamp::as_micros))
            .bind(alert.closed.map(Timestamp::as_micros))
            .bind(alert.case.map(|case| case.to_string()))
            .bind(integer(alert.version))
            .bind(placed.place)
            .bind(placed.digest.clone())
            .bind(to_json(alert))
            .bind(alert.desk.flag)
            .bind(alert.desk.unfollowed)
            .bind(alert.desk.label.clone())
            .bind(alert.desk.imported.map(Timestamp::as_micros))
            .bind(alert.desk.updated_by.clone())
            .bind(series_of(alert))
            .bind(alert.origin.as_ref().map(|origin| origin.kind.clone()))
            .bind(alert.origin.as_ref().map(|origin| origin.source.clone()))
            .bind(alert.origin.as_ref().map(|origin| origin.reference.clone()))
    }
}

/// Returns the name of what all generations of an alert share. One from elsewhere that has no key has no others.
fn series_of(alert: &Alert) -> String {
    match &alert.origin {
        Some(_) if alert.key.is_empty() => alert.id.to_string(),
        _ => Alert::series(&alert.tenant, &alert.rule.id, &alert.key),
    }
}

/// Puts what a finding's alert is about on it as observables, and takes off what it is no longer about, where nobody has
/// changed it. Most changes change none, so they are compared first. What a feeder sends are observables with words of their own.
async fn save_entities(connection: &mut Connection, alert: &Alert, is_new: bool) -> Result<(), StoreError> {
    if alert.origin.is_some() {
        return Ok(());
    }
    let doing = "save what an alert is about";
    let id = alert.id.to_string();
    let stored: Vec<(String, String, bool)> = if is_new {
        Vec::new()
    } else {
        sqlx::query_as("SELECT kind, value, created_by = '' AND updated IS NULL FROM observables WHERE alert = ?")
            .bind(&id)
            .fetch_all(&mut *connection)
            .await
            .doing(doing)?
    };
    let mut gone: BTreeMap<(&str, &str), bool> =
        stored.iter().map(|(kind, value, is_derived)| ((kind.as_str(), value.as_str()), *is_derived)).collect();
    let wanted: BTreeSet<(ObservableKind, &str)> =
        alert.entities.iter().map(|entity| (entity.kind, entity.value.as_str())).collect();
    let mut derived = Vec::new();
    for (kind, value) in wanted {
        if gone.remove(&(kind.as_str(), value)).is_none() {
            derived.push(observable_of(alert, kind, value));
        }
    }
    save_derived(connection, &derived).await?;
    for ((kind, value), is_derived) in gone {
        if is_derived {
            sqlx::query("DELETE FROM observables WHERE alert = ? AND kind = ? AND value = ?")
                .bind(&id)
                .bind(kind)
                .bind(value)
                .execute(&mut *connection)
                .await
                .doing(doing)?;
        }
    }
    Ok(())
}

/// Returns the observable of something that an alert is about.
fn observable_of(alert: &Alert, kind: ObservableKind, value: &str) -> Observable {
    let on = Parent::Alert(alert.id);
    let role = alert.entities.iter().find(|entity| entity.kind == kind && entity.value == value).map(|one| one.role);
    Observable {
        id: Observable::id_of(on, kind.as_str(), value),
        tenant: alert.tenant.clone(),
        on,
        kind,
        data_type: None,
        value: value.to_owned(),
        attachment: None,
        role: role.unwrap_or(EntityRole::Related),
        ioc: false,
        warning: None,
        context: Vec::new(),
        tlp: alert.tlp,
        pap: alert.pap,
        tags: Vec::new(),
        message: None,
        sighted: None,
        unlike: false,
        first_seen: alert.first_seen,
        last_seen: alert.last_seen,
        stamp: Some(Stamp::new("", alert.updated)),
    }
}

/// Makes the rows of an alert's or case's own fields those of the object.
pub(crate) async fn save_fields(
    connection: &mut Connection,
    owner: &'static str,
    id: &str,
    fields: &[NamedValue],
    is_new: bool,
) -> Result<(), StoreError> {
    let doing = "save custom fields";
    if !is_new {
        let mut query = QueryBuilder::new("DELETE FROM field_values WHERE ");
        query.push(owner).push(" = ").push_bind(id.to_owned());
        query.build().execute(&mut *connection).await.doing(doing)?;
    }
    for field in fields {
        let Some(value) = &field.value else { continue };
        let (text, number) = field_columns(value);
        let mut query = QueryBuilder::new("INSERT INTO field_values (");
        query.push(owner).push(", name, value, number) VALUES (").push_bind(id.to_owned());
        query.push(", ").push_bind(field.name.clone()).push(", ").push_bind(text);
        query.push(", ").push_bind(number).push(")");
        query.build().execute(&mut *connection).await.doing(doing)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a number is compared here; the exact one is in the body")]
fn field_columns(value: &FieldValue) -> (String, Option<f64>) {
    match value {
        FieldValue::String(text) | FieldValue::Url(text) => (text.clone(), None),
        FieldValue::Integer(number) => (number.to_string(), Some(*number as f64)),
        FieldValue::Boolean(flag) => (flag.to_string(), None),
        FieldValue::Date(time) => (time.as_micros().to_string(), Some(time.as_micros() as f64)),
        FieldValue::Float(number) => (number.to_string(), Some(*number)),
    }
}

impl Object for Alert {
    const LIST: List = List::Alerts;
    const KIND: ObjectKind = ObjectKind::Alert;

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
        tx.save_alert(self, before.map(|before| before.version)).await
    }
}

/// Makes the row that says which case an alert is part of that of the alert.
async fn save_membership(connection: &mut Connection, alert: &Alert, is_new: bool) -> Result<(), StoreError> {
    let doing = "save which case an alert is part of";
    let Some(case) = alert.case else {
        if is_new {
            return Ok(());
        }
        sqlx::query("DELETE FROM case_alerts WHERE alert = ?")
            .bind(alert.id.to_string())
            .execute(connection)
            .await
            .doing(doing)?;
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO case_alerts (alert, case_id, tenant, added) VALUES (?, ?, ?, ?)
         ON CONFLICT (alert) DO UPDATE SET case_id = excluded.case_id, added = excluded.added
         WHERE case_alerts.case_id <> excluded.case_id",
    )
    .bind(alert.id.to_string())
    .bind(case.to_string())
    .bind(alert.tenant.as_str())
    .bind(alert.updated.as_micros())
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(())
}
