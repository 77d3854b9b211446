//! Ids as TheHive's clients see them: `~` and a number. Ours have 128 bits, so the number has up to 39 digits.

use crate::Fault;

/// An id of ours that goes in and out as `~number`.
pub(crate) trait WireId: Sized + Copy {
    /// What errors call the object.
    const KIND: &'static str;

    fn from_bytes(bytes: [u8; 16]) -> Self;
    fn bytes(&self) -> [u8; 16];
    /// Returns the id of that time.
    fn at(self, time: vigie_model::Timestamp) -> Self;

    /// Returns the id as clients see it.
    fn wire(&self) -> String {
        format!("~{}", u128::from_be_bytes(self.bytes()))
    }

    /// Reads an id that a client has sent, or `None` where it is none.
    fn read(text: &str) -> Option<Self> {
        let number = text.strip_prefix('~')?;
        // `parse` takes a sign too.
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number.parse::<u128>().ok().map(|number| Self::from_bytes(number.to_be_bytes()))
    }

    /// Reads an id, or says that there is no such object.
    fn expect(text: &str) -> Result<Self, Fault> {
        Self::read(text).ok_or_else(|| Fault::not_found(Self::KIND, text))
    }
}

macro_rules! wire_ids {
    ($($type:ident $kind:literal),* $(,)?) => {$(
        impl WireId for vigie_model::$type {
            const KIND: &'static str = $kind;

            fn from_bytes(bytes: [u8; 16]) -> Self {
                vigie_model::$type::from_bytes(bytes)
            }

            fn bytes(&self) -> [u8; 16] {
                *self.as_bytes()
            }

            fn at(self, time: vigie_model::Timestamp) -> Self {
                vigie_model::$type::at(self, time)
            }
        }
    )*};
}

wire_ids!(
    AlertId "Alert",
    CaseId "Case",
    TaskId "Task",
    TaskLogId "Log",
    CommentId "Comment",
    ObservableId "Observable",
    ProcedureId "Procedure",
    PageId "Page",
    AttachmentId "Attachment",
    TimelineId "CustomEvent",
    ShareId "Share",
    TemplateId "CaseTemplate",
    FieldId "CustomField",
    DataTypeId "ObservableType",
    ProfileId "Profile",
    JobId "Job",
    UserId "User",
);

/// Returns the id of an organisation as clients see it: made of the tenant's name, since a tenant has no number.
pub(crate) fn tenant_wire(tenant: &vigie_model::TenantId) -> String {
    vigie_model::DataTypeId::derive(["organisation", tenant.as_str()]).wire()
}

#[cfg(test)]
mod tests {
    use vigie_model::CaseId;

    use super::*;

    #[test]
    fn ids_go_out_and_come_back() {
        for bytes in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let id = CaseId::from_bytes(bytes);
            assert_eq!(CaseId::read(&id.wire()), Some(id));
        }
        for bad in ["", "~", "1", "~-1", "~+1", "~1x", "~340282366920938463463374607431768211456"] {
            assert_eq!(CaseId::read(bad), None, "{bad}");
        }
    }
}
