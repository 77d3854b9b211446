//! The operations that are used, one function each, named as AWS names them.
//!
//! Each operation is a `static` beside what makes its [`Call`](crate::Call): a plan shows the very calls that are sent.
//! In a dry run what changes something is answered with nothing, so every reader copes with an empty answer.

pub mod dynamodb;
pub mod ec2;
pub mod guardduty;
pub mod iam;
pub mod logs;
pub mod s3;
pub mod sns;
pub mod sqs;
pub mod sts;
pub mod waf;
mod xml;

use crate::{Call, Input, Operation};

/// The pairs of a call in the Query protocol.
#[derive(Debug, Default)]
struct Query(Vec<(String, String)>);

impl Query {
    /// Adds `name=value`.
    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds `name.1=…`, `name.2=…`.
    fn list<T: AsRef<str>>(mut self, name: &str, values: &[T]) -> Self {
        for (index, value) in values.iter().enumerate() {
            self.0.push((format!("{name}.{}", index + 1), value.as_ref().to_owned()));
        }
        self
    }

    /// Adds the next filter of EC2.
    fn filter(self, name: &str, value: &str) -> Self {
        let number = self.0.iter().filter(|(key, _)| key.starts_with("Filter.") && key.ends_with(".Name")).count() + 1;
        self.with(&format!("Filter.{number}.Name"), name).with(&format!("Filter.{number}.Value.1"), value)
    }

    /// Adds where a page begins.
    fn page(self, name: &str, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.with(name, token),
            None => self,
        }
    }

    fn call(self, operation: &'static Operation) -> Call {
        Call { operation, input: Input::Query(self.0) }
    }
}

/// How many pages of a list are read at most: a list without end is not what we asked for.
const PAGES_MAX: usize = 200;
