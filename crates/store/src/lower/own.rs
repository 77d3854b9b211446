//! Fields of a tenant's own, `field:NAME`, on alerts and cases.

use vigie_model::{Comparison, Value};

use super::{Lowering, shorten};
use crate::QueryError;

/// What the name of such a field begins with.
pub const OWN_FIELD: &str = "field:";

impl Lowering<'_> {
    /// Returns the name of a tenant's own field, where this is one and the rows have such.
    pub(super) fn own_name<'n>(&self, name: &'n str) -> Option<&'n str> {
        let name = name.strip_prefix(OWN_FIELD)?;
        self.owner().map(|_| name)
    }

    /// The column that says whose a value is.
    fn owner(&self) -> Option<&'static str> {
        match self.table.name {
            "alerts" => Some("alert"),
            "cases" => Some("case_id"),
            _ => None,
        }
    }

    /// The row has a value of this field. What follows narrows it down; it ends with a bracket.
    fn values(&mut self, name: &str) {
        let owner = self.owner().expect("the name was an own field's");
        self.push(self.table.id.column());
        self.push(" IN (SELECT ");
        self.push(owner);
        self.push(" FROM field_values WHERE ");
        self.push(owner);
        self.push(" IS NOT NULL AND name = ");
        self.bind(name.to_owned());
    }

    pub(super) fn own_exists(&mut self, name: &str) {
        self.values(name);
        self.push(")");
    }

    /// Numbers and dates are compared as numbers, the rest as text without regard to ASCII case.
    pub(super) fn own(&mut self, name: &str, comparison: Comparison, value: &Value) -> Result<(), QueryError> {
        let unsupported = |comparison, hint| {
            Err(QueryError::Unsupported { field: format!("{OWN_FIELD}{}", shorten(name)), comparison, hint })
        };
        if comparison == Comparison::Within {
            return unsupported("a network", "it holds no addresses");
        }
        self.values(name);
        match value {
            Value::Integer(_) | Value::Float(_) if comparison == Comparison::Like => {
                return unsupported("a pattern", "compare it with =, <, <=, > or >=");
            }
            #[expect(clippy::cast_precision_loss, reason = "the column holds it so, too")]
            Value::Integer(number) => self.compare(" AND number", comparison, *number as f64),
            Value::Float(number) => self.compare(" AND number", comparison, *number),
            Value::Bool(flag) => self.compare(" AND lower(value)", comparison, flag.to_string()),
            Value::Text(text) if comparison == Comparison::Like => {
                self.like(" AND lower(value)", &text.to_ascii_lowercase());
            }
            Value::Text(text) => self.compare(" AND lower(value)", comparison, text.to_ascii_lowercase()),
        }
        self.push(")");
        Ok(())
    }
}
