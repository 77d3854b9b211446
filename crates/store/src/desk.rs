//! The columns of what people keep on alerts and cases.

use vigie_model::{
    Attachment, AttachmentOwner, CaseLink, CasePage, CaseTemplate, Comment, CustomField, DataType, Job, LinkTarget,
    NoticeRule, ObjectKind, PageTemplate, Parent, Procedure, Profile, Share, Stamp, TaskLog, TenantId, TimelineEntry,
    Timestamp,
};

use crate::fields::List;
use crate::objects::{Cell, Object};
use crate::row::{integer, word};

/// Returns the columns of a stamp.
pub(crate) fn stamp(stamp: &Stamp) -> [(&'static str, Cell); 3] {
    let [created, created_by] = making(stamp);
    [created, created_by, ("updated", Cell::MaybeInteger(stamp.updated.map(Timestamp::as_micros)))]
}

/// Returns the columns of a stamp of what is never changed.
fn making(stamp: &Stamp) -> [(&'static str, Cell); 2] {
    [("created", Cell::Integer(stamp.created.as_micros())), ("created_by", Cell::Text(stamp.created_by.clone()))]
}

/// Returns the columns that say what a part is on.
pub(crate) fn on(parent: Parent) -> [(&'static str, Cell); 2] {
    [
        ("alert", Cell::Maybe(parent.alert().map(|id| id.to_string()))),
        ("case_id", Cell::Maybe(parent.case().map(|id| id.to_string()))),
    ]
}

fn text(text: &impl ToString) -> Cell {
    Cell::Text(text.to_string())
}

/// Says how an object of the model becomes a row.
macro_rules! object {
    ($type:ty, $list:ident, $kind:ident, $owner:expr, |$object:ident| [$($column:expr),* $(,)?] $(, $more:expr)*) => {
        impl Object for $type {
            const LIST: List = List::$list;
            const KIND: ObjectKind = ObjectKind::$kind;

            fn key(&self) -> String {
                self.id.to_string()
            }

            fn owner(&self) -> Option<&TenantId> {
                let owner: fn(&Self) -> Option<&TenantId> = $owner;
                owner(self)
            }

            fn columns(&self) -> Vec<(&'static str, Cell)> {
                let $object = self;
                let columns: Vec<(&'static str, Cell)> = vec![$($column),*];
                $(let columns: Vec<_> = columns.into_iter().chain($more).collect();)*
                columns
            }
        }
    };
}

object!(
    Comment,
    Comments,
    Comment,
    |comment| Some(&comment.tenant),
    |comment| [
        ("author", text(&comment.author)),
        ("text", text(&comment.text)),
        ("created", Cell::Integer(comment.created.as_micros())),
        ("updated", Cell::MaybeInteger(comment.edited.map(Timestamp::as_micros))),
    ],
    on(comment.on)
);

object!(TimelineEntry, Timeline, Timeline, |entry| Some(&entry.tenant), |entry| [
    ("case_id", text(&entry.case)),
    ("time", Cell::Integer(entry.time.as_micros())),
]);

object!(
    TaskLog,
    TaskLogs,
    TaskLog,
    |log| Some(&log.tenant),
    |log| [
        ("case_id", text(&log.case)),
        ("task", text(&log.task)),
        ("text", text(&log.text)),
        ("date", Cell::Integer(log.date.as_micros())),
        ("on_timeline", Cell::MaybeInteger(log.on_timeline.map(Timestamp::as_micros))),
    ],
    stamp(&log.stamp)
);

object!(
    Procedure,
    Procedures,
    Procedure,
    |procedure| Some(&procedure.tenant),
    |procedure| [
        ("technique", text(&procedure.technique)),
        ("tactic", Cell::Maybe(procedure.tactic.clone())),
        ("occurred", Cell::Integer(procedure.occurred.as_micros())),
    ],
    on(procedure.on),
    stamp(&procedure.stamp)
);

object!(
    CasePage,
    Pages,
    Page,
    |page| Some(&page.tenant),
    |page| [
        ("case_id", text(&page.case)),
        ("title", text(&page.title)),
        ("category", text(&page.category)),
        ("position", Cell::Integer(i64::from(page.position))),
    ],
    stamp(&page.stamp)
);

object!(
    Attachment,
    Attachments,
    Attachment,
    |attachment| Some(&attachment.tenant),
    |attachment| [
        ("name", text(&attachment.name)),
        ("media_type", text(&attachment.media_type)),
        ("bytes", Cell::Integer(integer(attachment.bytes))),
        ("sha256", text(&attachment.sha256)),
    ],
    owned_by(attachment.owner),
    making(&attachment.stamp)
);

fn owned_by(owner: AttachmentOwner) -> [(&'static str, Cell); 4] {
    let (mut alert, mut case, mut log, mut observable) = (None, None, None, None);
    match owner {
        AttachmentOwner::Alert(id) => alert = Some(id.to_string()),
        AttachmentOwner::Case(id) => case = Some(id.to_string()),
        AttachmentOwner::Log(id) => log = Some(id.to_string()),
        AttachmentOwner::Observable(id) => observable = Some(id.to_string()),
        AttachmentOwner::Tenant => {}
    }
    [
        ("alert", Cell::Maybe(alert)),
        ("case_id", Cell::Maybe(case)),
        ("task_log", Cell::Maybe(log)),
        ("observable", Cell::Maybe(observable)),
    ]
}

object!(
    CaseLink,
    Links,
    Link,
    |link| Some(&link.tenant),
    |link| [
        ("case_id", text(&link.case)),
        ("kind", text(&link.kind)),
        (
            "linked",
            Cell::Maybe(match &link.target {
                LinkTarget::Linked(case) => Some(case.to_string()),
                LinkTarget::Url(_) => None,
            })
        ),
        (
            "url",
            Cell::Maybe(match &link.target {
                LinkTarget::Linked(_) => None,
                LinkTarget::Url(url) => Some(url.clone()),
            })
        ),
    ],
    making(&link.stamp)
);

object!(
    Share,
    Shares,
    Share,
    |share| Some(&share.tenant),
    |share| [("owner", text(&share.owner)), ("case_id", text(&share.case)), ("profile", text(&share.profile)),],
    making(&share.stamp)
);

object!(
    CaseTemplate,
    CaseTemplates,
    CaseTemplate,
    |template| Some(&template.tenant),
    |template| [("name", text(&template.name)), ("display_name", text(&template.display_name)),],
    stamp(&template.stamp)
);

object!(
    PageTemplate,
    PageTemplates,
    PageTemplate,
    |template| Some(&template.tenant),
    |template| [
        ("title", text(&template.title)),
        ("category", text(&template.category)),
        ("position", Cell::Integer(i64::from(template.position))),
    ],
    stamp(&template.stamp)
);

object!(
    CustomField,
    CustomFields,
    CustomField,
    |_| None,
    |field| [("name", text(&field.name)), ("kind", Cell::Text(word(&field.kind))),],
    stamp(&field.stamp)
);

object!(
    DataType,
    DataTypes,
    ObservableType,
    |_| None,
    |data_type| [("name", text(&data_type.name)),],
    stamp(&data_type.stamp)
);

object!(Profile, Profiles, Profile, |_| None, |profile| [("name", text(&profile.name)),], stamp(&profile.stamp));

object!(
    Job,
    Jobs,
    Job,
    |job| Some(&job.tenant),
    |job| [
        ("observable", text(&job.observable)),
        ("analyzer", text(&job.analyzer)),
        ("server", text(&job.server)),
        ("status", Cell::Text(word(&job.status))),
    ],
    stamp(&job.stamp)
);

object!(
    NoticeRule,
    NoticeRules,
    NoticeRule,
    |rule| Some(&rule.tenant),
    |rule| [
        ("name", text(&rule.name)),
        ("enabled", Cell::Flag(rule.enabled)),
        ("trigger_on", Cell::Text(word(&rule.trigger))),
    ],
    stamp(&rule.stamp)
);
