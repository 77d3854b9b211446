//! The kinds of objects that can be asked for, and the ways from one to another.
//!
//! A new kind is one line in [`KINDS`]: its name, so that there are `listName` and `getName`, the type that implements
//! [`Wire`], and what it is called by. A new way is one line in [`HOPS`].

use futures_util::future::BoxFuture;
use serde_json::Value;
use vigie_model::{
    Alert, Attachment, Case, CasePage, CaseTemplate, Comment, CustomField, DataType, Filter, Job, Observable,
    ObservableId, PageTemplate, Procedure, Profile, Selection, Share, Task, TaskLog, Tenant, TenantId, TenantScope,
    User, Value as ModelValue,
};
use vigie_store::{List, Reach};

use super::context::Context;
use super::field::{QueryField, TEXT, fields};
use super::filter::{both, not};
use super::value::{equals, is, nothing};
use crate::door::Door;
use crate::id::WireId as _;
use crate::wire::Wire;
use crate::{Fault, Visitor};

/// Every kind.
pub(super) static KINDS: &[Kind] = &[
    Kind::of::<Alert>("Alert", Called::Origin),
    Kind::of::<Attachment>("Attachment", Called::Text("name")),
    Kind::of::<Case>("Case", Called::Number("number")),
    Kind::of::<CaseTemplate>("CaseTemplate", Called::Text("name")),
    Kind::of::<Comment>("Comment", Called::Id),
    Kind::of::<CustomField>("CustomField", Called::Text("name")),
    Kind::of::<Job>("Job", Called::Id),
    Kind::of::<TaskLog>("Log", Called::Id),
    Kind::of::<Observable>("Observable", Called::Id),
    Kind::of::<DataType>("ObservableType", Called::Text("name")),
    Kind::of::<CasePage>("Page", Called::Id),
    Kind::of::<PageTemplate>("PageTemplate", Called::Id),
    Kind::of::<Procedure>("Procedure", Called::Id),
    Kind::of::<Profile>("Profile", Called::Text("name")),
    Kind::of::<Share>("Share", Called::Id),
    Kind::of::<Tenant>("Organisation", Called::Tenant).seen(platform),
    Kind::of::<Task>("Task", Called::Id),
    Kind::of::<User>("User", Called::Text("name")).seen(platform),
];

/// Every way from one kind to another.
static HOPS: &[Hop] = &[
    hop("Alert", "attachments", "Attachment", |_, from| of("alert", List::Alerts, from)),
    hop("Alert", "case", "Case", |_, from| of("alert", List::Alerts, from)),
    hop("Alert", "comments", "Comment", |_, from| of("alert", List::Alerts, from)),
    hop("Alert", "observables", "Observable", |_, from| of("alert", List::Alerts, from)),
    hop("Alert", "procedures", "Procedure", |_, from| of("alert", List::Alerts, from)),
    hop("Alert", "assignableUsers", "User", |tenant, _| members(tenant)),
    hop("Alert", "similarAlerts", "Alert", |_, from| both(alike("alert", List::Alerts, from.clone()), not(from))),
    hop("Alert", "similarAlertsLight", "Alert", |_, from| both(alike("alert", List::Alerts, from.clone()), not(from))),
    hop("Alert", "similarCases", "Case", |_, from| alike("alert", List::Alerts, from)),
    hop("Alert", "similarCasesLight", "Case", |_, from| alike("alert", List::Alerts, from)),
    hop("Case", "alerts", "Alert", |_, from| of("case", List::Cases, from)),
    hop("Case", "allComments", "Comment", |_, from| {
        let alerts = of("case", List::Cases, from.clone());
        Filter::Or(vec![of("case", List::Cases, from), of("alert", List::Alerts, alerts)])
    }),
    hop("Case", "assignableUsers", "User", |tenant, _| members(tenant)),
    hop("Case", "attachments", "Attachment", |_, from| of("case", List::Cases, from)),
    hop("Case", "comments", "Comment", |_, from| of("case", List::Cases, from)),
    hop("Case", "observables", "Observable", |_, from| of("case", List::Cases, from)),
    hop("Case", "organisations", "Organisation", |_, from| of("case", List::Cases, from)),
    hop("Case", "pages", "Page", |_, from| of("case", List::Cases, from)),
    hop("Case", "procedures", "Procedure", |_, from| of("case", List::Cases, from)),
    hop("Case", "shares", "Share", |_, from| of("case", List::Cases, from)),
    hop("Case", "tasks", "Task", |_, from| of("case", List::Cases, from)),
    hop("Case", "similarAlerts", "Alert", |_, from| alike("case", List::Cases, from)),
    hop("Case", "similarAlertsLight", "Alert", |_, from| alike("case", List::Cases, from)),
    hop("Case", "similarCases", "Case", |_, from| both(alike("case", List::Cases, from.clone()), not(from))),
    hop("Case", "similarCasesLight", "Case", |_, from| both(alike("case", List::Cases, from.clone()), not(from))),
    hop("CaseTemplate", "pageTemplates", "PageTemplate", |_, from| of("case_template", List::CaseTemplates, from)),
    hop("Comment", "alert", "Alert", |_, from| of("comment", List::Comments, from)),
    hop("Comment", "case", "Case", |_, from| of("comment", List::Comments, from)),
    hop("Log", "attachments", "Attachment", |_, from| of("task_log", List::TaskLogs, from)),
    hop("Log", "case", "Case", |_, from| of("log", List::TaskLogs, from)),
    hop("Log", "task", "Task", |_, from| of("log", List::TaskLogs, from)),
    hop("Observable", "alert", "Alert", |_, from| of("observable_id", List::Observables, from)),
    hop("Observable", "attachments", "Attachment", |_, from| of("observable", List::Observables, from)),
    hop("Observable", "case", "Case", |_, from| of("observable_id", List::Observables, from)),
    hop("Observable", "jobs", "Job", |_, from| of("observable", List::Observables, from)),
    hop("Organisation", "alerts", "Alert", |_, from| of("tenant", List::Tenants, from)),
    hop("Organisation", "attachments", "Attachment", |_, from| {
        let hung = ["alert", "case", "task_log", "observable"].map(|name| Filter::Exists(name.to_owned()));
        both(of("tenant", List::Tenants, from), not(Filter::Or(hung.to_vec())))
    }),
    hop("Organisation", "cases", "Case", |_, from| of("tenant", List::Tenants, from)),
    hop("Organisation", "caseTemplates", "CaseTemplate", |_, from| of("tenant", List::Tenants, from)),
    hop("Organisation", "pageTemplates", "PageTemplate", |_, from| of("tenant", List::Tenants, from)),
    hop("Organisation", "users", "User", |_, from| of("tenant", List::Tenants, from)),
    hop("Page", "case", "Case", |_, from| of("page", List::Pages, from)),
    hop("PageTemplate", "caseTemplates", "CaseTemplate", |_, from| of("page", List::PageTemplates, from)),
    hop("Procedure", "alert", "Alert", |_, from| of("procedure", List::Procedures, from)),
    hop("Procedure", "case", "Case", |_, from| of("procedure", List::Procedures, from)),
    hop("Share", "case", "Case", |_, from| of("share", List::Shares, from)),
    hop("Task", "assignableUsers", "User", |tenant, _| members(tenant)),
    hop("Task", "case", "Case", |_, from| of("task", List::Tasks, from)),
    hop("Task", "logs", "Log", |_, from| of("task", List::Tasks, from)),
    hop("User", "organisations", "Organisation", |_, from| of("user", List::Users, from)),
];

/// A kind of object.
pub(crate) struct Kind {
    pub(super) name: &'static str,
    own_fields: &'static [QueryField],
    list: List,
    called: Called,
    scope: fn(&Visitor) -> Reach,
    pub(super) rows: for<'a> fn(Ask<'a>) -> BoxFuture<'a, Result<Vec<Value>, Fault>>,
    pub(super) count: for<'a> fn(&'a Door, &'a Reach, &'a Filter) -> BoxFuture<'a, Result<u64, Fault>>,
}

/// What an object is called by, besides its id.
pub(super) enum Called {
    /// Nothing.
    Id,
    /// This field, a text.
    Text(&'static str),
    /// This field, a number within the organisation.
    Number(&'static str),
    /// Type, source and reference, with `;` between them.
    Origin,
    /// The name of an organisation.
    Tenant,
}

/// Which objects are asked for.
pub(super) struct Ask<'a> {
    pub(super) door: &'a Door,
    pub(super) visitor: &'a Visitor,
    pub(super) scope: &'a Reach,
    pub(super) selection: &'a Selection,
    /// What `extraData` is to hold.
    pub(super) extra: &'a [String],
}

/// Returns the filter for an alert that is called `type;source;sourceRef`.
pub(crate) fn by_origin(asked: &str) -> Filter {
    let parts: Vec<&str> = asked.splitn(3, ';').collect();
    let [kind, source, reference] = parts.as_slice() else { return nothing() };
    Filter::And(vec![equals("origin_kind", *kind), equals("source", *source), equals("reference", *reference)])
}

/// A way from the objects of one kind to those of another.
pub(super) struct Hop {
    from: &'static str,
    pub(super) name: &'static str,
    to: &'static str,
    /// Returns the condition on the other objects, from that on the first ones.
    pub(super) leads: fn(&TenantId, Filter) -> Filter,
}

impl Kind {
    const fn of<T: Wire>(name: &'static str, called: Called) -> Self {
        Self { name, own_fields: T::FIELDS, list: T::LIST, called, scope: own, rows: rows::<T>, count: count::<T> }
    }

    const fn seen(mut self, scope: fn(&Visitor) -> Reach) -> Self {
        self.scope = scope;
        self
    }

    /// Returns the kind of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Returns whose objects a visitor sees.
    pub(super) fn scope(&self, visitor: &Visitor) -> Reach {
        (self.scope)(visitor)
    }

    /// Returns the field that clients call by this name.
    pub(super) fn field(&self, name: &str) -> Result<&'static QueryField, Fault> {
        fields(self.own_fields, self.list).find(|field| field.theirs == name).ok_or_else(|| {
            let known: Vec<&str> = fields(self.own_fields, self.list).map(|field| field.theirs).chain(TEXT).collect();
            let asked: String = name.chars().take(80).collect();
            Fault::bad(format!("{} has no field {asked}: known are {}", self.name, known.join(", ")))
        })
    }

    /// Returns the store's name of a field to sort by.
    pub(super) fn sort(&self, name: &str) -> Result<&'static str, Fault> {
        let field = self.field(name)?;
        let sortable = self.list.sortable();
        if sortable.contains(&field.ours) {
            return Ok(field.ours);
        }
        let known = fields(self.own_fields, self.list).filter(|field| sortable.contains(&field.ours));
        let known: Vec<&str> = known.map(|field| field.theirs).collect();
        Err(Fault::bad(format!("{} cannot be sorted by {name}: sort by one of {}", self.name, known.join(", "))))
    }

    /// Returns the condition on the object of this id or name, for somebody of this organisation.
    pub(super) fn by(&self, asked: &str, tenant: &TenantId, context: &Context<'_>) -> Filter {
        // The ids of all kinds are written alike.
        let id = ObservableId::read(asked).filter(|_| !matches!(self.called, Called::Tenant));
        if let Some(id) = id {
            return equals("id", id.to_string());
        }
        match self.called {
            Called::Id => nothing(),
            Called::Text(name) => equals(name, asked),
            Called::Number(name) => match asked.parse() {
                Ok(number) => {
                    let number = is(name, vigie_model::Comparison::Equal, ModelValue::Integer(number));
                    both(equals("tenant", tenant.as_str()), number)
                }
                Err(_) => nothing(),
            },
            Called::Origin => by_origin(asked),
            Called::Tenant => {
                let found = context.tenant(asked).map(|tenant| ModelValue::Text(tenant.to_string()));
                Filter::OneOf { name: "id".to_owned(), values: found.into_iter().collect() }
            }
        }
    }

    /// Returns whether such objects have custom fields.
    pub(super) fn has_custom_fields(&self) -> bool {
        matches!(self.list, List::Alerts | List::Cases)
    }

    /// Returns the ways from this kind to others.
    pub(super) fn hops(&self) -> impl Iterator<Item = (&'static Hop, &'static Kind)> {
        let hops = HOPS.iter().filter(|hop| hop.from == self.name);
        hops.filter_map(|hop| Kind::named(hop.to).map(|kind| (hop, kind)))
    }
}

const fn hop(from: &'static str, name: &'static str, to: &'static str, leads: fn(&TenantId, Filter) -> Filter) -> Hop {
    Hop { from, name, to, leads }
}

/// A field that is the id of an object of a list which matches.
fn of(name: &str, list: List, filter: Filter) -> Filter {
    Filter::Of { name: name.to_owned(), list: list.name().to_owned(), filter: Box::new(filter) }
}

/// What shares an observable with the objects of a list, which hang on them by this field.
fn alike(name: &str, list: List, filter: Filter) -> Filter {
    of("like", List::Observables, of(name, list, filter))
}

/// The visitor's own organisation.
fn own(visitor: &Visitor) -> Reach {
    visitor.scope.clone()
}

/// All there are for who administers the platform, else the visitor's own organisation.
fn platform(visitor: &Visitor) -> Reach {
    let tenants = if visitor.administers() { TenantScope::All } else { visitor.scope.tenants.clone() };
    Reach { tenants, ..visitor.scope.clone() }
}

/// Whoever may be given something: the members of the visitor's organisation who may sign in.
fn members(tenant: &TenantId) -> Filter {
    let enabled = is("disabled", vigie_model::Comparison::Equal, ModelValue::Bool(false));
    Filter::And(vec![equals("tenant", tenant.as_str()), enabled])
}

fn rows<T: Wire>(ask: Ask<'_>) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
    Box::pin(async move {
        let found: Vec<T> = ask.door.store.select(ask.scope, ask.selection).await?;
        T::show(found, ask.door, ask.visitor, ask.extra).await
    })
}

fn count<'a, T: Wire>(door: &'a Door, scope: &'a Reach, filter: &'a Filter) -> BoxFuture<'a, Result<u64, Fault>> {
    Box::pin(async move { Ok(door.store.count::<T>(scope, filter).await?) })
}
