//! A change: one transaction that holds it, its rows in the audit log, and whoever is to be told.
//!
//! What belongs to another organisation is changed only as far as the share of its case allows, whatever the visitor may do
//! at home: `Work` asks for that at every write, so that no handler can forget to.

use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;
use vigie_model::{Actor, Case, Filter, ObjectKind, Selection, ShareId, Timestamp, User, Verb};
use vigie_store::{AuditNote, Author, Object, Reach, Tx};

use crate::door::{Change, Door};
use crate::gate::{profile_in, profile_named};
use crate::id::WireId;
use crate::{Fault, Visitor};

/// How many objects one request changes at most.
pub(crate) const OBJECTS_MAX: usize = 1_000;

/// A change that is being made. Dropped without [`Work::commit`], nothing has happened.
pub(crate) struct Work<'a> {
    pub(crate) door: &'a Door,
    pub(crate) visitor: &'a Visitor,
    pub(crate) now: Timestamp,
    pub(crate) tx: Held<'a>,
    changes: Vec<Change>,
    /// The shares that allow what is being done, each with the permission.
    allowed: HashSet<(ShareId, &'static str)>,
}

/// The transaction of a change: its own, or one that it shares with others.
pub(crate) enum Held<'a> {
    Own(Box<Tx>),
    Lent(&'a mut Tx),
}

impl Deref for Held<'_> {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        match self {
            Self::Own(tx) => tx,
            Self::Lent(tx) => tx,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Tx {
        match self {
            Self::Own(tx) => tx,
            Self::Lent(tx) => tx,
        }
    }
}

/// Makes a small change that shares its commit, and so the wait for the disk, with those of others. Returns what the change
/// returned, once it is on disk and whoever is to be told is.
///
/// The change must wait for nothing but its transaction, and it may be called again: see [`vigie_store::Store::grouped`].
pub(crate) async fn grouped<T, F>(door: &Door, visitor: &Visitor, change: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: for<'w> Fn(&'w mut Work<'_>) -> BoxFuture<'w, Result<T, Fault>> + Send + Sync + 'static,
{
    let change = Arc::new(change);
    let (own_door, own_visitor) = (door.clone(), visitor.clone());
    let done = door.store.grouped(move |tx| {
        let (door, visitor, change) = (own_door.clone(), own_visitor.clone(), Arc::clone(&change));
        Box::pin(async move {
            let mut work = Work::with(&door, &visitor, Held::Lent(tx));
            let result = change(&mut work).await?;
            Ok::<_, Fault>((result, work.settle().await?))
        })
    });
    let (result, changes) = done.await?;
    door.house.after_commit(changes);
    Ok(result)
}

impl<'a> Work<'a> {
    pub(crate) async fn begin(door: &'a Door, visitor: &'a Visitor) -> Result<Self, Fault> {
        Ok(Self::with(door, visitor, Held::Own(Box::new(door.store.begin().await?))))
    }

    fn with(door: &'a Door, visitor: &'a Visitor, tx: Held<'a>) -> Self {
        Self { door, visitor, now: door.house.now(), tx, changes: Vec::new(), allowed: HashSet::new() }
    }

    pub(crate) fn scope(&self) -> &'a Reach {
        &self.visitor.scope
    }

    /// Returns who makes the change, as objects name them.
    pub(crate) fn by(&self) -> String {
        self.visitor.name()
    }

    /// Returns a new id: the time, and random.
    pub(crate) fn id<I: WireId>(&self) -> I {
        I::from_bytes(self.door.house.id()).at(self.now)
    }

    /// Returns an object of the visitor's organisation, or says that there is none.
    pub(crate) async fn get<T: Object>(&mut self, id: impl WireId + ToString) -> Result<T, Fault> {
        let found = self.tx.get(&self.visitor.scope, &id.to_string()).await?;
        found.ok_or_else(|| missing(id))
    }

    /// Returns the objects of the visitor's organisation that match, oldest first.
    pub(crate) async fn all<T: Object>(&mut self, filter: Filter) -> Result<Vec<T>, Fault> {
        Ok(self.tx.select(&self.visitor.scope, &Selection::of(filter, i64::MAX as u64)).await?)
    }

    pub(crate) async fn create<T: Object>(&mut self, object: &T) -> Result<(), Fault> {
        self.tx.create(object, author(&self.visitor.actor, self.now)).await?;
        self.allow(object).await?;
        self.changed(Verb::Create, None::<&T>, Some(object));
        Ok(())
    }

    /// Makes objects of one kind.
    pub(crate) async fn create_all<T: Object>(&mut self, objects: &[T]) -> Result<(), Fault> {
        if objects.is_empty() {
            return Ok(());
        }
        self.tx.create_all(objects, author(&self.visitor.actor, self.now)).await?;
        for object in objects {
            self.allow(object).await?;
            self.changed(Verb::Create, None::<&T>, Some(object));
        }
        Ok(())
    }

    /// Returns the name of somebody who may be given work here, as the account has it.
    pub(crate) async fn member(&self, field: &str, name: &str) -> Result<String, Fault> {
        member(self.door, self.visitor, field, name).await
    }

    pub(crate) async fn change<T: Object>(&mut self, before: &T, after: &T) -> Result<(), Fault> {
        self.change_as(Verb::Update, before, after).await
    }

    pub(crate) async fn change_as<T: Object>(&mut self, verb: Verb, before: &T, after: &T) -> Result<(), Fault> {
        self.allow(before).await?;
        self.tx.change(before, after, verb, author(&self.visitor.actor, self.now)).await?;
        self.changed(verb, Some(before), Some(after));
        Ok(())
    }

    /// Gives a case of the visitor's organisation, and all that is on it, to another.
    pub(crate) async fn give_case(&mut self, before: &Case, after: &Case) -> Result<(), Fault> {
        self.allow(before).await?;
        self.tx.give_case(before, after, author(&self.visitor.actor, self.now)).await?;
        self.changed(Verb::Update, Some(before), Some(after));
        Ok(())
    }

    /// Deletes an object and what hangs on it. One that was gone already is no error.
    pub(crate) async fn remove<T: Object>(&mut self, object: &T) -> Result<(), Fault> {
        self.allow(object).await?;
        if self.tx.remove(object, author(&self.visitor.actor, self.now)).await? {
            self.changed(Verb::Delete, Some(object), None);
        }
        Ok(())
    }

    /// Says in the audit log what was done to something that is no object of its own, such as a password.
    pub(crate) async fn note(
        &mut self,
        verb: Verb,
        object: ObjectKind,
        object_id: String,
        details: Value,
    ) -> Result<(), Fault> {
        let (at, actor) = (self.now, self.visitor.actor.clone());
        self.tx.audit(&AuditNote { at, tenant: None, actor, verb, object, object_id, details }).await?;
        Ok(())
    }

    /// Refuses to change what belongs to another organisation, but for what the share of its case allows.
    pub(crate) async fn allow<T: Object>(&mut self, object: &T) -> Result<(), Fault> {
        let needed = self.visitor.needed.unwrap_or("a permission");
        self.allow_as(object, needed).await
    }

    /// Refuses to do what needs a permission besides that of the route.
    pub(crate) async fn require<T: Object>(&mut self, object: &T, needed: &'static str) -> Result<(), Fault> {
        if !self.visitor.may(needed) {
            return Err(Fault::forbidden(format!("this needs the permission {needed}")));
        }
        self.allow_as(object, needed).await
    }

    async fn allow_as<T: Object>(&mut self, object: &T, needed: &'static str) -> Result<(), Fault> {
        if self.is_own(object) || !T::LIST.follows_case() {
            return Ok(());
        }
        let share = self.tx.share_of(object, &self.visitor.tenant.id).await?;
        let share = share.ok_or_else(|| Fault::not_found(T::LIST.name(), &object.key()))?;
        if self.allowed.contains(&(share.id, needed)) {
            return Ok(());
        }
        let profile = profile_named(self.door, &share.profile).await?;
        if !profile.is_some_and(|profile| profile.permissions.contains(needed)) {
            let (name, owner) = (&share.profile, &share.owner);
            return Err(Fault::forbidden(format!(
                "this needs the permission {needed}: {owner} shares the case with the profile {name}, which lacks it"
            )));
        }
        self.allowed.insert((share.id, needed));
        Ok(())
    }

    /// Returns whether an object is the visitor's organisation's own, or nobody's.
    pub(crate) fn is_own<T: Object>(&self, object: &T) -> bool {
        object.owner().is_none_or(|owner| *owner == self.visitor.tenant.id)
    }

    fn changed<T: Object>(&mut self, verb: Verb, before: Option<&T>, after: Option<&T>) {
        let json = |object: &T| serde_json::to_value(object).expect("the objects of the model have text keys only");
        let tenant = after.or(before).and_then(|object| object.owner().cloned());
        let (before, after) = (before.map(json), after.map(json));
        self.changes.push(Change { tenant, object: T::KIND, verb, before, after });
    }

    /// Makes the change happen, and tells whoever is to be told.
    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        self.door.house.before_commit(&mut self.tx, &self.visitor.actor, &self.changes).await?;
        if let Held::Own(tx) = self.tx {
            tx.commit().await?;
        }
        self.door.house.after_commit(self.changes);
        Ok(())
    }

    /// Ends a change that shares its commit. Returns what changed, for those who are to be told of it.
    async fn settle(mut self) -> Result<Vec<Change>, Fault> {
        self.door.house.before_commit(&mut self.tx, &self.visitor.actor, &self.changes).await?;
        Ok(self.changes)
    }
}

/// Returns the name of somebody who may be given work in the visitor's organisation, as the account has it.
pub(crate) async fn member(door: &Door, visitor: &Visitor, field: &str, name: &str) -> Result<String, Fault> {
    let found = door.store.user_by_name(name).await?.map(|(user, _)| user).filter(|user| !user.disabled);
    let is_here = |user: &User| profile_in(&visitor.tenant.id, &user.memberships, user.role, &user.tenants).is_some();
    found.filter(is_here).map(|user| user.name).ok_or_else(|| {
        let name: String = name.chars().take(80).collect();
        Fault::field(field, format!("there is no user {name} in this organisation"))
    })
}

fn author(actor: &Actor, now: Timestamp) -> Author<'_> {
    Author { actor, now }
}

fn missing<I: WireId>(id: I) -> Fault {
    Fault::not_found(I::KIND, &id.wire())
}
