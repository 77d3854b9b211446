//! The lists of what people keep on alerts and cases, and of who may do what.

use super::{Id, Kind, ScopeOf, Table, field, members, sorted};

pub(super) const COMMENTS: Table = Table {
    list: "comments",
    name: "comments",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(text)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("alert", Kind::Word("alert")),
        field("case", Kind::Word("case_id")),
        sorted("author", Kind::Text("author"), "author"),
        field("text", Kind::Text("text")),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("author")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const TIMELINE: Table = Table {
    list: "timeline entries",
    name: "timeline",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "time",
    words: "''",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("case", Kind::Word("case_id")),
        sorted("time", Kind::Time("time"), "time"),
    ],
};

pub(super) const TASK_LOGS: Table = Table {
    list: "task logs",
    name: "task_logs",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(text)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("case", Kind::Word("case_id")),
        field("task", Kind::Word("task")),
        field("text", Kind::Text("text")),
        sorted("date", Kind::Time("date"), "date"),
        sorted("on_timeline", Kind::Time("on_timeline"), "coalesce(on_timeline, 0)"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const PROCEDURES: Table = Table {
    list: "procedures",
    name: "procedures",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(technique || ' ' || coalesce(tactic, ''))",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("alert", Kind::Word("alert")),
        field("case", Kind::Word("case_id")),
        sorted("technique", Kind::Text("technique"), "technique"),
        field("tactic", Kind::Text("tactic")),
        sorted("occurred", Kind::Time("occurred"), "occurred"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const PAGES: Table = Table {
    list: "pages",
    name: "pages",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(title)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("case", Kind::Word("case_id")),
        sorted("title", Kind::Text("title"), "title"),
        sorted("category", Kind::Text("category"), "category"),
        sorted("position", Kind::Integer("position"), "position"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const ATTACHMENTS: Table = Table {
    list: "attachments",
    name: "attachments",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared(
        "coalesce(case_id, (SELECT l.case_id FROM task_logs AS l WHERE l.id = task_log),
             (SELECT o.case_id FROM observables AS o WHERE o.id = observable))",
    ),
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("alert", Kind::Word("alert")),
        field("case", Kind::Word("case_id")),
        field("task_log", Kind::Word("task_log")),
        field("observable", Kind::Word("observable")),
        sorted("name", Kind::Text("name"), "name"),
        field("media_type", Kind::Text("media_type")),
        sorted("bytes", Kind::Integer("bytes"), "bytes"),
        field("sha256", Kind::Word("sha256")),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
    ],
};

pub(super) const LINKS: Table = Table {
    list: "case links",
    name: "case_links",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("case_id"),
    default_sort: "created",
    words: "lower(kind || ' ' || coalesce(url, ''))",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("case", Kind::Word("case_id")),
        sorted("kind", Kind::Text("kind"), "kind"),
        field("linked", Kind::Word("linked")),
        field("url", Kind::Text("url")),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
    ],
};

pub(super) const SHARES: Table = Table {
    list: "shares",
    name: "shares",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Either,
    default_sort: "created",
    words: "lower(profile)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("owner", Kind::Word("owner")),
        field("case", Kind::Word("case_id")),
        sorted("profile", Kind::Text("profile"), "profile"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
    ],
};

pub(super) const CASE_TEMPLATES: Table = Table {
    list: "case templates",
    name: "case_templates",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Tenant,
    default_sort: "created",
    words: "lower(name || ' ' || display_name)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("display_name", Kind::Text("display_name"), "display_name"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
        // A template keeps its pages in its body, in order; there are few.
        field(
            "page",
            members(
                "SELECT case_templates.id FROM case_templates, json_each(case_templates.body, '$.pages') AS page
                 WHERE 1 = 1",
                "page.value",
            ),
        ),
    ],
};

pub(super) const PAGE_TEMPLATES: Table = Table {
    list: "page templates",
    name: "page_templates",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Tenant,
    default_sort: "created",
    words: "lower(title)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        sorted("title", Kind::Text("title"), "title"),
        sorted("category", Kind::Text("category"), "category"),
        sorted("position", Kind::Integer("position"), "position"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
        field(
            "case_template",
            members(
                "SELECT page.value FROM case_templates, json_each(case_templates.body, '$.pages') AS page WHERE 1 = 1",
                "case_templates.id",
            ),
        ),
    ],
};

pub(super) const CUSTOM_FIELDS: Table = Table {
    list: "custom fields",
    name: "custom_fields",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Everybody,
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("kind", Kind::Text("kind"), "kind"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const DATA_TYPES: Table = Table {
    list: "observable types",
    name: "observable_types",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Everybody,
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const PROFILES: Table = Table {
    list: "profiles",
    name: "profiles",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Everybody,
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const JOBS: Table = Table {
    list: "jobs",
    name: "jobs",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Shared("(SELECT o.case_id FROM observables AS o WHERE o.id = observable)"),
    default_sort: "created",
    words: "lower(analyzer)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        field("observable", Kind::Word("observable")),
        sorted("analyzer", Kind::Text("analyzer"), "analyzer"),
        sorted("server", Kind::Text("server"), "server"),
        sorted("status", Kind::Word("status"), "status"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const NOTICE_RULES: Table = Table {
    list: "notification rules",
    name: "notice_rules",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Tenant,
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        field("tenant", Kind::Word("tenant")),
        sorted("name", Kind::Text("name"), "name"),
        field("enabled", Kind::Flag("enabled")),
        field("trigger", Kind::Word("trigger_on")),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const USERS: Table = Table {
    list: "users",
    name: "users",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Members,
    default_sort: "created",
    words: "lower(name || ' ' || display)",
    fields: &[
        field("id", Kind::Word("id")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("display", Kind::Text("display"), "display"),
        field("email", Kind::Text("email")),
        sorted("role", Kind::Text("role"), "role"),
        field("disabled", Kind::Flag("disabled")),
        field(
            "tenant",
            Kind::Members { select: "SELECT user_id FROM memberships WHERE 1 = 1", text: "tenant", address: None },
        ),
        field("profile", members("SELECT user_id FROM memberships WHERE 1 = 1", "profile")),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
    ],
};

pub(super) const TENANTS: Table = Table {
    list: "tenants",
    name: "tenants",
    columns: "body",
    id: Id::Text("id"),
    scope: ScopeOf::Own,
    default_sort: "created",
    words: "lower(name)",
    fields: &[
        field("id", Kind::Word("id")),
        sorted("name", Kind::Text("name"), "name"),
        sorted("created", Kind::Time("created"), "created"),
        field("created_by", Kind::Text("created_by")),
        sorted("updated", Kind::Time("updated"), "coalesce(updated, created)"),
        field("case", members("SELECT tenant FROM shares WHERE 1 = 1", "case_id")),
        field("user", members("SELECT tenant FROM memberships WHERE 1 = 1", "user_id")),
    ],
};
