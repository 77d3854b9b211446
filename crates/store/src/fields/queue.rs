//! The lists that a desk works off: alerts and cases.

use super::{Access, Field, Id, Kind, ScopeOf, Table, field, members, sorted};
use crate::row::{PAPS, SEVERITIES, TLPS};

macro_rules! alike {
    ($owner:literal, $on_case:literal) => {
        concat!(
            "SELECT mine.",
            $owner,
            " FROM observables AS theirs JOIN observables AS mine ON lower(mine.value) = lower(theirs.value)",
            " AND mine.on_case = ",
            $on_case,
            " AND mine.tenant = theirs.tenant AND mine.kind = theirs.kind AND mine.value = theirs.value",
            " WHERE NOT mine.unlike AND NOT theirs.unlike AND theirs.warning IS NULL AND mine.",
            $owner,
            " IS NOT NULL"
        )
    };
}

/// What has an observable of the same value as another one, `theirs`: not those that say nothing about likeness.
const ALIKE_CASES: &str = alike!("case_id", "TRUE");
const ALIKE_ALERTS: &str = alike!("alert", "FALSE");

macro_rules! entity_fields {
    ($(#[$attr:meta])* $name:ident, $select:literal, $access:expr, [$($kind:literal),* $(,)?], [$($rest:expr),* $(,)?]) => {
        $(#[$attr])*
        const $name: &[Field] = &[
            $($rest,)*
            $(Field {
                access: $access,
                ..field($kind, Kind::Members {
                    select: concat!($select, " AND kind = '", $kind, "'"),
                    text: "value",
                    address: Some("address"),
                })
            },)*
        ];
    };
}

entity_fields!(
    ALERT_FIELDS,
    "SELECT alert FROM observables WHERE on_case = FALSE",
    Access::Facet,
    [
        "ip",
        "domain",
        "url",
        "host",
        "user",
        "hash",
        "file",
        "process",
        "mail",
        "user_agent",
        "aws_key",
        "aws_account",
        "aws_instance",
        "aws_arn",
        "aws_bucket",
        "other",
    ],
    [
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")).facet(),
        field("rule", Kind::Text("rule")).facet(),
        sorted("rule_title", Kind::Text("rule_title"), "rule_title"),
        sorted("title", Kind::Text("title"), "title"),
        sorted("severity", Kind::Rank("severity", SEVERITIES), "severity").facet(),
        sorted("status", Kind::Word("status"), "status").facet(),
        sorted("assignee", Kind::Text("assignee"), "coalesce(assignee, '')").facet(),
        field("verdict", Kind::Word("verdict")).facet(),
        field("tlp", Kind::Rank("tlp", TLPS)),
        field("pap", Kind::Rank("pap", PAPS)),
        sorted("count", Kind::Integer("count"), "count"),
        field("generation", Kind::Integer("generation")),
        sorted("first_seen", Kind::Time("first_seen"), "first_seen"),
        sorted("last_seen", Kind::Time("last_seen"), "last_seen").few(),
        sorted("created", Kind::Placed("created"), "place"),
        sorted("updated", Kind::Time("updated"), "updated"),
        field("last_finding", Kind::Time("last_finding")),
        field("acknowledged", Kind::Time("acknowledged")),
        field("closed", Kind::Time("closed")),
        field("case", Kind::Word("case_id")).few(),
        field("origin_kind", Kind::Text("origin_kind")).facet(),
        field("source", Kind::Text("origin_source")).facet(),
        field("reference", Kind::Text("origin_reference")).few(),
        field("label", Kind::Text("label")).facet(),
        field("flag", Kind::Flag("flag")).facet(),
        field("unfollowed", Kind::Flag("unfollowed")),
        sorted("imported", Kind::Time("imported"), "coalesce(imported, 0)"),
        field("created_by", Kind::Text("created_by")),
        field("updated_by", Kind::Text("updated_by")),
        field("tag", Kind::Members { select: "SELECT alert FROM alert_tags WHERE 1 = 1", text: "tag", address: None })
            .facet(),
        field("comment", members("SELECT alert FROM comments WHERE 1 = 1", "id")).few(),
        field("like", members(ALIKE_ALERTS, "theirs.id")).few(),
        field("observable", members("SELECT alert FROM observables WHERE on_case = FALSE", "value")).few(),
        field("observable_id", members("SELECT alert FROM observables WHERE on_case = FALSE", "id")).few(),
        field("procedure", members("SELECT alert FROM procedures WHERE 1 = 1", "id")).few(),
        field(
            "entity",
            Kind::Members {
                select: "SELECT alert FROM observables WHERE on_case = FALSE",
                text: "value",
                address: Some("address")
            }
        )
        .facet(),
    ]
);

entity_fields!(
    CASE_FIELDS,
    "SELECT case_id FROM observables WHERE on_case = TRUE",
    Access::Few,
    [
        "ip",
        "domain",
        "url",
        "host",
        "user",
        "hash",
        "file",
        "process",
        "mail",
        "user_agent",
        "aws_key",
        "aws_account",
        "aws_instance",
        "aws_arn",
        "aws_bucket",
        "other",
    ],
    [
        field("id", Kind::Word("id")).few(),
        field("tenant", Kind::Word("tenant")).facet(),
        sorted("number", Kind::Integer("number"), "number").few(),
        sorted("title", Kind::Text("title"), "title"),
        sorted("severity", Kind::Rank("severity", SEVERITIES), "severity").facet(),
        sorted("status", Kind::Word("status"), "status").facet(),
        sorted("assignee", Kind::Text("assignee"), "coalesce(assignee, '')").facet(),
        field("verdict", Kind::Word("verdict")).facet(),
        field("tlp", Kind::Rank("tlp", TLPS)),
        field("pap", Kind::Rank("pap", PAPS)),
        sorted("first_seen", Kind::Time("first_seen"), "first_seen"),
        sorted("last_seen", Kind::Time("last_seen"), "last_seen").few(),
        sorted("created", Kind::Placed("created"), "place"),
        sorted("updated", Kind::Time("updated"), "updated"),
        field("acknowledged", Kind::Time("acknowledged")),
        sorted("closed", Kind::Time("closed"), "coalesce(closed, 0)"),
        sorted("ended", Kind::Time("ended"), "coalesce(ended, 0)"),
        field("label", Kind::Text("label")).facet(),
        field("flag", Kind::Flag("flag")).facet(),
        field("impact", Kind::Word("impact")).facet(),
        field("restricted", Kind::Flag("restricted")),
        field("created_by", Kind::Text("created_by")),
        field("updated_by", Kind::Text("updated_by")),
        field("tag", Kind::Members { select: "SELECT case_id FROM case_tags WHERE 1 = 1", text: "tag", address: None })
            .facet(),
        field(
            "observable",
            Kind::Members {
                select: "SELECT case_id FROM observables WHERE on_case = TRUE",
                text: "value",
                address: Some("address")
            }
        )
        .few(),
        field("alert", members("SELECT case_id FROM case_alerts WHERE 1 = 1", "alert")).few(),
        field("comment", members("SELECT case_id FROM comments WHERE 1 = 1", "id")).few(),
        field("like", members(ALIKE_CASES, "theirs.id")).few(),
        field("log", members("SELECT case_id FROM task_logs WHERE 1 = 1", "id")).few(),
        field("observable_id", members("SELECT case_id FROM observables WHERE on_case = TRUE", "id")).few(),
        field("page", members("SELECT case_id FROM pages WHERE 1 = 1", "id")).few(),
        field("procedure", members("SELECT case_id FROM procedures WHERE 1 = 1", "id")).few(),
        field("share", members("SELECT case_id FROM shares WHERE 1 = 1", "id")).few(),
        field("task", members("SELECT case_id FROM tasks WHERE 1 = 1", "id")).few(),
    ]
);

pub(super) const ALERTS: Table = Table {
    list: "alerts",
    name: "alerts",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Integer("place"),
    everywhere: &["place"],
    beside_place: &["severity", "last_seen"],
    index: Some("alert_terms"),
    scope: ScopeOf::Tenant,
    default_sort: "created",
    words: "''",
    fields: ALERT_FIELDS,
};

pub(super) const CASES: Table = Table {
    list: "cases",
    name: "cases",
    columns: "body",
    id: Id::Text("id"),
    tie: Id::Integer("place"),
    everywhere: &["place"],
    beside_place: &[],
    index: Some("case_terms"),
    scope: ScopeOf::Shared("id"),
    default_sort: "created",
    words: "''",
    fields: CASE_FIELDS,
};
