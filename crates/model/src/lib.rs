//! The vocabulary of Vigie: what every stage takes and returns.
//!
//! A value moves one way. A [`Record`] is bytes as a source delivered them; normalised, it is an [`Event`]; rules turn
//! events into [`Finding`]s; findings that belong together are an [`Alert`]; alerts are investigated in a [`Case`], which
//! holds [`Observable`]s; an [`Action`] changes the world and, while it is in force, is a [`Decision`].
//!
//! This crate holds types and the small functions that belong to them. It does no I/O and never reads the clock, the
//! network or the environment: time, ids and randomness are passed in.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod action;
mod aggregation;
mod alert;
mod attack;
mod audit;
mod case;
mod desk;
mod document;
mod entity;
mod event;
mod finding;
mod hold;
mod ids;
mod indicator;
mod query;
mod record;
mod report;
mod severity;
mod suppression;
mod text;
mod timestamp;
mod user;

pub use action::{Action, ActionStatus, ActionStep, Decision, DecisionState, Trigger};
pub use aggregation::{Aggregation, AggregationKind, Interval};
pub use alert::{Alert, AlertStatus};
pub use attack::{AttackTag, attack_tactics, attack_tags, tactics_of, technique_name};
pub use audit::{AuditDigests, AuditEntry, AuditHash, ObjectKind, Verb};
pub use case::{Case, CaseStatus, Comment, Resolution, Task, TaskStatus, TimelineEntry, TimelineKind, Verdict};
pub use desk::{
    Access, AlertOrigin, Attachment, AttachmentOwner, CaseLink, CasePage, CaseTemplate, CustomField, DataType, Desk,
    FieldType, FieldValue, Impact, Job, JobStatus, LinkTarget, Membership, NamedValue, NoticeChannel, NoticeRule,
    NoticeTrigger, PageTemplate, Parent, Permission, Procedure, Profile, Share, Stamp, TaskLog, TemplateTask,
};
pub use document::Document;
pub use entity::{Entity, EntityRole, Observable, ObservableKind};
pub use event::{Class, Cloud, Endpoint, Envelope, Event, File, Logsource, Outcome, Process};
pub use finding::{EventRef, FieldMatch, Finding, FindingKind, RuleSummary};
pub use hold::LegalHold;
pub use ids::{
    ActionId, AlertId, ApiKeyId, AttachmentId, CaseId, CommentId, DataTypeId, DecisionId, EventId, FieldId, FindingId,
    HoldId, IndicatorId, JobId, LinkId, NoticeRuleId, ObservableId, PageId, ParseIdError, PlaybookId, ProcedureId,
    ProfileId, ReportId, ReportScheduleId, RuleId, SessionId, ShareId, SourceName, SuppressionId, TaskId, TaskLogId,
    TemplateId, TenantId, TimelineId, UserId,
};
pub use indicator::Indicator;
pub use query::{Comparison, Direction, Filter, Page, Selection, Sort, Value};
pub use record::{BatchContext, DeadLetter, Position, Record};
pub use report::{ArchivedReport, ReportLanguage, ReportLetter, ReportPeriod, ReportRhythm, ReportSchedule};
pub use severity::{Pap, Severity, Tlp};
pub use suppression::{Suppression, SuppressionCondition};
pub use text::is_unseen;
pub use timestamp::{ParseTimestampError, Timestamp};
pub use user::{Actor, ApiKey, Principal, Role, Tenant, TenantScope, User};
