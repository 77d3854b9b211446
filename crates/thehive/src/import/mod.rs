//! Moving here from a TheHive: everything that its API shows, copied once and as often as one likes.
//!
//! # How it goes
//! [`Import::run`] reads one list after the other: what is everybody's first, then for every organisation what later things
//! hang on before what hangs on them. A list is walked through by time (`walk.rs`), page by page (`pass.rs`). An object of a
//! page becomes one of ours (`theirs/`), its files are brought (`bring.rs`), and the page is stored together with how far the
//! list is read (`settle.rs`, `mark.rs`).
//!
//! # Why a repeat changes nothing
//! The id of an object of ours follows from the source's name and the id there (`naming.rs`), so it is found again. A kill at
//! any point leaves whole pages behind, each with its mark. The next run goes on there, asks for what is new and what was
//! changed since, and walks through all again where the figures do not fit.
//!
//! # What is never overwritten
//! What was here before under the same name: profiles, fields, types, templates, users, alerts of the same feeder. What was
//! changed here after it was changed at the source. What is gone at the source stays here.

mod bring;
mod find;
mod kind;
mod mark;
mod naming;
mod parents;
mod pass;
mod people;
mod run;
mod settle;
mod source;
mod survey;
mod table;
mod theirs;
mod walk;

use vigie_model::{Filter, Selection};
use vigie_store::{Files, Store};

use crate::wire::fields::DEFINITIONS_MAX;
use naming::{EVERYWHERE, Naming, Place};
use run::Run;
use theirs::{
    Alerts, Attachments, CaseTemplates, Cases, Comments, CustomFields, DataTypes, Events, Links, Logs, Observables,
    OrganisationFiles, PageTemplates, Pages, Procedures, Shares, Tasks,
};

pub use people::TenantMap;
pub use run::{ImportError, ImportProgress, Now, Told};
pub use source::{Credentials, Patience, Source, SourceError, SourceSettings};
pub use table::{FAILURES_MAX, ImportFailure, ImportOutcome, ImportRow};

/// Moving here from a TheHive.
#[derive(Clone, Copy)]
pub struct Import<'a> {
    /// What is read.
    pub source: &'a Source,
    /// The organisations to copy; empty for all that the key is a member of.
    pub organisations: &'a [String],
    /// Which tenants they become, where not those nearest to their names.
    pub tenants: &'a TenantMap,
    /// What is told of progress, after each page.
    pub tell: Told<'a>,
    /// The clock.
    pub now: Now<'a>,
}

/// Where everything goes.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The database. A server may use it at the same time.
    pub store: &'a Store,
    /// The folder of files.
    pub files: &'a Files,
    /// The longest file that is taken, in bytes.
    pub file_bytes_max: u64,
}

impl Import<'_> {
    /// Copies everything, and says what was done.
    ///
    /// # Errors
    /// [`ImportError`] where it had to stop. What was done until then stays, and another run goes on from there.
    pub async fn run(&self, target: Target<'_>) -> Result<ImportOutcome, ImportError> {
        let began = self.source.time().await?;
        let mut places = people::places(self.source, self.organisations, self.tenants).await?;
        for place in &mut places {
            place.numbers_to = people::highest_number(self.source, place).await?;
        }
        crate::seed(target.store, (self.now)()).await?;
        let mut run = Run {
            source: self.source,
            store: target.store,
            files: target.files,
            file_bytes_max: target.file_bytes_max,
            now: self.now,
            tell: self.tell,
            naming: Naming::new(self.source.name()),
            began: began.unwrap_or_else(|| (self.now)().as_micros().div_euclid(1_000)),
            places: places.clone(),
            fields: Vec::new(),
            outcome: ImportOutcome::default(),
        };
        run.everything(&places).await?;
        Ok(run.outcome)
    }
}

impl Run<'_> {
    async fn everything(&mut self, places: &[Place]) -> Result<(), ImportError> {
        self.copy_organisations(places).await?;
        self.copy_people(places).await?;
        let fields = people::custom_fields(self.source).await;
        self.copy_few::<CustomFields>(None, fields).await?;
        let types = pass::listed::<DataTypes>(self.source, None).all().await;
        self.copy_few::<DataTypes>(None, types).await?;
        self.fields = self.store.select(EVERYWHERE, &Selection::of(Filter::All, DEFINITIONS_MAX)).await?;
        for place in places {
            let place = Some(place);
            self.copy::<PageTemplates>(place).await?;
            self.copy::<CaseTemplates>(place).await?;
            self.copy::<Cases>(place).await?;
        }
        self.copy_cases_of_others(places).await?;
        for place in places {
            self.copy_parts(place).await?;
        }
        Ok(())
    }

    /// A case that is shared comes with its owner, who may have come later.
    async fn copy_cases_of_others(&mut self, places: &[Place]) -> Result<(), ImportError> {
        for place in places {
            let mark = mark::Mark::load(self.store, &self.mark_key::<Cases>(Some(place))).await?;
            if mark.tally().elsewhere == 0 {
                continue;
            }
            self.copy::<Cases>(Some(place)).await?;
            let left = mark::Mark::load(self.store, &self.mark_key::<Cases>(Some(place))).await?.tally().elsewhere;
            if left > 0 {
                let reason =
                    format!("{left} cases belong to organisations that are not copied: add them with --organisation");
                self.fail(Some(place), <Cases as kind::Kind>::NAME, "", &theirs::Unread::new("", reason));
            }
        }
        Ok(())
    }

    async fn copy_parts(&mut self, place: &Place) -> Result<(), ImportError> {
        let place = Some(place);
        self.copy::<Tasks>(place).await?;
        self.copy::<Logs>(place).await?;
        self.copy::<Observables<false>>(place).await?;
        self.copy::<Comments<false>>(place).await?;
        self.copy::<Procedures<false>>(place).await?;
        self.copy::<Pages>(place).await?;
        self.copy::<Attachments<false>>(place).await?;
        self.copy::<Links>(place).await?;
        self.copy::<Shares>(place).await?;
        self.copy::<Events>(place).await?;
        self.copy::<Alerts>(place).await?;
        self.copy::<Observables<true>>(place).await?;
        self.copy::<Comments<true>>(place).await?;
        self.copy::<Procedures<true>>(place).await?;
        self.copy::<Attachments<true>>(place).await?;
        self.copy::<OrganisationFiles>(place).await
    }
}
