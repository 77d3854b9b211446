//! What there is to copy, without writing anything.

use super::kind::Kind;
use super::naming::Place;
use super::pass::listed;
use super::people::{self, ORGANISATIONS};
use super::run::chain;
use super::source::SourceError;
use super::table::{ImportFailure, ImportRow};
use super::theirs::{
    Alerts, Attachments, CaseTemplates, Cases, Comments, CustomFields, DataTypes, Logs, Observables, OrganisationFiles,
    PageTemplates, Pages, Procedures, Profiles, Tasks, Users,
};
use super::{Import, ImportError, ImportOutcome};

impl Import<'_> {
    /// Counts what the source has. Nothing is written, and no database is needed. Links, shares and events of timelines are
    /// not among it: the source says them only case by case.
    ///
    /// # Errors
    /// [`ImportError`] where the source gives no answers, or an organisation needs a tenant's name.
    pub async fn survey(&self) -> Result<ImportOutcome, ImportError> {
        let places = people::places(self.source, self.organisations, self.tenants).await?;
        let mut survey = Survey { import: self, outcome: ImportOutcome::default() };
        survey.add(None, ORGANISATIONS, Ok(places.len() as u64))?;
        survey.few::<Profiles>(listed::<Profiles>(self.source, None).all().await)?;
        survey.few::<Users>(people::users(self.source, &places).await)?;
        survey.few::<CustomFields>(people::custom_fields(self.source).await)?;
        survey.few::<DataTypes>(listed::<DataTypes>(self.source, None).all().await)?;
        for place in &places {
            survey.count::<PageTemplates>(place).await?;
            survey.count::<CaseTemplates>(place).await?;
            survey.count::<Cases>(place).await?;
            survey.count::<Tasks>(place).await?;
            survey.count::<Logs>(place).await?;
            survey.count::<Observables<false>>(place).await?;
            survey.count::<Comments<false>>(place).await?;
            survey.count::<Procedures<false>>(place).await?;
            survey.count::<Pages>(place).await?;
            survey.count::<Attachments<false>>(place).await?;
            survey.count::<Alerts>(place).await?;
            survey.count::<Observables<true>>(place).await?;
            survey.count::<Comments<true>>(place).await?;
            survey.count::<Procedures<true>>(place).await?;
            survey.count::<Attachments<true>>(place).await?;
            survey.count::<OrganisationFiles>(place).await?;
        }
        Ok(survey.outcome)
    }
}

struct Survey<'a> {
    import: &'a Import<'a>,
    outcome: ImportOutcome,
}

impl Survey<'_> {
    async fn count<K: Kind>(&mut self, place: &Place) -> Result<(), ImportError> {
        let count = listed::<K>(self.import.source, Some(place)).count().await;
        self.add(Some(place), K::NAME, count)
    }

    fn few<K: Kind>(&mut self, rows: Result<Vec<serde_json::Value>, SourceError>) -> Result<(), ImportError> {
        self.add(None, K::NAME, rows.map(|rows| rows.len() as u64))
    }

    fn add(
        &mut self,
        place: Option<&Place>,
        list: &'static str,
        count: Result<u64, SourceError>,
    ) -> Result<(), ImportError> {
        let mut row = ImportRow::new(place, list);
        match count {
            Ok(count) => row.source = Some(count),
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => self.outcome.fail(ImportFailure {
                organisation: row.organisation.clone(),
                list,
                id: String::new(),
                field: String::new(),
                reason: chain(&error),
            }),
        }
        self.outcome.rows.push(row);
        Ok(())
    }
}
