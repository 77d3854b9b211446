//! Following files.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_ingest::{Batch, ReceiverCounters, Settled, TailSettings, TailStart, tail};
use vigie_model::{EventId, Position};

use crate::{source, tenant};

struct Fixture {
    folder: TempDir,
    start: TailStart,
    source: &'static str,
}

struct Running {
    batches: mpsc::Receiver<Batch>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), start: TailStart::Beginning, source: "syslog" }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("app.log")
    }

    fn write(&self, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn run(&self) -> Running {
        let (sink, batches) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let mut settings =
            TailSettings::new(self.path(), tenant(), source(self.source), self.folder.path().join("checkpoints"));
        settings.poll = Duration::from_millis(5);
        settings.rotate_wait = Duration::from_millis(50);
        settings.start = self.start;
        let task = tokio::spawn(tail(settings, sink, Arc::new(ReceiverCounters::default()), stop.clone()));
        Running { batches, stop, task }
    }
}

impl Running {
    async fn batch(&mut self) -> Batch {
        tokio::time::timeout(Duration::from_secs(20), self.batches.recv()).await.unwrap().unwrap()
    }

    /// Takes and acknowledges batches until there are so many lines; returns them with their ids.
    async fn take(&mut self, count: usize) -> (Vec<String>, Vec<EventId>) {
        let (mut lines, mut ids) = (Vec::new(), Vec::new());
        while lines.len() < count {
            let mut batch = self.batch().await;
            for record in &batch.records {
                lines.push(String::from_utf8_lossy(&record.bytes).into_owned());
                ids.push(record.position.event_id(&record.tenant, &record.source, 0));
            }
            batch.done.take().unwrap().send(Settled::default()).unwrap();
        }
        (lines, ids)
    }

    async fn end(self) {
        self.stop.cancel();
        drop(self.batches);
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn lines_come_whole_and_once_over_a_restart() {
    let fixture = Fixture::new();
    let mut running = fixture.run();
    fixture.write("one\ntwo\nhal");
    assert_eq!(running.take(2).await.0, ["one", "two"]);
    fixture.write("f\n");
    assert_eq!(running.take(1).await.0, ["half"]);
    running.end().await;
    fixture.write("while away\n");
    let mut running = fixture.run();
    assert_eq!(running.take(1).await.0, ["while away"]);
    running.end().await;
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_as_the_same_events() {
    let fixture = Fixture::new();
    fixture.write("one\ntwo\n");
    let mut running = fixture.run();
    let id = |batch: &Batch| {
        let record = &batch.records[0];
        record.position.event_id(&record.tenant, &record.source, 0)
    };
    let first = running.batch().await;
    let first_id = id(&first);
    drop(first);
    let second = running.batch().await;
    assert_eq!(id(&second), first_id);
    drop(second);
    running.end().await;
    fixture.write("three\n");
    let mut running = fixture.run();
    let (lines, ids) = running.take(3).await;
    assert_eq!(lines, ["one", "two", "three"]);
    assert_eq!(ids[0], first_id);
    running.end().await;
}

#[tokio::test]
async fn a_renamed_file_is_read_to_its_end_then_the_new_one() {
    let fixture = Fixture::new();
    fixture.write("one\n");
    let mut running = fixture.run();
    assert_eq!(running.take(1).await.0, ["one"]);
    fs::rename(fixture.path(), fixture.folder.path().join("app.log.1")).unwrap();
    let mut old = OpenOptions::new().append(true).open(fixture.folder.path().join("app.log.1")).unwrap();
    old.write_all(b"late\nno newline").unwrap();
    fixture.write("new\n");
    assert_eq!(running.take(3).await.0, ["late", "no newline", "new"]);
    running.end().await;
}

#[tokio::test]
async fn a_file_renamed_while_away_is_found_under_its_new_name() {
    let fixture = Fixture::new();
    fixture.write("one\n");
    let mut running = fixture.run();
    running.take(1).await;
    running.end().await;
    fixture.write("missed\n");
    fs::rename(fixture.path(), fixture.folder.path().join("app.log.1")).unwrap();
    fixture.write("new\n");
    let mut running = fixture.run();
    assert_eq!(running.take(2).await.0, ["missed", "new"]);
    running.end().await;
}

#[tokio::test]
async fn a_truncated_file_is_read_from_its_beginning_as_new_events() {
    let fixture = Fixture::new();
    fixture.write("same line\nsame line\n");
    let mut running = fixture.run();
    let (_, before) = running.take(2).await;
    File::create(fixture.path()).unwrap();
    fixture.write("same line\n");
    let (lines, after) = running.take(1).await;
    assert_eq!(lines, ["same line"]);
    assert!(!before.contains(&after[0]));
    running.end().await;
}

#[tokio::test]
async fn following_may_begin_at_the_end() {
    let mut fixture = Fixture::new();
    fixture.start = TailStart::End;
    fixture.write("old\nhal");
    let mut running = fixture.run();
    // The checkpoint says where it stands; only then is a line new.
    let folder = fixture.folder.path().join("checkpoints");
    let begun = async {
        while fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), begun).await.unwrap();
    fixture.write("f\nnew\n");
    assert_eq!(running.take(2).await.0, ["half", "new"]);
    running.end().await;
}

#[tokio::test]
async fn a_header_is_known_after_a_restart_too() {
    let mut fixture = Fixture::new();
    fixture.source = "vpc_flow";
    fixture.write("srcaddr dstaddr action\n192.0.2.1 192.0.2.2 ACCEPT\n");
    let mut running = fixture.run();
    running.take(1).await;
    running.end().await;
    fixture.write("192.0.2.3 192.0.2.4 REJECT\n");
    let mut running = fixture.run();
    let batch = running.batch().await;
    let context = batch.records[0].context.as_ref().unwrap();
    assert_eq!(context.header.as_deref(), Some(&b"srcaddr dstaddr action"[..]));
    assert!(matches!(batch.records[0].position, Position::File { offset: 50, .. }), "{:?}", batch.records[0].position);
    drop(batch);
    running.end().await;
}
