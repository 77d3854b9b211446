//! Organisations become tenants, and users become users who cannot sign in yet.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Stamp, Tenant, TenantId};
use vigie_store::Author;

use super::mark::Mark;
use super::naming::{Place, slug};
use super::pass::listed;
use super::run::{ImportError, Run};
use super::settle::How;
use super::source::{Source, SourceError};
use super::table::ImportRow;
use super::theirs::{Profiles, Unread, Users, stamp_of, typed};
use super::walk::PAGE;
use crate::permission::ADMIN_TENANT;

/// What the table calls organisations.
pub(super) const ORGANISATIONS: &str = "organisations";

/// Which tenant each organisation becomes, where it is not the one nearest to its name.
pub type TenantMap = BTreeMap<String, TenantId>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Current {
    organisation: Option<String>,
    organisations: Option<Vec<CurrentOrganisation>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CurrentOrganisation {
    organisation: String,
    organisation_id: Option<String>,
}

/// Returns the organisations to copy and the tenants that they become: those asked for, else all that the key is a member
/// of. The administrators' organisation has nothing of its own.
pub(super) async fn places(source: &Source, asked: &[String], map: &TenantMap) -> Result<Vec<Place>, ImportError> {
    let known = match member_of(source).await {
        Ok(known) => known,
        // A key without a user is a member of nothing, and may do what it may.
        Err(error) if asked.is_empty() || error.is_final() => return Err(error.into()),
        Err(_) => Vec::new(),
    };
    let mut wanted = if asked.is_empty() { known } else { asked.iter().map(|name| named_in(&known, name)).collect() };
    let mut seen = BTreeSet::new();
    wanted.retain(|one| {
        !one.organisation.eq_ignore_ascii_case(ADMIN_TENANT) && seen.insert(one.organisation.to_lowercase())
    });
    if wanted.is_empty() {
        return Err(ImportError::NoOrganisation);
    }
    let mut places: Vec<Place> = Vec::new();
    for one in wanted {
        let tenant = tenant_of(&one.organisation, map, &places)?;
        let is_plain = one.organisation.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let asked = one.organisation_id.filter(|_| !is_plain).unwrap_or_else(|| one.organisation.clone());
        places.push(Place { organisation: one.organisation, asked, tenant, numbers_to: 0 });
    }
    Ok(places)
}

fn named_in(known: &[CurrentOrganisation], name: &str) -> CurrentOrganisation {
    let found = known.iter().find(|one| one.organisation.eq_ignore_ascii_case(name));
    found.cloned().unwrap_or_else(|| CurrentOrganisation { organisation: name.to_owned(), organisation_id: None })
}

/// Returns the tenant that an organisation becomes.
fn tenant_of(organisation: &str, map: &TenantMap, places: &[Place]) -> Result<TenantId, ImportError> {
    let wrong = |reason: String| ImportError::Tenant { organisation: organisation.to_owned(), reason };
    let mapped = map.iter().find(|(name, _)| name.eq_ignore_ascii_case(organisation)).map(|(_, tenant)| tenant.clone());
    let is_mapped = mapped.is_some();
    let tenant = mapped.or_else(|| slug(organisation));
    let tenant = tenant.ok_or_else(|| wrong("nothing is left of its name but a-z, 0-9, - and _".to_owned()))?;
    if tenant.as_str() == ADMIN_TENANT {
        return Err(wrong(format!("`{ADMIN_TENANT}` is the administrators' own")));
    }
    // Two clients must not become one by chance; an operator may well put two organisations together.
    match places.iter().find(|place| place.tenant == tenant) {
        Some(other) if !is_mapped => Err(wrong(format!("`{tenant}` is what `{}` becomes", other.organisation))),
        _ => Ok(tenant),
    }
}

async fn member_of(source: &Source) -> Result<Vec<CurrentOrganisation>, SourceError> {
    let current = source.get(None, "user", "/api/v1/user/current").await?;
    let current: Current = typed(&current).map_err(|unread| SourceError::Answer {
        what: "user".to_owned(),
        reason: format!("{}: {}", unread.field, unread.reason),
    })?;
    let mut known = current.organisations.unwrap_or_default();
    known.extend(current.organisation.map(|name| CurrentOrganisation { organisation: name, organisation_id: None }));
    Ok(known)
}

/// Returns the highest number that a case has, or 0 where the source does not say.
pub(super) async fn highest_number(source: &Source, place: &Place) -> Result<u64, SourceError> {
    let operations = [
        json!({"_name": "listCase"}),
        json!({"_name": "sort", "_fields": [{"number": "desc"}]}),
        json!({"_name": "page", "from": 0, "to": 1}),
    ];
    match source.query(Some(&place.asked), "case numbers", &operations).await {
        Ok(answer) => Ok(answer.get(0).and_then(|case| case.get("number")?.as_u64()).unwrap_or_default()),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(0),
    }
}

impl Run<'_> {
    /// Makes the tenants that organisations become. Tenants that are here stay as they are.
    pub(super) async fn copy_organisations(&mut self, places: &[Place]) -> Result<(), ImportError> {
        let mut row = ImportRow { source: Some(places.len() as u64), ..ImportRow::new(None, ORGANISATIONS) };
        for place in places {
            match self.organisation(place).await {
                Ok(shown) => {
                    if self.make_tenant(place, &shown).await? {
                        row.imported += 1;
                    } else {
                        row.already_there += 1;
                    }
                }
                Err(error) if error.is_final() => return Err(error.into()),
                Err(error) => {
                    row.failed += 1;
                    self.fail(
                        Some(place),
                        ORGANISATIONS,
                        &place.organisation,
                        &Unread::new("", super::run::chain(&error)),
                    );
                }
            }
        }
        self.outcome.rows.push(row);
        Ok(())
    }

    async fn organisation(&self, place: &Place) -> Result<Value, SourceError> {
        let asked = [json!({"_name": "getOrganisation", "idOrName": place.organisation})];
        let answer = self.source.query(Some(&place.asked), ORGANISATIONS, &asked).await?;
        Ok(answer.as_array().and_then(|list| list.first().cloned()).unwrap_or_default())
    }

    /// Returns whether the tenant is new.
    async fn make_tenant(&self, place: &Place, shown: &Value) -> Result<bool, ImportError> {
        if self.store.tenant(place.tenant.as_str()).await?.is_some_and(|known| known.id == place.tenant) {
            return Ok(false);
        }
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let tenant = Tenant {
            id: place.tenant.clone(),
            name: place.organisation.clone(),
            description: text("description"),
            links: Vec::new(),
            locked: shown.get("locked").and_then(Value::as_bool).unwrap_or_default(),
            stamp: stamp_of(shown).unwrap_or_else(|_| Stamp::new("", (self.now)())),
        };
        let actor = Self::actor();
        let mut tx = self.store.begin().await?;
        tx.create(&tenant, Author { actor: &actor, now: (self.now)() }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Copies the profiles, and then the users with their memberships of the organisations that are copied.
    pub(super) async fn copy_people(&mut self, places: &[Place]) -> Result<(), ImportError> {
        let asked = listed::<Profiles>(self.source, None).all().await;
        self.copy_few::<Profiles>(None, asked).await?;
        let users = users(self.source, places).await;
        self.copy_few::<Users>(None, users).await?;
        Ok(())
    }

    /// Copies a list that is short enough to be read as a whole, each time.
    pub(super) async fn copy_few<K: super::kind::Kind>(
        &mut self,
        place: Option<&Place>,
        rows: Result<Vec<Value>, SourceError>,
    ) -> Result<(), ImportError> {
        let mut row = ImportRow::new(place, K::NAME);
        match rows {
            Ok(rows) => {
                row.source = Some(rows.len() as u64);
                for page in rows.chunks(PAGE) {
                    let mut mark = Mark::default();
                    let brought = self.settle::<K>(place, page, How::Whole, &mut mark, |_, _| {}).await?;
                    row.imported += brought.news.imported;
                    row.changed += brought.news.changed;
                    row.already_there += brought.tally.here - brought.news.imported;
                    row.failed += brought.tally.failed;
                }
            }
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => self.fail(place, K::NAME, "", &Unread::new("", super::run::chain(&error))),
        }
        self.outcome.rows.push(row);
        Ok(())
    }
}

/// Returns every user of these organisations once, with all memberships.
pub(super) async fn users(source: &Source, places: &[Place]) -> Result<Vec<Value>, SourceError> {
    let mut users: BTreeMap<String, Value> = BTreeMap::new();
    let mut order = Vec::new();
    for place in places {
        for mut user in listed::<Users>(source, Some(place)).all().await? {
            let Some(login) = user.get("login").and_then(Value::as_str).map(str::to_lowercase) else { continue };
            if !users.contains_key(&login) {
                order.push(login.clone());
            }
            let before = users.remove(&login);
            Users::join(&mut user, before, places);
            users.insert(login, user);
        }
    }
    Ok(order.iter().filter_map(|login| users.remove(login)).collect())
}

/// Returns the custom fields, which TheHive lists at a path of their own.
pub(super) async fn custom_fields(source: &Source) -> Result<Vec<Value>, SourceError> {
    const WHAT: &str = "custom fields";
    match source.get(None, WHAT, "/api/v1/customField").await? {
        Value::Array(rows) => Ok(rows),
        _ => Err(SourceError::Answer { what: WHAT.to_owned(), reason: "no list".to_owned() }),
    }
}
