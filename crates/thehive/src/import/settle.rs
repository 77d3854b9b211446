//! A page of objects: read, completed with its files, and stored with the mark in one transaction.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use vigie_model::{TenantId, Verb};
use vigie_store::{AuditNote, Author, Object, StoreError, Tx};

use super::find::{by_field, texts};
use super::kind::{Draft, Kind, Standing, object_kind};
use super::mark::{Mark, Tally};
use super::naming::Place;
use super::run::{ImportError, Run, chain, shown_id};
use super::theirs::{Reading, Unread};
use super::walk::Order;

/// Which objects of a page are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// All: each is seen once.
    Whole,
    /// Those that are new: others may be seen again. Objects were seen before this time, in milliseconds since 1970.
    New(i64),
    /// Those that are here and were changed.
    Changed,
}

/// What a run has done with a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct News {
    pub(super) imported: u64,
    pub(super) changed: u64,
}

impl News {
    pub(super) const fn add(&mut self, other: Self) {
        self.imported += other.imported;
        self.changed += other.changed;
    }
}

/// What a page brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brought {
    pub(super) news: News,
    /// What became of its objects.
    pub(super) tally: Tally,
}

/// What became of a page.
struct Stored {
    mark: Mark,
    tally: Tally,
    news: News,
    refused: Vec<(String, Unread)>,
}

/// A page that is read.
struct Page<T> {
    drafts: Vec<Draft<T>>,
    /// What could not be read.
    unread: Vec<(String, Unread)>,
}

impl Run<'_> {
    /// Reads and stores a page, and moves the mark as `step` says, given what became of the page.
    pub(super) async fn settle<K: Kind>(
        &mut self,
        place: Option<&Place>,
        rows: &[Value],
        how: How,
        mark: &mut Mark,
        step: impl Fn(&mut Mark, &Tally) + Send + Sync,
    ) -> Result<Brought, ImportError> {
        let mut page = self.read::<K>(place, rows).await?;
        self.bring_files::<K>(place, &mut page.drafts).await?;
        let unread =
            Tally { failed: if how == How::Changed { 0 } else { page.unread.len() as u64 }, ..Tally::default() };
        let step = |mark: &mut Mark, tally: &Tally| step(mark, &tally.and(&unread));
        let stored = match self.store_page::<K>(place, page.drafts.clone(), &page.unread, how, mark, &step).await {
            Err(error) if error.is_of_an_object() => self.one_by_one::<K>(place, &page, how, mark, &step).await?,
            other => other?,
        };
        *mark = stored.mark;
        for (id, unread) in page.unread.iter().chain(&stored.refused) {
            self.fail(place, K::NAME, id, unread);
        }
        for draft in &page.drafts {
            for left_out in &draft.left_out {
                self.fail(place, K::NAME, &draft.theirs, left_out);
            }
        }
        Ok(Brought { news: stored.news, tally: stored.tally.and(&unread) })
    }

    async fn read<K: Kind>(&mut self, place: Option<&Place>, rows: &[Value]) -> Result<Page<K::Object>, ImportError> {
        let found = self.find_parents(K::ON, place, rows).await?;
        let mut page = Page { drafts: Vec::with_capacity(rows.len()), unread: Vec::new() };
        for row in rows {
            let read = found.of(K::ON, row).and_then(|found| {
                let (naming, fields, places) = (&self.naming, &self.fields, &self.places);
                K::read(row, &Reading { naming, found, fields, places })
            });
            match read {
                Ok(mut draft) => {
                    draft.created = Order::Created.of(row).unwrap_or(i64::MAX);
                    page.drafts.push(draft);
                }
                Err(unread) => page.unread.push((shown_id(row), unread)),
            }
        }
        Ok(page)
    }

    /// Stores each object by itself, since one of them cannot be; then the mark.
    async fn one_by_one<K: Kind>(
        &self,
        place: Option<&Place>,
        page: &Page<K::Object>,
        how: How,
        mark: &Mark,
        step: &(dyn Fn(&mut Mark, &Tally) + Send + Sync),
    ) -> Result<Stored, ImportError> {
        let (mut tally, mut news, mut refused) = (Tally::default(), News::default(), Vec::new());
        let stay = |_: &mut Mark, _: &Tally| {};
        for draft in &page.drafts {
            match self.store_page::<K>(place, vec![draft.clone()], &[], how, mark, &stay).await {
                Ok(stored) => {
                    tally.add(&stored.tally);
                    news.add(stored.news);
                    refused.extend(stored.refused);
                }
                Err(error) if error.is_of_an_object() => {
                    tally.failed += 1;
                    refused
                        .push((draft.theirs.clone(), Unread::new("", format!("cannot be stored: {}", chain(&error)))));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let last = |mark: &mut Mark, _: &Tally| step(mark, &tally);
        let stored = self.store_page::<K>(place, Vec::new(), &page.unread, how, mark, &last).await?;
        Ok(Stored { mark: stored.mark, tally, news, refused })
    }

    async fn store_page<K: Kind>(
        &self,
        place: Option<&Place>,
        mut drafts: Vec<Draft<K::Object>>,
        unread: &[(String, Unread)],
        how: How,
        mark: &Mark,
        step: &(dyn Fn(&mut Mark, &Tally) + Send + Sync),
    ) -> Result<Stored, StoreError> {
        let mut tx = self.store.begin().await?;
        K::fit(&mut tx, &mut drafts, place).await?;
        let keys = texts(drafts.iter().map(|draft| draft.object.key()));
        let known: Vec<K::Object> = by_field(&mut tx, "id", keys).await?;
        let mut writing = Writing {
            run: self,
            how,
            known: known.into_iter().map(|object| (object.key(), object)).collect(),
            tally: Tally::default(),
            news: News::default(),
            made: BTreeMap::new(),
            stored: Vec::new(),
        };
        let mut refused = Vec::new();
        for draft in drafts {
            writing.draft::<K>(&mut tx, draft, &mut refused).await?;
        }
        let Writing { tally, news, made, stored, .. } = writing;
        if !stored.is_empty() {
            K::after(&mut tx, &stored).await?;
        }
        let mut after = mark.clone();
        step(&mut after, &tally);
        let is_silent = made.is_empty() && news == News::default() && unread.is_empty() && refused.is_empty();
        if is_silent && after == *mark {
            return Ok(Stored { mark: after, tally, news, refused });
        }
        for (owner, made) in made {
            self.note::<K>(&mut tx, place, owner, &made, &[]).await?;
        }
        let failed: Vec<&(String, Unread)> = unread.iter().chain(&refused).collect();
        if !failed.is_empty() {
            let owner = place.map(|place| place.tenant.clone());
            self.note::<K>(&mut tx, place, owner, &Made::default(), &failed).await?;
        }
        if after != *mark {
            let key = self.mark_key::<K>(place);
            tx.set_setting(&key, &after.json(), (self.now)()).await?;
        }
        tx.commit().await?;
        Ok(Stored { mark: after, tally, news, refused })
    }

    pub(super) fn mark_key<K: Kind>(&self, place: Option<&Place>) -> String {
        self.naming.mark_key(place.map_or("", |place| &place.organisation), K::NAME)
    }

    /// Says in the audit log what came: a row for each page and not for each object, since a row for each would take longer
    /// than all the rest, and say no more than where the object is from, which it says itself.
    async fn note<K: Kind>(
        &self,
        tx: &mut Tx,
        place: Option<&Place>,
        owner: Option<TenantId>,
        made: &Made,
        failed: &[&(String, Unread)],
    ) -> Result<(), StoreError> {
        let failed: Vec<Value> = failed
            .iter()
            .map(|(id, unread)| json!({"id": id, "field": unread.field, "reason": unread.reason}))
            .collect();
        let note = AuditNote {
            at: (self.now)(),
            tenant: owner,
            actor: Self::actor(),
            verb: Verb::Import,
            object: object_kind::<K>(),
            object_id: self.source.name().to_owned(),
            details: json!({
                "organisation": place.map(|place| place.organisation.as_str()),
                "list": K::NAME,
                "ids": made.objects,
                "files": made.files,
                "failed": failed,
            }),
        };
        tx.audit(&note).await.map(|_| ())
    }
}

/// A page that is being written.
struct Writing<'r, 'a, T> {
    run: &'r Run<'a>,
    how: How,
    known: HashMap<String, T>,
    tally: Tally,
    news: News,
    /// What is new, by whose it is.
    made: BTreeMap<Option<TenantId>, Made>,
    /// What is new or changed.
    stored: Vec<T>,
}

/// The ids of what is new.
#[derive(Default)]
struct Made {
    objects: Vec<String>,
    files: Vec<String>,
}

impl<T: Object + Clone + PartialEq> Writing<'_, '_, T> {
    async fn draft<K: Kind<Object = T>>(
        &mut self,
        tx: &mut Tx,
        draft: Draft<T>,
        refused: &mut Vec<(String, Unread)>,
    ) -> Result<(), StoreError> {
        let key = draft.object.key();
        let known = self.known.get(&key);
        let is_first_sight = match self.how {
            How::Whole => true,
            How::New(before) => draft.created >= before,
            How::Changed => false,
        };
        match (draft.standing, known) {
            (Standing::Refused(unread), _) => {
                self.tally.failed += u64::from(self.how != How::Changed);
                refused.push((draft.theirs, unread));
                return Ok(());
            }
            (Standing::Elsewhere, None) => {
                self.tally.elsewhere += u64::from(is_first_sight);
                return Ok(());
            }
            (Standing::Named, _) | (Standing::Elsewhere, Some(_)) => {
                self.tally.here += u64::from(is_first_sight);
                return Ok(());
            }
            (Standing::Ours, None) if self.how == How::Changed => return Ok(()),
            (Standing::Ours, None) => {
                draft.object.write(tx, None).await?;
                self.tally.here += 1;
                self.news.imported += 1;
                self.made.entry(draft.object.owner().cloned()).or_default().objects.push(key.clone());
                self.stored.push(draft.object.clone());
                self.known.insert(key, draft.object);
            }
            (Standing::Ours, Some(before)) => {
                self.tally.here += u64::from(is_first_sight);
                if K::is_newer(before, &draft.object) {
                    let after = K::over(before, draft.object);
                    let actor = Run::actor();
                    let author = Author { actor: &actor, now: (self.run.now)() };
                    tx.change(before, &after, Verb::Import, author).await?;
                    self.news.changed += 1;
                    self.stored.push(after.clone());
                    self.known.insert(key, after);
                }
            }
        }
        self.tally.without_file += u64::from(is_first_sight && !draft.left_out.is_empty());
        if !K::IS_FILE {
            for file in &draft.files {
                if file.is_new {
                    tx.put(&file.attachment).await?;
                    let made = self.made.entry(Some(file.attachment.tenant.clone())).or_default();
                    made.files.push(file.attachment.key());
                }
            }
        }
        Ok(())
    }
}
