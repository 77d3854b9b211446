//! The files of a page: brought before the page is stored, so that a row never names bytes that are not here.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt as _;
use vigie_model::Attachment;
use vigie_store::{FileError, Object as _};

use super::find::{stored_by_field, texts};
use super::kind::{Draft, Kind, Standing, TheirFile};
use super::naming::Place;
use super::run::{ImportError, Run, chain};
use super::source::{DownloadError, SourceError};
use super::theirs::Unread;

/// How many files are brought at the same time.
const AT_ONCE: usize = 4;

/// Why a file is not here.
enum NotBrought {
    /// It is this file's own fault.
    File(Unread),
    /// Nothing more can be brought.
    All(ImportError),
}

impl Run<'_> {
    /// Brings the files of drafts that are not here yet.
    pub(super) async fn bring_files<K: Kind>(
        &self,
        place: Option<&Place>,
        drafts: &mut [Draft<K::Object>],
    ) -> Result<(), ImportError> {
        let asked = texts(drafts.iter().flat_map(|draft| &draft.files).map(|file| file.attachment.id));
        if asked.is_empty() {
            return Ok(());
        }
        let known: Vec<Attachment> = stored_by_field(self.store, "id", asked).await?;
        let known: HashMap<String, Attachment> = known.into_iter().map(|file| (file.key(), file)).collect();
        let mut missing: BTreeMap<(usize, usize), TheirFile> = BTreeMap::new();
        for (place_of_draft, draft) in drafts.iter_mut().enumerate() {
            for (place_of_file, file) in draft.files.iter_mut().enumerate() {
                match known.get(&file.attachment.key()) {
                    Some(known) => file.attachment.clone_from(known),
                    None => drop(missing.insert((place_of_draft, place_of_file), file.clone())),
                }
            }
        }
        let organisation = place.map(|place| place.asked.as_str());
        let bring = |(at, file): ((usize, usize), TheirFile)| async move {
            (at, self.bring(organisation, K::NAME, file).await)
        };
        let mut brought: HashMap<(usize, usize), _> =
            futures_util::stream::iter(missing).map(bring).buffer_unordered(AT_ONCE).collect().await;
        for (place_of_draft, draft) in drafts.iter_mut().enumerate() {
            let mut kept = Vec::new();
            for (place_of_file, file) in std::mem::take(&mut draft.files).into_iter().enumerate() {
                match brought.remove(&(place_of_draft, place_of_file)) {
                    None => kept.push(file),
                    Some(Ok(file)) => kept.push(file),
                    Some(Err(NotBrought::All(error))) => return Err(error),
                    Some(Err(NotBrought::File(unread))) if file.is_all => draft.standing = Standing::Refused(unread),
                    Some(Err(NotBrought::File(unread))) => draft.left_out.push(unread),
                }
            }
            for file in &kept {
                K::bring(&mut draft.object, &file.attachment);
            }
            draft.files = kept;
        }
        Ok(())
    }

    /// Brings a file, and holds it against what the source says of it.
    async fn bring(
        &self,
        organisation: Option<&str>,
        list: &str,
        mut file: TheirFile,
    ) -> Result<TheirFile, NotBrought> {
        let mut refused = None;
        for path in &file.paths {
            let what = format!("{list}: file {}", file.attachment.name);
            match self.source.download(organisation, &what, path, self.files, self.file_bytes_max).await {
                Ok(uploaded) => {
                    let said = &file.attachment.sha256;
                    if !said.is_empty() && *said != uploaded.sha256 {
                        let (is, name) = (&uploaded.sha256, &file.attachment.name);
                        let reason = format!("the bytes of {name} have the SHA-256 {is}, and the source says {said}");
                        return Err(NotBrought::File(Unread::new("attachments", reason)));
                    }
                    let attachment = &mut file.attachment;
                    attachment.bytes = uploaded.bytes;
                    attachment.sha256.clone_from(&uploaded.sha256);
                    attachment.sha1.clone_from(&uploaded.sha1);
                    attachment.md5.clone_from(&uploaded.md5);
                    self.files.keep(uploaded).await.map_err(|error| NotBrought::All(error.into()))?;
                    file.is_new = true;
                    return Ok(file);
                }
                // Another path may have it.
                Err(DownloadError::Source(error @ SourceError::NotFound { .. })) => refused = Some(error),
                Err(error) => return Err(not_brought(&file, error)),
            }
        }
        let reason = refused.map_or_else(|| "the source does not say where it is".to_owned(), |error| chain(&error));
        Err(NotBrought::File(Unread::new("attachments", reason)))
    }
}

fn not_brought(file: &TheirFile, error: DownloadError) -> NotBrought {
    let name = &file.attachment.name;
    match error {
        DownloadError::Source(error) if error.is_final() => NotBrought::All(error.into()),
        DownloadError::Source(error) => NotBrought::File(Unread::new("attachments", chain(&error))),
        DownloadError::Store(FileError::TooLarge { bytes_max }) => NotBrought::File(Unread::new(
            "attachments",
            format!("{name} is longer than {bytes_max} bytes: raise `limits.attachment_bytes_max` and import again"),
        )),
        DownloadError::Store(error) => NotBrought::All(error.into()),
    }
}
