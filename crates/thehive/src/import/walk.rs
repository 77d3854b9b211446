//! Reading a list of the source from its oldest object to its newest, page by page, while the source is in use.
//!
//! Pages are cut by time and not by number: objects that come or go meanwhile move no other from one page to the next. A page
//! of the source ends somewhere within the objects of one moment, so those of its last moment are left to the next page. All
//! objects of earlier moments are then done, and one time is all that is needed to go on after an interruption.

use serde_json::{Value, json};

use super::source::{Source, SourceError};

/// How many objects are asked for at once.
pub(super) const PAGE: usize = 200;
/// How many objects of one moment are held together.
pub(super) const MOMENT_MAX: usize = 100_000;

/// What the objects are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Created,
    Updated,
}

impl Order {
    const fn field(self) -> &'static str {
        match self {
            Self::Created => "_createdAt",
            Self::Updated => "_updatedAt",
        }
    }

    /// Returns an object's time in milliseconds. Of comments the fields have no underscore.
    pub(super) fn of(self, row: &Value) -> Option<i64> {
        let time = |field: &str| row.get(field).or_else(|| row.get(&field[1..])).and_then(Value::as_i64);
        // What was never changed counts at some sources as changed when it was made.
        time(self.field()).or_else(|| time(Self::Created.field()))
    }
}

/// A list of one organisation.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) source: Source,
    /// As questions call it; `None` for what is everybody's.
    pub(super) organisation: Option<String>,
    /// Its name; empty for what is everybody's.
    pub(super) name: String,
    /// What is listed, for people.
    pub(super) what: String,
    /// What comes before the filter.
    pub(super) operations: Vec<Value>,
    /// What each object is to say besides.
    pub(super) extra: Vec<&'static str>,
}

/// Objects, and how far all are done once these are.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<Value>,
    /// All objects of earlier moments are in this batch or one before; those of this moment may be.
    pub(super) through: Option<i64>,
}

/// A walk through a list.
#[derive(Debug)]
pub(super) struct Walk {
    listed: Listed,
    order: Order,
    from: Option<i64>,
    is_over: bool,
}

impl Listed {
    /// Begins a walk at the objects of this time, or at the oldest.
    pub(super) fn walk(self, order: Order, from: Option<i64>) -> Walk {
        Walk { listed: self, order, from, is_over: false }
    }

    /// Returns how many objects there are.
    pub(super) async fn count(&self) -> Result<u64, SourceError> {
        let mut operations = self.operations.clone();
        operations.push(json!({"_name": "count"}));
        let answer = self.ask(&operations).await?;
        // A list of one number is how some versions answer.
        let number = answer.as_u64().or_else(|| answer.as_array().and_then(|list| list.first()?.as_u64()));
        number.ok_or_else(|| self.wrong("a count that is no number"))
    }

    /// Returns the answer to other operations in the same organisation.
    pub(super) async fn ask(&self, operations: &[Value]) -> Result<Value, SourceError> {
        self.source.query(self.organisation.as_deref(), &self.what, operations).await
    }

    /// Returns the answer to a `GET` in the same organisation.
    pub(super) async fn get(&self, path: &str) -> Result<Value, SourceError> {
        self.source.get(self.organisation.as_deref(), &self.what, path).await
    }

    /// Returns the objects from a place on in the order asked for, at most [`PAGE`].
    async fn page(&self, order: Order, since: Option<i64>, place: usize) -> Result<Vec<Value>, SourceError> {
        let mut operations = self.operations.clone();
        if let Some(since) = since {
            operations.push(json!({"_name": "filter", "_gte": {"_field": order.field(), "_value": since}}));
        }
        operations.push(json!({"_name": "sort", "_fields": [{order.field(): "asc"}]}));
        operations.push(json!({"_name": "page", "from": place, "to": place + PAGE, "extraData": self.extra}));
        match self.ask(&operations).await? {
            Value::Array(rows) => Ok(rows),
            _ => Err(self.wrong("no list")),
        }
    }

    /// Returns all objects, in the order of their making, where they are few: at most [`MOMENT_MAX`].
    pub(super) async fn all(&self) -> Result<Vec<Value>, SourceError> {
        let mut rows = Vec::new();
        loop {
            let page = self.page(Order::Created, None, rows.len()).await?;
            let is_last = page.len() < PAGE;
            rows.extend(page);
            if is_last {
                return Ok(rows);
            }
            if rows.len() > MOMENT_MAX {
                return Err(self.wrong(format!("more than {MOMENT_MAX} objects")));
            }
        }
    }

    fn wrong(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Answer { what: self.what.clone(), reason: reason.into() }
    }
}

impl Walk {
    /// Returns whether the objects that were returned last are the last ones.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns the next objects, or `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>, SourceError> {
        if self.is_over {
            return Ok(None);
        }
        let mut rows = self.listed.page(self.order, self.from, 0).await?;
        if rows.len() < PAGE {
            self.is_over = true;
            return self.batch(rows).map(Some);
        }
        let (first, last) = (self.time(rows.first())?, self.time(rows.last())?);
        if first < last {
            rows.retain(|row| self.order.of(row) != Some(last));
            self.check_order(&rows)?;
            self.from = Some(last);
            return Ok(Some(Batch { rows, through: Some(last) }));
        }
        self.moment(first, rows).await.map(Some)
    }

    /// Returns all objects of a moment that has more than a page.
    async fn moment(&mut self, moment: i64, mut rows: Vec<Value>) -> Result<Batch, SourceError> {
        loop {
            let more = self.listed.page(self.order, self.from, rows.len()).await?;
            let later = more.iter().find_map(|row| self.order.of(row).filter(|time| *time != moment));
            let is_last = more.len() < PAGE;
            rows.extend(more.into_iter().filter(|row| self.order.of(row) == Some(moment)));
            if let Some(later) = later {
                self.from = Some(later);
                return Ok(Batch { rows, through: Some(later) });
            }
            if is_last {
                self.is_over = true;
                return self.batch(rows);
            }
            if rows.len() > MOMENT_MAX {
                return Err(self.listed.wrong(format!("more than {MOMENT_MAX} objects of one millisecond")));
            }
        }
    }

    fn batch(&mut self, rows: Vec<Value>) -> Result<Batch, SourceError> {
        self.check_order(&rows)?;
        if let Some(last) = rows.last() {
            self.from = Some(self.time(Some(last))?);
        }
        Ok(Batch { rows, through: self.from })
    }

    /// A source that does not sort would have us leave objects out.
    fn check_order(&self, rows: &[Value]) -> Result<(), SourceError> {
        let mut before = self.from.unwrap_or(i64::MIN);
        for row in rows {
            let time = self.time(Some(row))?;
            if time < before {
                return Err(self.listed.wrong(format!("not in the order of {}", self.order.field())));
            }
            before = time;
        }
        Ok(())
    }

    fn time(&self, row: Option<&Value>) -> Result<i64, SourceError> {
        let time = row.and_then(|row| self.order.of(row));
        time.ok_or_else(|| self.listed.wrong(format!("an object without {}", self.order.field())))
    }
}
