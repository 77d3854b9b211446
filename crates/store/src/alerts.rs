//! Findings and alerts.

use std::collections::BTreeSet;

use sqlx::QueryBuilder;
use vigie_model::{
    Alert, AlertId, AlertOrigin, AlertStatus, Entity, EntityRole, FieldValue, Finding, NamedValue, ObjectKind,
    Observable, ObservableKind, Parent, RuleId, Stamp, TenantId, TenantScope, Timestamp,
};

use crate::error::{Doing as _, refused};
use crate::fields::List;
use crate::insert::Insert;
use crate::listing::page;
use crate::objects::{Cell, Object};
use crate::observables::save_derived;
use crate::row::{
    Connection, address_of, bodies, body, integer, one, pap_rank, push_scope, read_body, severity_rank, tlp_rank,
    to_json, unsigned, word,
};
use crate::tags::Tags;
use crate::{Listing, Rows, Store, StoreError, Tx};

/// How much of an alert's or case's text is kept for free-text search, in bytes.
const WORDS_BYTES_MAX: usize = 8 * 1024;

/// Which alerts to look for by what they are about.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// At least one of these is among the alert's entities. Of more than [`Sharing::VALUES_MAX`] the first are taken.
    pub values: Vec<(ObservableKind, String)>,
    /// Their last event is not older; [`Timestamp::MIN`] for any.
    pub since: Timestamp,
    /// Their status is one of these; empty for any.
    pub statuses: Vec<AlertStatus>,
    /// How many at most, the latest first.
    pub limit: u32,
}

impl Sharing {
    /// How many values are looked for at most.
    pub const VALUES_MAX: usize = 500;
}

impl Store {
    /// Returns a page of alerts.
    pub async fn alerts(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<Alert>, StoreError> {
        page(&mut *self.read().await?, List::Alerts, read_body, scope, listing).await
    }

    /// Returns an alert, or `None` where there is none within the scope.
    pub async fn alert(&self, scope: &TenantScope, id: AlertId) -> Result<Option<Alert>, StoreError> {
        one(&mut *self.read().await?, "alerts", scope, &id).await
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

    /// Returns the alerts that share an entity with what is asked for.
    pub async fn alerts_sharing(&self, scope: &TenantScope, sharing: &Sharing) -> Result<Vec<Alert>, StoreError> {
        alerts_sharing(&mut *self.read().await?, scope, sharing).await
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
        .bind(series(tenant, rule, key))
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
        one(&mut self.inner, "alerts", scope, &id).await
    }

    /// Returns the alerts that share an entity with what is asked for.
    pub async fn alerts_sharing(&mut self, scope: &TenantScope, sharing: &Sharing) -> Result<Vec<Alert>, StoreError> {
        alerts_sharing(&mut self.inner, scope, sharing).await
    }

    /// Saves an alert with its entities, tags and case.
    ///
    /// `expected_version` is the version that the change was made from, or `None` for a new alert.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another version is stored, [`StoreError::Exists`] where a new alert is there already.
    pub async fn save_alert(&mut self, alert: &Alert, expected_version: Option<u64>) -> Result<(), StoreError> {
        match expected_version {
            None => self.insert_alert(alert).await?,
            Some(expected) => self.update_alert(alert, expected).await?,
        }
        let (is_new, id) = (expected_version.is_none(), alert.id.to_string());
        save_entities(&mut self.inner, alert, is_new).await?;
        if is_new {
            Tags::ALERTS.insert(&mut self.inner, [(id.clone(), alert.tags.as_slice())]).await?;
        } else {
            Tags::ALERTS.save(&mut self.inner, &id, &alert.tags).await?;
        }
        save_fields(&mut self.inner, "alert", &id, &alert.desk.fields, is_new).await?;
        save_membership(&mut self.inner, alert, is_new).await
    }

    async fn insert_alert(&mut self, alert: &Alert) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO alerts (title, severity, status, assignee, verdict, tlp, pap, count, first_seen, last_seen,
                 created, updated, last_finding, acknowledged, closed, case_id, version, words, body,
                 flag, unfollowed, label, imported, updated_by, series, origin_kind, origin_source, origin_reference,
                 id, tenant, rule, rule_title, generation, created_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind_changing(alert)
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

    async fn update_alert(&mut self, alert: &Alert, expected: u64) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE alerts SET title = ?, severity = ?, status = ?, assignee = ?, verdict = ?, tlp = ?, pap = ?,
                 count = ?, first_seen = ?, last_seen = ?, created = ?, updated = ?, last_finding = ?,
                 acknowledged = ?, closed = ?, case_id = ?, version = ?, words = ?, body = ?,
                 flag = ?, unfollowed = ?, label = ?, imported = ?, updated_by = ?,
                 series = ?, origin_kind = ?, origin_source = ?, origin_reference = ?
             WHERE id = ? AND tenant = ? AND version = ?",
        )
        .bind_changing(alert)
        .bind(alert.id.to_string())
        .bind(alert.tenant.as_str())
        .bind(integer(expected))
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "save an alert", ObjectKind::Alert, &alert.id))?;
        if done.rows_affected() > 0 {
            return Ok(());
        }
        let id = alert.id.to_string();
        Err(conflict(&mut self.inner, "alerts", ObjectKind::Alert, &id, &alert.tenant, expected).await?)
    }
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds the columns of an alert that a change may touch, in the order of both statements above.
trait BindChanging {
    fn bind_changing(self, alert: &Alert) -> Self;
}

impl BindChanging for Statement<'_> {
    fn bind_changing(self, alert: &Alert) -> Self {
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
            .bind(words_of(alert))
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
        Some(origin) if alert.key.is_empty() => Alert::id_of_origin(&alert.tenant, origin).to_string(),
        _ => series(&alert.tenant, &alert.rule.id, &alert.key),
    }
}

/// Returns the name of what all generations of a tenant's rule and key share.
fn series(tenant: &TenantId, rule: &RuleId, key: &[Entity]) -> String {
    Alert::id_of(tenant, rule, key, 0).to_string()
}

fn words_of(alert: &Alert) -> String {
    let mut texts = vec![alert.title.as_str(), alert.rule.title.as_str(), alert.rule.description.as_str()];
    texts.push(&alert.description);
    texts.extend(alert.origin.iter().flat_map(|origin| [origin.source.as_str(), &origin.reference]));
    texts.extend(alert.tags.iter().map(String::as_str));
    texts.extend(alert.entities.iter().map(|entity| entity.value.as_str()));
    lower_words(texts)
}

/// Joins texts for free-text search: lower case, held within [`WORDS_BYTES_MAX`].
pub(crate) fn lower_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut words = String::new();
    for text in texts {
        if words.len() + text.len() >= WORDS_BYTES_MAX {
            break;
        }
        words.push_str(&text.to_ascii_lowercase());
        words.push('\n');
    }
    words
}

async fn alerts_sharing(
    connection: &mut Connection,
    scope: &TenantScope,
    sharing: &Sharing,
) -> Result<Vec<Alert>, StoreError> {
    if sharing.values.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT body FROM alerts WHERE ");
    push_scope(&mut query, "tenant", scope);
    query.push(" AND id IN (SELECT alert FROM alert_entities WHERE ");
    push_scope(&mut query, "tenant", scope);
    push_values(&mut query, &sharing.values);
    query.push(") AND last_seen >= ").push_bind(sharing.since.as_micros());
    if !sharing.statuses.is_empty() {
        query.push(" AND status IN (");
        let mut list = query.separated(", ");
        for status in &sharing.statuses {
            list.push_bind(status.as_str());
        }
        query.push(")");
    }
    query.push(" ORDER BY last_seen DESC, id LIMIT ").push_bind(i64::from(sharing.limit));
    let rows = query.build_query_scalar().fetch_all(connection).await.doing("find alerts that share an entity")?;
    bodies("alerts", rows)
}

/// Adds that `kind` and `value` are one of these pairs.
pub(crate) fn push_values(query: &mut QueryBuilder<sqlx::Sqlite>, values: &[(ObservableKind, String)]) {
    query.push(" AND (kind, value) IN (VALUES ");
    let mut list = query.separated(", ");
    for (kind, value) in values.iter().take(Sharing::VALUES_MAX) {
        list.push("(").push_bind_unseparated(kind.as_str());
        list.push_unseparated(", ").push_bind_unseparated(value.clone()).push_unseparated(")");
    }
    query.push(")");
}

/// Makes the rows of an alert's entities those of the alert. Most changes change none, so they are compared first.
async fn save_entities(connection: &mut Connection, alert: &Alert, is_new: bool) -> Result<(), StoreError> {
    let doing = "save the entities of an alert";
    let id = alert.id.to_string();
    let stored: Vec<(String, String)> = if is_new {
        Vec::new()
    } else {
        sqlx::query_as("SELECT kind, value FROM alert_entities WHERE alert = ?")
            .bind(&id)
            .fetch_all(&mut *connection)
            .await
            .doing(doing)?
    };
    let mut gone: BTreeSet<(&str, &str)> = stored.iter().map(|(kind, value)| (kind.as_str(), value.as_str())).collect();
    let wanted: BTreeSet<(ObservableKind, &str)> =
        alert.entities.iter().map(|entity| (entity.kind, entity.value.as_str())).collect();
    let new: Vec<_> = wanted.into_iter().filter(|(kind, value)| !gone.remove(&(kind.as_str(), *value))).collect();
    let row = |(kind, value): &(ObservableKind, &str)| {
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![
            text(&id),
            text(alert.tenant.as_str()),
            text(kind.as_str()),
            text(value),
            Cell::Maybe(address_of(*kind, value)),
        ]
    };
    let into = "INSERT INTO alert_entities (alert, tenant, kind, value, address)";
    Insert::new(into, new.iter().map(row).collect()).execute(connection).await.doing(doing)?;
    // What a feeder sends are observables with words of their own; of a finding they are what it is about.
    if alert.origin.is_none() {
        let derived: Vec<_> = new.iter().map(|(kind, value)| observable_of(alert, *kind, value)).collect();
        save_derived(connection, &derived).await?;
    }
    for (kind, value) in gone {
        sqlx::query("DELETE FROM alert_entities WHERE alert = ? AND kind = ? AND value = ?")
            .bind(&id)
            .bind(kind)
            .bind(value)
            .execute(&mut *connection)
            .await
            .doing(doing)?;
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

/// Returns the error for a change that was made from another version than is stored.
pub(crate) async fn conflict(
    connection: &mut Connection,
    table: &'static str,
    object: ObjectKind,
    id: &str,
    tenant: &TenantId,
    expected: u64,
) -> Result<StoreError, StoreError> {
    let mut query = QueryBuilder::new("SELECT version FROM ");
    query.push(table).push(" WHERE id = ").push_bind(id.to_owned());
    query.push(" AND tenant = ").push_bind(tenant.to_string());
    let found: Option<i64> =
        query.build_query_scalar().fetch_optional(connection).await.doing("load the stored version")?;
    Ok(StoreError::Conflict { object, id: id.to_owned(), expected, found: found.map(unsigned) })
}
