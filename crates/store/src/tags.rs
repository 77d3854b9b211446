//! The tags of objects, in tables of their own.

use std::collections::BTreeSet;

use sqlx::QueryBuilder;

use crate::StoreError;
use crate::error::Doing as _;
use crate::insert::Insert;
use crate::objects::Cell;
use crate::row::Connection;

/// A table of tags.
pub(crate) struct Tags {
    name: &'static str,
    owner: &'static str,
    into: &'static str,
}

impl Tags {
    pub(crate) const ALERTS: Self =
        Self { name: "alert_tags", owner: "alert", into: "INSERT INTO alert_tags (alert, tag)" };
    pub(crate) const CASES: Self =
        Self { name: "case_tags", owner: "case_id", into: "INSERT INTO case_tags (case_id, tag)" };
    pub(crate) const OBSERVABLES: Self =
        Self { name: "observable_tags", owner: "observable", into: "INSERT INTO observable_tags (observable, tag)" };

    /// Writes the tags of new objects, each once.
    pub(crate) async fn insert<'a>(
        &self,
        connection: &mut Connection,
        objects: impl IntoIterator<Item = (String, &'a [String])>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for (id, tags) in objects {
            let tags: BTreeSet<&String> = tags.iter().collect();
            rows.extend(tags.into_iter().map(|tag| vec![Cell::Text(id.clone()), Cell::Text(tag.clone())]));
        }
        Insert::new(self.into, rows).execute(connection).await.doing("save tags")
    }

    /// Makes the rows of an object's tags those of the object.
    pub(crate) async fn save(&self, connection: &mut Connection, id: &str, tags: &[String]) -> Result<(), StoreError> {
        let doing = "save tags";
        let mut query = QueryBuilder::new("SELECT tag FROM ");
        query.push(self.name).push(" WHERE ").push(self.owner).push(" = ").push_bind(id.to_owned());
        let stored: Vec<String> = query.build_query_scalar().fetch_all(&mut *connection).await.doing(doing)?;
        let stored: BTreeSet<&str> = stored.iter().map(String::as_str).collect();
        let wanted: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        let new: Vec<String> = wanted.difference(&stored).map(|tag| (*tag).to_owned()).collect();
        self.insert(connection, [(id.to_owned(), new.as_slice())]).await?;
        for tag in stored.difference(&wanted) {
            let mut query = QueryBuilder::new("DELETE FROM ");
            query.push(self.name).push(" WHERE ").push(self.owner).push(" = ").push_bind(id.to_owned());
            query.push(" AND tag = ").push_bind((*tag).to_owned());
            query.build().execute(&mut *connection).await.doing(doing)?;
        }
        Ok(())
    }
}
