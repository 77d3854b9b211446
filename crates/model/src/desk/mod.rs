//! What people keep on alerts and cases: files, procedures, logs, pages, links, templates, fields of their own.

mod attachment;
mod field;
mod job;
mod link;
mod notice;
mod parent;
mod part;
mod profile;
mod stamp;
mod template;

pub use attachment::{Attachment, AttachmentOwner};
pub use field::{CustomField, DataType, FieldType, FieldValue, NamedValue};
pub use job::{Job, JobStatus};
pub use link::{CaseLink, LinkTarget, Share};
pub use notice::{NoticeChannel, NoticeRule, NoticeTrigger};
pub use parent::Parent;
pub use part::{Page as CasePage, Procedure, TaskLog};
pub use profile::{Membership, Permission, Profile};
pub use stamp::{Access, AlertOrigin, Desk, Impact, Stamp};
pub use template::{CaseTemplate, PageTemplate, TemplateTask};
