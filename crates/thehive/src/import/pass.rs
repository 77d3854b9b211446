//! A list of an organisation, from the first look at it to its row in the table.
//!
//! The first run walks through the whole list. A later run asks for what was made and what was changed since; it walks
//! through all again only where the figures do not fit: something failed before, came late, or is gone at the source.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::kind::{Kind, On};
use super::mark::{Mark, Tally, Walking};
use super::naming::Place;
use super::run::{ImportError, ImportProgress, Run};
use super::settle::{How, News};
use super::source::{Source, SourceError};
use super::table::ImportRow;
use super::theirs::Unread;
use super::walk::{Listed, Order, PAGE};

/// How far back a later run looks again: the source may show an object later than the time that it was made at.
const OVERLAP: Duration = Duration::from_mins(10);
/// How many objects are asked for their parts at the same time.
const AT_ONCE: usize = 4;

/// How a walk through a list ended.
enum Ended {
    Over,
    /// The source does not say what the parts hang on.
    Mute,
}

impl Run<'_> {
    /// Copies a list of an organisation, and adds its row to the table. A list that cannot be read is a failure of its own
    /// and does not stop the others.
    pub(super) async fn copy<K: Kind>(&mut self, place: Option<&Place>) -> Result<(), ImportError> {
        let row = match self.copy_list::<K>(place).await {
            Ok(row) => row,
            Err(ImportError::Source(error)) if !error.is_final() => {
                self.fail(place, K::NAME, "", &Unread::new("", super::run::chain(&error)));
                row::<K>(place, None, News::default(), Tally::default())
            }
            Err(error) => return Err(error),
        };
        let same = |known: &&mut ImportRow| known.organisation == row.organisation && known.list == row.list;
        match self.outcome.rows.iter_mut().find(same) {
            // Looked at again in the same run: what came before is not here from before the run.
            Some(known) => {
                let imported = known.imported + row.imported;
                let already_there = (row.imported + row.already_there).saturating_sub(imported);
                *known = ImportRow { imported, already_there, changed: known.changed + row.changed, ..row };
            }
            None => self.outcome.rows.push(row),
        }
        Ok(())
    }

    async fn copy_list<K: Kind>(&mut self, place: Option<&Place>) -> Result<ImportRow, ImportError> {
        let mut mark = Mark::load(self.store, &self.mark_key::<K>(place)).await?;
        let mut news = News::default();
        if mark.is_walked() && !K::IS_BY_ONE && !mark.is_by_one() {
            self.copy_new::<K>(place, &mut mark, &mut news).await?;
            self.copy_changed::<K>(place, &mut mark, &mut news).await?;
            let count = self.listed::<K>(place).count().await?;
            let tally = mark.tally();
            if count == tally.here && tally.is_whole() {
                return Ok(row::<K>(place, Some(count), news, tally));
            }
        }
        self.walk::<K>(place, &mut mark, &mut news).await?;
        if K::IS_BY_ONE {
            let tally = mark.tally();
            return Ok(row::<K>(place, Some(tally.seen()), news, tally));
        }
        if !mark.is_by_one() {
            self.copy_changed::<K>(place, &mut mark, &mut news).await?;
        }
        let count = self.listed::<K>(place).count().await?;
        Ok(row::<K>(place, Some(count), news, mark.tally()))
    }

    fn listed<K: Kind>(&self, place: Option<&Place>) -> Listed {
        listed::<K>(self.source, place)
    }

    /// Walks through the whole list, or goes on with a walk that broke off.
    async fn walk<K: Kind>(
        &mut self,
        place: Option<&Place>,
        mark: &mut Mark,
        news: &mut News,
    ) -> Result<(), ImportError> {
        if !K::IS_BY_ONE && !mark.is_by_one() {
            match self.walk_list::<K>(place, mark, news).await? {
                Ended::Over => return Ok(()),
                Ended::Mute => {}
            }
        }
        self.walk_parents::<K>(place, mark, news).await
    }

    async fn walk_list<K: Kind>(
        &mut self,
        place: Option<&Place>,
        mark: &mut Mark,
        news: &mut News,
    ) -> Result<Ended, ImportError> {
        let walking = self.walking(mark, false);
        let listed = self.listed::<K>(place);
        let mut walk = listed.clone().walk(Order::Created, walking.through);
        mark.walking = Some(walking);
        while let Some(mut batch) = walk.next().await? {
            if K::ON != On::Organisation && batch.rows.iter().any(|row| K::ON.of(row).is_none()) {
                return Ok(Ended::Mute);
            }
            K::complete(&listed, &mut batch.rows).await?;
            let (through, is_last) = (batch.through, walk.is_over());
            let step = move |mark: &mut Mark, tally: &Tally| mark.step(through, tally, is_last);
            news.add(self.settle::<K>(place, &batch.rows, How::Whole, mark, step).await?.news);
            self.progress::<K>(place, mark.tally().seen(), news.imported);
        }
        Ok(Ended::Over)
    }

    /// Walks through what the parts hang on, and asks each for its parts.
    async fn walk_parents<K: Kind>(
        &mut self,
        place: Option<&Place>,
        mark: &mut Mark,
        news: &mut News,
    ) -> Result<(), ImportError> {
        let walking = self.walking(mark, true);
        let parts = self.listed::<K>(place);
        let parents = list(self.source, place, K::NAME, K::ON.list(), K::EXTRA_ON.to_vec());
        let mut walk = parents.walk(Order::Created, walking.through);
        mark.walking = Some(walking);
        while let Some(batch) = walk.next().await? {
            let of_one = |one: Value| {
                let parts = &parts;
                async move { or_none(K::of_one(parts, &one).await) }
            };
            let asked = futures_util::stream::iter(batch.rows).map(of_one).buffered(AT_ONCE);
            let rows: Vec<Value> = asked.try_collect::<Vec<Vec<Value>>>().await?.into_iter().flatten().collect();
            let (through, is_last) = (batch.through, walk.is_over());
            // The mark moves with the last page of these parts: what of them came before is then found to be here.
            let mut before = Tally::default();
            let pages: Vec<&[Value]> = if rows.is_empty() { vec![&[]] } else { rows.chunks(PAGE).collect() };
            for (number, page) in (1..).zip(&pages) {
                let is_end = number == pages.len();
                let step = move |mark: &mut Mark, tally: &Tally| {
                    if is_end {
                        mark.step(through, &before.and(tally), is_last);
                    }
                };
                let brought = self.settle::<K>(place, page, How::Whole, mark, step).await?;
                before.add(&brought.tally);
                news.add(brought.news);
            }
            self.progress::<K>(place, mark.tally().seen(), news.imported);
        }
        Ok(())
    }

    /// Copies what was made since the last walk.
    async fn copy_new<K: Kind>(
        &mut self,
        place: Option<&Place>,
        mark: &mut Mark,
        news: &mut News,
    ) -> Result<(), ImportError> {
        let through = mark.walked.as_ref().and_then(|walked| walked.through);
        let listed = self.listed::<K>(place);
        let mut walk = listed.clone().walk(Order::Created, through.map(before));
        while let Some(mut batch) = walk.next().await? {
            K::complete(&listed, &mut batch.rows).await?;
            let reached = batch.through;
            let step = move |mark: &mut Mark, tally: &Tally| {
                if let Some(walked) = &mut mark.walked {
                    walked.through = walked.through.max(reached);
                    walked.tally.add(tally);
                }
            };
            // Those of the last moment were seen.
            let how = How::New(through.map_or(i64::MIN, |through| through.saturating_add(1)));
            news.add(self.settle::<K>(place, &batch.rows, how, mark, step).await?.news);
            self.progress::<K>(place, mark.tally().seen(), news.imported);
        }
        Ok(())
    }

    /// Copies what was changed since the last run, or since the walk began.
    async fn copy_changed<K: Kind>(
        &mut self,
        place: Option<&Place>,
        mark: &mut Mark,
        news: &mut News,
    ) -> Result<(), ImportError> {
        if !K::IS_CHANGED {
            return Ok(());
        }
        let since = mark.walked.as_ref().map_or(self.began, |walked| walked.changed_through);
        let listed = self.listed::<K>(place);
        let mut walk = listed.clone().walk(Order::Updated, Some(before(since)));
        while let Some(mut batch) = walk.next().await? {
            K::complete(&listed, &mut batch.rows).await?;
            let reached = if walk.is_over() { Some(self.began) } else { batch.through };
            let step = move |mark: &mut Mark, _: &Tally| {
                if let Some(walked) = &mut mark.walked {
                    walked.changed_through = walked.changed_through.max(reached.unwrap_or(i64::MIN));
                }
            };
            news.add(self.settle::<K>(place, &batch.rows, How::Changed, mark, step).await?.news);
        }
        Ok(())
    }

    /// Returns the walk that broke off, or a new one.
    fn walking(&self, mark: &mut Mark, is_by_one: bool) -> Walking {
        let new = Walking { began: self.began, through: None, is_by_one, tally: Tally::default() };
        mark.walking.take().filter(|walking| walking.is_by_one == is_by_one).unwrap_or(new)
    }

    fn progress<K: Kind>(&self, place: Option<&Place>, read: u64, imported: u64) {
        let organisation = place.map(|place| place.organisation.clone()).unwrap_or_default();
        (self.tell)(&ImportProgress { organisation, list: K::NAME, read, imported });
    }
}

/// Returns the row of a list.
fn row<K: Kind>(place: Option<&Place>, source: Option<u64>, news: News, tally: Tally) -> ImportRow {
    ImportRow {
        organisation: place.map(|place| place.organisation.clone()).unwrap_or_default(),
        list: K::NAME,
        source,
        imported: news.imported,
        already_there: tally.here.saturating_sub(news.imported),
        changed: news.changed,
        failed: tally.failed + tally.elsewhere,
    }
}

/// Returns the list of a kind as the source is asked for it.
pub(super) fn listed<K: Kind>(source: &Source, place: Option<&Place>) -> Listed {
    let extra = K::ON.words().iter().chain(K::EXTRA).copied().collect();
    list(source, place, K::NAME, K::LIST, extra)
}

fn list(source: &Source, place: Option<&Place>, name: &str, operations: &[&str], extra: Vec<&'static str>) -> Listed {
    let organisation = place.map(|place| place.asked.clone());
    let what = place.map_or_else(|| name.to_owned(), |place| format!("{}: {name}", place.organisation));
    let operation = |name: &&str| match (*name, place) {
        (name @ "getOrganisation", Some(place)) => json!({"_name": name, "idOrName": place.organisation}),
        (name, _) => json!({ "_name": name }),
    };
    let operations = operations.iter().map(operation).collect();
    let name = place.map(|place| place.organisation.clone()).unwrap_or_default();
    Listed { source: source.clone(), organisation, name, what, operations, extra }
}

/// Returns the time that a later run begins at.
fn before(time: i64) -> i64 {
    time.saturating_sub(i64::try_from(OVERLAP.as_millis()).unwrap_or(i64::MAX))
}

/// What is gone meanwhile has no parts.
fn or_none(parts: Result<Vec<Value>, SourceError>) -> Result<Vec<Value>, SourceError> {
    match parts {
        Err(SourceError::NotFound { .. }) => Ok(Vec::new()),
        other => other,
    }
}
