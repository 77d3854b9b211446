//! The lists that can be asked for, and their fields: the one place to add a field to.

mod desk;
mod queue;

use crate::row::{PAPS, TLPS};

/// A list of rows that takes a filter, a sort and a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum List {
    Alerts,
    Cases,
    Observables,
    Tasks,
    Actions,
    Decisions,
    Indicators,
    DeadLetters,
    Audit,
    Comments,
    Timeline,
    TaskLogs,
    Procedures,
    Pages,
    Attachments,
    Links,
    Shares,
    CaseTemplates,
    PageTemplates,
    CustomFields,
    DataTypes,
    Profiles,
    Jobs,
    NoticeRules,
    Users,
    Tenants,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 26] = [
        Self::Alerts,
        Self::Cases,
        Self::Observables,
        Self::Tasks,
        Self::Actions,
        Self::Decisions,
        Self::Indicators,
        Self::DeadLetters,
        Self::Audit,
        Self::Comments,
        Self::Timeline,
        Self::TaskLogs,
        Self::Procedures,
        Self::Pages,
        Self::Attachments,
        Self::Links,
        Self::Shares,
        Self::CaseTemplates,
        Self::PageTemplates,
        Self::CustomFields,
        Self::DataTypes,
        Self::Profiles,
        Self::Jobs,
        Self::NoticeRules,
        Self::Users,
        Self::Tenants,
    ];

    /// Returns what [`vigie_model::Filter::Of`] calls the list.
    pub const fn name(self) -> &'static str {
        self.table().name
    }

    /// Returns the list that [`vigie_model::Filter::Of`] calls by this name: the name of its table.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.table().name == name)
    }

    /// Returns the names of the fields that a filter may name, in the order in which documentation shows them.
    pub fn fields(self) -> Vec<&'static str> {
        self.table().fields.iter().map(|field| field.name).collect()
    }

    /// Returns the names of the fields that the rows may be sorted by.
    pub fn sortable(self) -> Vec<&'static str> {
        self.table().fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name).collect()
    }

    /// Returns whether its rows are cases or on cases, so that other tenants may share them.
    pub const fn follows_case(self) -> bool {
        matches!(self.table().scope, ScopeOf::Shared(_))
    }

    pub(crate) const fn table(self) -> &'static Table {
        match self {
            Self::Alerts => &queue::ALERTS,
            Self::Cases => &queue::CASES,
            Self::Observables => &OBSERVABLES,
            Self::Tasks => &TASKS,
            Self::Actions => &ACTIONS,
            Self::Decisions => &DECISIONS,
            Self::Indicators => &INDICATORS,
            Self::DeadLetters => &DEAD_LETTERS,
            Self::Audit => &AUDIT,
            Self::Comments => &desk::COMMENTS,
            Self::Timeline => &desk::TIMELINE,
            Self::TaskLogs => &desk::TASK_LOGS,
            Self::Procedures => &desk::PROCEDURES,
            Self::Pages => &desk::PAGES,
            Self::Attachments => &desk::ATTACHMENTS,
            Self::Links => &desk::LINKS,
            Self::Shares => &desk::SHARES,
            Self::CaseTemplates => &desk::CASE_TEMPLATES,
            Self::PageTemplates => &desk::PAGE_TEMPLATES,
            Self::CustomFields => &desk::CUSTOM_FIELDS,
            Self::DataTypes => &desk::DATA_TYPES,
            Self::Profiles => &desk::PROFILES,
            Self::Jobs => &desk::JOBS,
            Self::NoticeRules => &desk::NOTICE_RULES,
            Self::Users => &desk::USERS,
            Self::Tenants => &desk::TENANTS,
        }
    }
}

/// How a list's rows are found in the database.
#[derive(Debug)]
pub(crate) struct Table {
    /// What errors call the rows.
    pub(crate) list: &'static str,
    /// The table.
    pub(crate) name: &'static str,
    /// The columns that are read.
    pub(crate) columns: &'static str,
    /// What rows of other tables call it by.
    pub(crate) id: Id,
    /// What breaks ties.
    pub(crate) tie: Id,
    /// What an index has its rows of all tenants in the order of. Of what else they are sorted by, each tenant's are.
    pub(crate) everywhere: &'static [&'static str],
    /// What its index `…_by_order` has beside the place: what rows of a filter are sorted by without being read.
    pub(crate) beside_place: &'static [&'static str],
    /// The index of its rows' terms, where there is one. Its numbers are the rows' places.
    pub(crate) index: Option<&'static str>,
    /// How it is told whether a row is within a scope.
    pub(crate) scope: ScopeOf,
    /// The field that the rows are sorted by, newest first, unless somebody asks otherwise.
    pub(crate) default_sort: &'static str,
    /// What free text is looked for in where there is no index: an expression in lower case.
    pub(crate) words: &'static str,
    pub(crate) fields: &'static [Field],
}

/// How it is told whether a row is within a scope of tenants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ScopeOf {
    /// By its column `tenant`.
    Tenant,
    /// By its column `tenant`, or because the case of this column is shared with a tenant of the scope.
    Shared(&'static str),
    /// By its column `tenant`, unless the case of this column is closed to who asks. It is not shared with the case: whoever
    /// may act on a tenant is of that tenant.
    Open(&'static str),
    /// It is the tenant.
    Own,
    /// It is of no tenant and everybody's.
    Everybody,
    /// It is a user who is a member of a tenant of the scope.
    Members,
    /// By its columns `tenant` and `owner`, one of which is in the scope.
    Either,
}

/// The column that breaks ties.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Id {
    Text(&'static str),
    Integer(&'static str),
}

impl Id {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Text(column) | Self::Integer(column) => column,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Field {
    /// What filters and sorts call it.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The expression to sort by, never null; `None` where rows cannot be sorted by it.
    pub(crate) sort: Option<&'static str>,
    /// How rows are found by it.
    pub(crate) access: Access,
}

impl Field {
    /// Returns the field as one whose values are in the index of terms.
    const fn facet(self) -> Self {
        Self { access: Access::Facet, ..self }
    }

    /// Returns the field as one that few rows share a value of, and that the database has an index of.
    const fn few(self) -> Self {
        Self { access: Access::Few, ..self }
    }
}

/// How rows are found by a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// By looking at them.
    Look,
    /// Few rows share a value, and there is an index.
    Few,
    /// By the index of terms.
    Facet,
}

/// What a field holds, and where.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text for people: compared without regard to ASCII case.
    Text(&'static str),
    /// Lower-case text made by us: ids and words.
    Word(&'static str),
    /// A number from 0 with a word for each.
    Rank(&'static str, &'static [&'static str]),
    Integer(&'static str),
    Time(&'static str),
    /// The time that rows are placed by.
    Placed(&'static str),
    Flag(&'static str),
    /// An address kept as text in one column and in sortable form in another; `kind` holds which values are addresses.
    Value {
        text: &'static str,
        address: Option<&'static str>,
    },
    /// The rows of another table that belong to this row: `select` gives this table's ids and ends in a condition.
    Members {
        select: &'static str,
        text: &'static str,
        address: Option<&'static str>,
    },
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, sort: None, access: Access::Look }
}

const fn sorted(name: &'static str, kind: Kind, sort: &'static str) -> Field {
    Field { name, kind, sort: Some(sort), access: Access::Look }
}

/// Returns the rows of another table that belong to this row, compared by this column.
const fn members(select: &'static str, text: &'static str) -> Kind {
    Kind::Members { select, text, address: None }
}

const OBSERVABLES: Table = Table {
    list: "observables",
    name: "observables",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &[],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Shared("case_id"),
    default_sort: "last_seen",
    words: "lower(value || ' ' || coalesce(message, ''))",
    fields: &[
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")),
        field("alert", Kind::Word("alert")).few(),
        field("case", Kind::Word("case_id")).few(),
        sorted("kind", Kind::Word("kind"), "kind"),
        sorted("data_type", Kind::Text("data_type"), "data_type"),
        sorted("value", Kind::Value { text: "value", address: Some("address") }, "value"),
        field("attachment", Kind::Word("attachment")),
        field("role", Kind::Word("role")),
        field("ioc", Kind::Flag("ioc")),
        field("unlike", Kind::Flag("unlike")),
        field("sighted", Kind::Time("sighted")),
        field("warning", Kind::Text("warning")),
        field("message", Kind::Text("message")),
        field("tlp", Kind::Rank("tlp", TLPS)),
        field("pap", Kind::Rank("pap", PAPS)),
        sorted("first_seen", Kind::Time("first_seen"), "first_seen"),
        sorted("last_seen", Kind::Time("last_seen"), "last_seen"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
        field(
            "tag",
            Kind::Members { select: "SELECT observable FROM observable_tags WHERE 1 = 1", text: "tag", address: None },
        ),
    ],
};

const TASKS: Table = Table {
    list: "tasks",
    name: "tasks",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &[],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(title)",
    fields: &[
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")),
        field("case", Kind::Word("case_id")).few(),
        sorted("title", Kind::Text("title"), "title"),
        sorted("status", Kind::Word("status"), "status"),
        sorted("assignee", Kind::Text("assignee"), "coalesce(assignee, '')"),
        sorted("group", Kind::Text("task_group"), "task_group"),
        sorted("position", Kind::Integer("position"), "position"),
        field("mandatory", Kind::Flag("mandatory")),
        field("flag", Kind::Flag("flag")),
        sorted("due", Kind::Time("due"), "coalesce(due, 0)"),
        sorted("started", Kind::Time("started"), "coalesce(started, 0)"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
        sorted("ended", Kind::Time("ended"), "coalesce(ended, 0)"),
        field("log", members("SELECT task FROM task_logs WHERE 1 = 1", "id")),
    ],
};

const ACTIONS: Table = Table {
    list: "actions",
    name: "actions",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &["created"],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Open("case_id"),
    default_sort: "created",
    words: "lower(summary)",
    fields: &[
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")),
        field("alert", Kind::Word("alert")).few(),
        field("case", Kind::Word("case_id")).few(),
        field("playbook", Kind::Word("playbook")),
        sorted("kind", Kind::Word("kind"), "kind"),
        field("target", Kind::Text("target")),
        sorted("status", Kind::Word("status"), "status"),
        sorted("created", Kind::Time("created"), "created"),
        sorted("updated", Kind::Time("updated"), "updated"),
    ],
};

const DECISIONS: Table = Table {
    list: "decisions",
    name: "decisions",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &[],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Open("(SELECT a.case_id FROM actions AS a WHERE a.id = action)"),
    default_sort: "since",
    words: "lower(coalesce(target, ''))",
    fields: &[
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")),
        field("action", Kind::Word("action")).few(),
        sorted("kind", Kind::Word("kind"), "kind"),
        field("target", Kind::Text("target")),
        sorted("state", Kind::Word("state"), "state"),
        sorted("since", Kind::Time("since"), "since"),
        field("expires", Kind::Time("expires")),
    ],
};

const INDICATORS: Table = Table {
    list: "indicators",
    name: "indicators",
    columns: "id, tenant, list, kind, value, confidence, tlp, valid_from, valid_until, tags, comment",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &[],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Tenant,
    default_sort: "id",
    words: "lower(value || ' ' || tags || ' ' || comment)",
    fields: &[
        sorted("id", Kind::Word("id"), "id"),
        field("tenant", Kind::Word("tenant")),
        field("list", Kind::Text("list")),
        sorted("kind", Kind::Word("kind"), "kind"),
        sorted("value", Kind::Value { text: "value", address: None }, "value"),
        sorted("confidence", Kind::Integer("confidence"), "confidence"),
        field("tlp", Kind::Rank("tlp", TLPS)),
        field("valid_from", Kind::Time("valid_from")),
        field("valid_until", Kind::Time("valid_until")),
    ],
};

const DEAD_LETTERS: Table = Table {
    list: "dead letters",
    name: "dead_letters",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Text("id"),
    everywhere: &["arrival"],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Tenant,
    default_sort: "arrival",
    words: "lower(reason)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        sorted("source", Kind::Word("source"), "source"),
        sorted("code", Kind::Word("code"), "code"),
        field("reason", Kind::Text("reason")),
        field("position", Kind::Text("position")),
        sorted("arrival", Kind::Time("arrival"), "arrival"),
    ],
};

const AUDIT: Table = Table {
    list: "audit entries",
    name: "audit",
    columns: crate::audit::COLUMNS,
    id: Id::Integer("sequence"),
    tie: Id::Integer("sequence"),
    everywhere: &["sequence"],
    beside_place: &[],
    index: None,
    scope: ScopeOf::Tenant,
    default_sort: "sequence",
    words: "lower(actor || ' ' || object_id || ' ' || details)",
    fields: &[
        sorted("sequence", Kind::Integer("sequence"), "sequence"),
        sorted("at", Kind::Time("at"), "at"),
        field("tenant", Kind::Word("tenant")),
        field("actor", Kind::Text("actor")),
        sorted("verb", Kind::Word("verb"), "verb"),
        sorted("object", Kind::Word("object"), "object"),
        field("object_id", Kind::Text("object_id")),
    ],
};
