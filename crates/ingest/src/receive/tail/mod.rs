//! Follows a growing file through rotation, truncation and restarts.
//!
//! A line counts as read once the pipeline has acknowledged it; only then does the checkpoint move past it. After a crash
//! the lines since the checkpoint are read again, at the same positions, so that they become the same events.

mod checkpoint;
mod follow;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use vigie_model::{SourceName, TenantId};

use self::checkpoint::Checkpoint;
use self::follow::{End, Follower, locate};
use super::{BatchSender, ReceiverCounters};
use crate::Sources;

/// Where to begin in a file that was never followed before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TailStart {
    /// With its first line.
    #[default]
    Beginning,
    /// With the first line written from now on.
    End,
}

/// What following a file needs to know.
#[derive(Debug, Clone)]
pub struct TailSettings {
    /// The file.
    pub path: PathBuf,
    /// Whose records they are.
    pub tenant: TenantId,
    /// Which source reads its lines.
    pub source: SourceName,
    /// The folder for the checkpoint; made where it does not exist.
    pub checkpoints: PathBuf,
    /// Where to begin in a file without a checkpoint.
    pub start: TailStart,
    /// How long to wait before looking for new lines.
    pub poll: Duration,
    /// How long a renamed file must be silent before it is left: programs write to it until they open the new one.
    pub rotate_wait: Duration,
}

impl TailSettings {
    /// Returns settings that begin with the first line, look four times a second, and leave a renamed file after two
    /// seconds of silence.
    pub fn new(
        path: impl Into<PathBuf>,
        tenant: TenantId,
        source: SourceName,
        checkpoints: impl Into<PathBuf>,
    ) -> Self {
        Self {
            path: path.into(),
            tenant,
            source,
            checkpoints: checkpoints.into(),
            start: TailStart::default(),
            poll: Duration::from_millis(250),
            rotate_wait: Duration::from_secs(2),
        }
    }

    /// Returns where the checkpoint of this tenant, source and path is kept.
    fn checkpoint_path(&self) -> PathBuf {
        checkpoint::path_of(&self.checkpoints, &self.tenant, &self.source, &self.path)
    }
}

/// Follows a file until `stop` or until the pipeline is gone. A file that does not exist yet is waited for. Every batch
/// waits for its acknowledgement; one that is dropped unacknowledged is offered again.
pub async fn tail(settings: TailSettings, sink: BatchSender, counters: Arc<ReceiverCounters>, stop: CancellationToken) {
    let sources = Sources::builtin();
    let Some(source) = sources.get(&settings.source) else {
        error!(path = %settings.path.display(), source = %settings.source, "no such source: the file is not followed");
        return;
    };
    let checkpoint_path = settings.checkpoint_path();
    let mut checkpoint = match Checkpoint::load(&checkpoint_path).await {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            let path = checkpoint_path.display();
            warn!(%path, %error, "the checkpoint cannot be read: the file is read from where it would begin anew");
            None
        }
    };
    let mut complained = None;
    while !stop.is_cancelled() {
        let end = match locate(&settings, checkpoint.as_ref()).await {
            Ok(Some(located)) => {
                complained = None;
                let follower = Follower { settings: &settings, source, sink: &sink, counters: &counters, stop: &stop };
                follower.follow(located, &checkpoint_path, &mut checkpoint).await
            }
            Ok(None) => Ok(End::Again),
            Err(error) => Err(error),
        };
        match end {
            Ok(End::Finished) => {}
            Ok(End::Again) => pause(settings.poll, &stop).await,
            Ok(End::Closed) => return,
            Err(error) => {
                complain(&settings.path, &error, &mut complained);
                pause(settings.poll, &stop).await;
            }
        }
    }
    info!(path = %settings.path.display(), "the file is no longer followed");
}

/// Logs an error once, not at every poll.
fn complain(path: &Path, error: &std::io::Error, complained: &mut Option<std::io::ErrorKind>) {
    if *complained != Some(error.kind()) {
        warn!(path = %path.display(), %error, "the file cannot be followed for now");
        *complained = Some(error.kind());
    }
}

/// Waits, unless told to stop.
async fn pause(duration: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(duration) => {}
    }
}
