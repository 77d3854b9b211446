//! Who is told of a change: the tenants' notification rules, in the transaction of the change.
//!
//! A letter is written when the change is made and lies in the outbox with it, so that both are there or neither, and it
//! says what was true then.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vigie_cases::{About, Letter, Occasion, asks_for, letter};
use vigie_model::{
    Actor, Alert, Case, CaseStatus, Comment, Filter, NoticeChannel, NoticeRule, NoticeTrigger, ObjectKind, Parent,
    Selection, Task, Tenant, TenantId, TenantScope, Timestamp, User, Verb,
};
use vigie_store::{Object, OutboxMessage, StoreError, Tx};
use vigie_thehive::Change;

use crate::api::equal;
use crate::forwards::Forwards;
use crate::workers::Errand;

/// The channel of the outbox.
const CHANNEL: &str = "notice";
/// How many rules of a tenant are looked at.
const RULES_MAX: u64 = 500;

/// Something that somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) channel: NoticeChannel,
    pub(crate) trigger: NoticeTrigger,
    pub(crate) tenant: TenantId,
    pub(crate) letter: Letter,
    /// What it is about, as the model writes it.
    pub(crate) object: Value,
}

/// Writes notices; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Notices {
    /// Where people reach this server.
    public_url: Option<String>,
    /// Who gets new alerts too.
    forwards: Forwards,
}

/// What a change or the clock brought about.
struct Event<'a> {
    trigger: NoticeTrigger,
    about: About<'a>,
    /// The object's id and what makes this event one of its kind: a version, a due time.
    name: String,
    path: String,
    assignee: Option<&'a str>,
    due: Option<Timestamp>,
    object: Value,
}

/// Returns the change of an object, for [`Notices::follow`]; `before` is null for a new one.
pub(crate) fn change_of<T: Object>(verb: Verb, before: Value, after: &T) -> Change {
    let before = Some(before).filter(|before| !before.is_null());
    Change { tenant: after.owner().cloned(), object: T::KIND, verb, before, after: Some(json!(after)) }
}

impl Notices {
    pub(crate) fn new(public_url: Option<&str>, forwards: Forwards) -> Self {
        Self { public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()), forwards }
    }

    /// Puts into the outbox what the tenants' rules say about these changes.
    pub(crate) async fn follow(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        changes: &[Change],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut telling = Telling { notices: self, tx, actor, now, rules: HashMap::new() };
        for change in changes {
            let (Some(tenant), Some(after)) = (&change.tenant, &change.after) else { continue };
            match change.object {
                ObjectKind::Alert => telling.alert(tenant, change, after).await?,
                ObjectKind::Case => telling.case(tenant, change, after).await?,
                ObjectKind::Task => telling.task(tenant, change, after).await?,
                ObjectKind::Comment => telling.comment(tenant, change, after).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells of a case that is due, or late. The due time is part of the name: it is said once.
    pub(crate) async fn tell_due(
        &self,
        tx: &mut Tx,
        trigger: NoticeTrigger,
        case: &Case,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let actor = Actor::System("sla".to_owned());
        let event = case_event(trigger, case, format!("{}/{}", case.id, due.as_micros()), Some(due), json!(case));
        let mut telling = Telling { notices: self, tx, actor: &actor, now, rules: HashMap::new() };
        telling.tell(&case.tenant, event).await
    }
}

/// Changes that are being followed: the transaction that they are made in, who makes them, and when.
struct Telling<'a> {
    notices: &'a Notices,
    tx: &'a mut Tx,
    actor: &'a Actor,
    now: Timestamp,
    /// The rules that were asked for: a round of the pipeline may raise many alerts of one tenant.
    rules: HashMap<(TenantId, NoticeTrigger), Vec<NoticeRule>>,
}

impl Telling<'_> {
    async fn alert(&mut self, tenant: &TenantId, change: &Change, after: &Value) -> Result<(), StoreError> {
        if change.verb != Verb::Create {
            return Ok(());
        }
        let Some(alert) = read::<Alert>(after) else { return Ok(()) };
        self.notices.forwards.put(self.tx, &alert, self.now).await?;
        let event = Event {
            trigger: NoticeTrigger::AlertCreated,
            about: About::Alert(&alert),
            name: alert.id.to_string(),
            path: format!("/alerts/{}", alert.id),
            assignee: alert.assignee.as_deref(),
            due: None,
            object: after.clone(),
        };
        self.tell(tenant, event).await
    }

    async fn case(&mut self, tenant: &TenantId, change: &Change, after: &Value) -> Result<(), StoreError> {
        let Some(case) = read::<Case>(after) else { return Ok(()) };
        let before = change.before.as_ref().and_then(read::<Case>);
        let mut triggers = Vec::new();
        if change.verb == Verb::Create {
            triggers.push(NoticeTrigger::CaseCreated);
        }
        let had = before.as_ref().and_then(|case| case.assignee.as_deref());
        let by = self.actor.to_string();
        // Who takes a case knows that it is theirs.
        if case.assignee.as_deref().is_some_and(|assignee| had != Some(assignee) && assignee != by) {
            triggers.push(NoticeTrigger::CaseAssigned);
        }
        let was_closed = before.as_ref().is_some_and(|case| case.status == CaseStatus::Closed);
        if case.status == CaseStatus::Closed && !was_closed {
            triggers.push(NoticeTrigger::CaseClosed);
        }
        for trigger in triggers {
            let event = case_event(trigger, &case, format!("{}/{}", case.id, case.version), None, after.clone());
            self.tell(tenant, event).await?;
        }
        Ok(())
    }

    async fn task(&mut self, tenant: &TenantId, change: &Change, after: &Value) -> Result<(), StoreError> {
        let Some(task) = read::<Task>(after) else { return Ok(()) };
        let before = change.before.as_ref().and_then(read::<Task>).and_then(|task| task.assignee);
        let by = self.actor.to_string();
        if task.assignee.as_deref().is_none_or(|assignee| before.as_deref() == Some(assignee) || assignee == by) {
            return Ok(());
        }
        let event = Event {
            trigger: NoticeTrigger::TaskAssigned,
            about: About::Task(&task),
            name: format!("{}/{}", task.id, self.now.as_micros()),
            path: format!("/cases/{}", task.case),
            assignee: task.assignee.as_deref(),
            due: None,
            object: after.clone(),
        };
        self.tell(tenant, event).await
    }

    async fn comment(&mut self, tenant: &TenantId, change: &Change, after: &Value) -> Result<(), StoreError> {
        if change.verb != Verb::Create {
            return Ok(());
        }
        let Some(comment) = read::<Comment>(after) else { return Ok(()) };
        let scope = TenantScope::Only(vec![tenant.clone()]);
        let (title, assignee, path) = match comment.on {
            Parent::Alert(id) => match self.tx.alert(&scope, id).await? {
                Some(alert) => (alert.title, alert.assignee, format!("/alerts/{id}")),
                None => return Ok(()),
            },
            Parent::Case(id) => match self.tx.case(&scope, id).await? {
                Some(case) => (case.title, case.assignee, format!("/cases/{id}")),
                None => return Ok(()),
            },
        };
        let event = Event {
            trigger: NoticeTrigger::CommentAdded,
            about: About::Comment(&comment, &title),
            name: comment.id.to_string(),
            path,
            assignee: assignee.as_deref(),
            due: None,
            object: after.clone(),
        };
        self.tell(tenant, event).await
    }

    async fn tell(&mut self, tenant: &TenantId, event: Event<'_>) -> Result<(), StoreError> {
        let rules = match self.rules.entry((tenant.clone(), event.trigger)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(rules(self.tx, tenant, event.trigger).await?),
        };
        if rules.is_empty() {
            return Ok(());
        }
        let by = self.actor.to_string();
        let link = self.notices.public_url.as_ref().map(|url| format!("{url}{}", event.path));
        let known: Option<Tenant> = self.tx.get(&TenantScope::All, tenant.as_str()).await?;
        let name = known.map_or_else(|| tenant.to_string(), |tenant| tenant.name);
        let occasion = Occasion {
            trigger: event.trigger,
            about: event.about,
            tenant: &name,
            by: &by,
            link: link.as_deref(),
            due: event.due,
        };
        for rule in rules.iter().filter(|rule| asks_for(rule, &occasion)) {
            let notice = Notice {
                channel: addressed(self.tx, &rule.channel, event.assignee).await?,
                trigger: event.trigger,
                tenant: tenant.clone(),
                letter: letter(rule, &occasion),
                object: event.object.clone(),
            };
            let message = OutboxMessage {
                key: format!("notice/{}/{}", rule.id, event.name),
                tenant: tenant.clone(),
                channel: CHANNEL.to_owned(),
                action: None,
                body: json!(Errand::Tell { notice: Box::new(notice) }),
                created: self.now,
                due: self.now,
            };
            self.tx.enqueue(&message).await?;
        }
        Ok(())
    }
}

fn case_event(trigger: NoticeTrigger, case: &Case, name: String, due: Option<Timestamp>, object: Value) -> Event<'_> {
    Event {
        trigger,
        about: About::Case(case),
        name,
        path: format!("/cases/{}", case.id),
        assignee: case.assignee.as_deref(),
        due,
        object,
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

async fn rules(tx: &mut Tx, tenant: &TenantId, trigger: NoticeTrigger) -> Result<Vec<NoticeRule>, StoreError> {
    let trigger = json!(trigger).as_str().unwrap_or_default().to_owned();
    let filter = Filter::And(vec![equal("trigger", trigger), equal("enabled", "true")]);
    tx.select(&TenantScope::Only(vec![tenant.clone()]), &Selection::of(filter, RULES_MAX)).await
}

/// A mail without addresses goes to whom it concerns; where nobody does, or no address is known, to those of `[smtp]`.
async fn addressed(tx: &mut Tx, channel: &NoticeChannel, assignee: Option<&str>) -> Result<NoticeChannel, StoreError> {
    let (NoticeChannel::Email { to }, Some(assignee)) = (channel, assignee) else { return Ok(channel.clone()) };
    if !to.is_empty() {
        return Ok(channel.clone());
    }
    let user: Option<User> = tx.select(&TenantScope::All, &Selection::of(equal("name", assignee), 1)).await?.pop();
    let address = user.and_then(|user| user.email.or_else(|| user.name.contains('@').then_some(user.name)));
    Ok(NoticeChannel::Email { to: address.into_iter().collect() })
}
