//! Comments and procedures on alerts and cases.

use vigie_model::{Comment, CommentId, Parent, Procedure, ProcedureId, Stamp, TenantId, Timestamp};

use crate::ChangeError;
use crate::change::{PROSE_MAX, said, short};

/// How long the name of a technique or tactic may be, in characters.
pub const TECHNIQUE_CHARS_MAX: usize = 64;

/// Where a part hangs, whose that is, and who puts it there.
#[derive(Debug, Clone)]
pub struct Placing {
    /// The alert or case.
    pub on: Parent,
    /// Whose that is.
    pub tenant: TenantId,
    /// Who.
    pub by: String,
    /// When.
    pub now: Timestamp,
}

/// Returns a new comment. `id` is random.
pub fn new_comment(placing: &Placing, id: CommentId, text: &str) -> Result<Comment, ChangeError> {
    Ok(Comment {
        id,
        tenant: placing.tenant.clone(),
        on: placing.on,
        author: placing.by.clone(),
        text: said("message", text, PROSE_MAX)?,
        created: placing.now,
        edited: None,
        edited_by: None,
    })
}

/// Writes a comment anew. Only who wrote it may.
pub fn edit_comment(comment: &Comment, text: &str, by: &str, now: Timestamp) -> Result<Comment, ChangeError> {
    if comment.author != by {
        return Err(ChangeError::OfAnother);
    }
    let text = said("message", text, PROSE_MAX)?;
    if text == comment.text {
        return Ok(comment.clone());
    }
    Ok(Comment { text, edited: Some(now), edited_by: Some(by.to_owned()), ..comment.clone() })
}

/// What a procedure says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureEdit {
    /// The technique, such as `T1059.006`.
    pub technique: String,
    /// The tactic, such as `execution`.
    pub tactic: Option<String>,
    /// When it happened.
    pub occurred: Timestamp,
    /// What was seen, in words.
    pub description: Option<String>,
}

impl ProcedureEdit {
    /// Returns what a procedure says now.
    pub fn of(procedure: &Procedure) -> Self {
        Self {
            technique: procedure.technique.clone(),
            tactic: procedure.tactic.clone(),
            occurred: procedure.occurred,
            description: procedure.description.clone(),
        }
    }

    fn checked(&self) -> Result<Self, ChangeError> {
        let technique = said("patternId", &self.technique, TECHNIQUE_CHARS_MAX)?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        if !technique.chars().all(is_plain) {
            return Err(ChangeError::NoTechnique);
        }
        let tactic = self.tactic.as_deref().map(|tactic| said("tactic", tactic, TECHNIQUE_CHARS_MAX)).transpose()?;
        Ok(Self {
            technique: technique.to_ascii_uppercase(),
            tactic: tactic.map(|tactic| tactic.to_ascii_lowercase().replace([' ', '_'], "-")),
            occurred: self.occurred,
            description: self.description.as_deref().map(|text| short("description", text, PROSE_MAX)).transpose()?,
        })
    }
}

/// Returns a new procedure. `id` is random.
pub fn new_procedure(placing: &Placing, id: ProcedureId, edit: &ProcedureEdit) -> Result<Procedure, ChangeError> {
    let ProcedureEdit { technique, tactic, occurred, description } = edit.checked()?;
    Ok(Procedure {
        id,
        tenant: placing.tenant.clone(),
        on: placing.on,
        technique,
        tactic,
        occurred,
        description,
        stamp: Stamp::new(placing.by.clone(), placing.now),
    })
}

/// Changes what a procedure says. Where nothing changes, it comes back as it was.
pub fn edit_procedure(
    before: &Procedure,
    edit: &ProcedureEdit,
    by: &str,
    now: Timestamp,
) -> Result<Procedure, ChangeError> {
    let ProcedureEdit { technique, tactic, occurred, description } = edit.checked()?;
    let after = Procedure { technique, tactic, occurred, description, ..before.clone() };
    if after == *before {
        return Ok(after);
    }
    Ok(Procedure { stamp: before.stamp.changed(by, now), ..after })
}
