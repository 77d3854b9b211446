//! What was done to a case: its rows of the audit log, and those of what is on it.

use sqlx::QueryBuilder;
use vigie_model::{AuditEntry, CaseId, TenantId};

use crate::audit::{COLUMNS, read_row};
use crate::error::Doing as _;
use crate::row::integer;
use crate::{Store, StoreError};

/// The tables of what hangs on a case and has rows of its own in the audit log.
const PARTS: [&str; 8] =
    ["tasks", "comments", "timeline", "task_logs", "attachments", "procedures", "pages", "actions"];

impl Store {
    /// Returns the rows of the audit log that tell of a case of this tenant and of what is on it, newest first: those before
    /// row `before`, where that is said, so many at most. The caller has seen that the case is within the scope.
    ///
    /// The ids of a case's observables and of files put on it by our own API begin as the case's id does, so that also those
    /// are told of that are gone.
    pub async fn case_history(
        &self,
        tenant: &TenantId,
        case: CaseId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let id = case.to_string();
        let (begin, _) = id.split_at(id.len() / 2);
        let mut query = QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE object_id >= ");
        query.push_bind(begin.to_owned()).push(" AND object_id < ").push_bind(format!("{begin}g"));
        query.push(" UNION SELECT sequence FROM audit WHERE object_id IN (");
        for (index, table) in PARTS.into_iter().enumerate() {
            query.push(if index > 0 { " UNION ALL SELECT id FROM " } else { "SELECT id FROM " });
            query.push(table).push(" WHERE case_id = ").push_bind(id.clone());
        }
        query.push(")) AND tenant = ").push_bind(tenant.to_string());
        if let Some(before) = before {
            query.push(" AND sequence < ").push_bind(integer(before));
        }
        query.push(" ORDER BY sequence DESC LIMIT ").push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("load the history of a case")?;
        rows.iter().map(|row| Ok(read_row(row)?.entry)).collect()
    }
}
