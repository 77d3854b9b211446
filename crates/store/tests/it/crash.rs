//! Processes that die in the middle of changes, disks without room, and many people at one case.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use sqlx::Connection as _;
use vigie_model::{Actor, Alert, Case, ObjectKind, Timestamp, Verb};
use vigie_store::{AuditNote, Author, Listing, Store, StoreError};

use crate::samples::{alert, at, case, know, moment, only};

const FOLDER: &str = "VIGIE_TEST_STORE_FOLDER";
/// How many alerts one merge moves.
const MERGED: usize = 7;

fn author(actor: &Actor, now: Timestamp) -> Author<'_> {
    Author { actor, now }
}

/// Makes a case and moves alerts into it, in one change.
async fn merge(store: &Store, number: u64) -> Result<(), StoreError> {
    let actor = Actor::User("ann".into());
    let author = author(&actor, at(i64::try_from(number).unwrap()));
    let mut tx = store.begin().await?;
    let into = case("acme", number);
    tx.create(&into, author).await?;
    for place in 0..MERGED {
        let raised = alert("acme", &format!("r{number}-{place}"), i64::try_from(number).unwrap());
        tx.create(&raised, author).await?;
        let moved = Alert { case: Some(into.id), version: 2, ..raised.clone() };
        tx.change(&raised, &moved, Verb::Merge, author).await?;
        tx.add_timeline(&[moment(&into, &format!("merged in {place}"), 5)]).await?;
    }
    let grown = Case { description: format!("{MERGED} alerts"), version: 2, ..into.clone() };
    tx.change(&into, &grown, Verb::Merge, author).await?;
    tx.commit().await
}

/// Returns how many merges are there, each of them whole, in a database that is whole.
async fn check_whole(folder: &Path) -> u64 {
    let path = folder.join("vigie.db");
    let store = Store::open(&path).await.unwrap();
    let cases = store.cases(&only("acme"), &Listing::default()).await.unwrap().total;
    for number in 1..=cases {
        let file =
            store.case_file(&only("acme"), case("acme", number).id).await.unwrap().expect("numbers have no gaps");
        assert_eq!((file.case.version, file.alerts.len(), file.timeline.len()), (2, MERGED, MERGED), "case {number}");
    }
    let chain = store.verify_chain().await.unwrap();
    assert_eq!((chain.broken, chain.rows), (None, cases * (2 + 2 * MERGED as u64)));
    let alerts = store.alerts(&only("acme"), &Listing::default()).await.unwrap().total;
    assert_eq!(alerts, cases * MERGED as u64);
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
    assert_eq!(said, ["ok"]);
    let astray = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(astray.is_empty());
    cases
}

/// Merges alerts into cases until it is killed, and says on standard output which merges are kept. Run by the test below.
#[tokio::test]
async fn merging_child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    if std::env::var_os("VIGIE_TEST_STORE_BYTES").is_some() {
        return;
    }
    let store = Store::open(&Path::new(&folder).join("vigie.db")).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    tx.commit().await.unwrap();
    let first = store.cases(&only("acme"), &Listing::default()).await.unwrap().total + 1;
    for number in first.. {
        merge(&store, number).await.unwrap();
        writeln!(std::io::stdout(), "kept {number}").unwrap();
    }
}

#[tokio::test]
async fn who_is_killed_while_merging_loses_nothing_and_leaves_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    let mut known = 0;
    // Killed at other moments of a merge each time: at once, and some microseconds to milliseconds later.
    for (merges, wait_us) in [(1, 0), (1, 300), (2, 900), (1, 2_000), (3, 5_000), (1, 7_000), (2, 11_000), (1, 20_000)]
    {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::merging_child", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut kept = known;
        for line in lines.by_ref().map(Result::unwrap).filter(|line| line.contains("kept ")).take(merges) {
            kept = number_of(&line);
        }
        assert_eq!(kept, known + merges as u64);
        std::thread::sleep(std::time::Duration::from_micros(wait_us));
        child.kill().unwrap();
        child.wait().unwrap();
        kept = lines
            .map_while(Result::ok)
            .filter(|line| line.contains("kept "))
            .map(|line| number_of(&line))
            .last()
            .unwrap_or(kept);
        known = check_whole(folder.path()).await;
        assert!(known == kept || known == kept + 1, "{kept} were kept, {known} are there");
    }
}

fn number_of(line: &str) -> u64 {
    line.split("kept ").nth(1).unwrap().trim().parse().unwrap()
}

/// Merges until there is no room, and goes on once there is. Its files may grow to so many bytes at first. Run by the test
/// below, in a process of its own, since the limit holds for all of it.
#[tokio::test]
async fn cramped_child() {
    let (Some(folder), Some(bytes)) = (std::env::var_os(FOLDER), std::env::var("VIGIE_TEST_STORE_BYTES").ok()) else {
        return;
    };
    let limit = |bytes: Option<u64>| {
        let known = rustix::process::getrlimit(rustix::process::Resource::Fsize);
        let limit = rustix::process::Rlimit { current: bytes, ..known };
        rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    };
    let store = Store::open(&Path::new(&folder).join("vigie.db")).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    tx.commit().await.unwrap();
    limit(Some(bytes.parse().unwrap()));
    let mut number = 1;
    let refused = loop {
        match merge(&store, number).await {
            Ok(()) => number += 1,
            Err(error) => break error,
        }
        assert!(number < 1_000, "there was room for everything");
    };
    assert!(matches!(refused, StoreError::Full { .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(said.contains("disk") && said.contains("full") && said.contains("free some space"), "{said}");
    // What is there can be read, and the same change is refused in the same way.
    assert_eq!(store.cases(&only("acme"), &Listing::default()).await.unwrap().total, number - 1);
    let again = merge(&store, number).await;
    assert!(matches!(again, Err(StoreError::Full { .. })), "{again:?}");
    // Changes that share a commit: each is told.
    let shared = (1..=4).map(|of| {
        store.grouped(move |tx| {
            Box::pin(async move {
                let actor = Actor::System("a group".into());
                let large = Case { description: "x".repeat(300_000), ..case("globex", of) };
                tx.create(&large, author(&actor, at(0))).await
            })
        })
    });
    for outcome in futures_util::future::join_all(shared).await {
        assert!(matches!(outcome, Err(StoreError::Full { .. })), "{outcome:?}");
    }
    limit(None);
    merge(&store, number).await.unwrap();
    merge(&store, number + 1).await.unwrap();
    store.close().await;
    writeln!(std::io::stdout(), "kept {}", number + 1).unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing_half() {
    for bytes in [600_000, 1_000_000, 1_100_001] {
        let folder = tempfile::tempdir().unwrap();
        // Who ignores the signal is told by the write that there is no room, as on a full disk.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" --exact crash::cramped_child --nocapture"])
            .arg(std::env::current_exe().unwrap())
            .env(FOLDER, folder.path())
            .env("VIGIE_TEST_STORE_BYTES", bytes.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{bytes}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let kept = number_of(said.lines().find(|line| line.contains("kept ")).unwrap());
        assert_eq!(check_whole(folder.path()).await, kept);
    }
}

/// Twenty people write to one case. Each saves from what they saw, and loads it again where somebody was faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_editors_lose_no_change() {
    const EDITORS: usize = 20;
    const EDITS: usize = 5;
    let store = crate::samples::store().await;
    let mut tx = store.begin().await.unwrap();
    let first = case("acme", 1);
    tx.create(&first, author(&Actor::System("setup".into()), at(0))).await.unwrap();
    tx.commit().await.unwrap();
    let store = Arc::new(store);
    let mut editors = tokio::task::JoinSet::new();
    for editor in 0..EDITORS {
        let store = store.clone();
        editors.spawn(async move {
            let mut conflicts = 0;
            for edit in 0..EDITS {
                while let Err(error) = append(&store, &format!("{editor}:{edit}")).await {
                    assert!(matches!(error, StoreError::Conflict { object: ObjectKind::Case, .. }), "{error:?}");
                    assert!(error.to_string().contains("load it again"), "{error}");
                    conflicts += 1;
                }
            }
            conflicts
        });
    }
    let conflicts: usize = editors.join_all().await.into_iter().sum();
    let edited = store.case(&only("acme"), first.id).await.unwrap().unwrap();
    assert_eq!(edited.version, 1 + (EDITORS * EDITS) as u64);
    let mut tags: Vec<String> = edited.tags.into_iter().filter(|tag| tag.contains(':')).collect();
    tags.sort();
    let mut expected: Vec<String> =
        (0..EDITORS).flat_map(|editor| (0..EDITS).map(move |edit| format!("{editor}:{edit}"))).collect();
    expected.sort();
    assert_eq!(tags, expected);
    assert!(conflicts > 0, "nobody met anybody");
    let chain = store.verify_chain().await.unwrap();
    assert_eq!((chain.broken, chain.rows), (None, 1 + (EDITORS * EDITS) as u64));
}

/// Adds a tag to the case as somebody sees it.
async fn append(store: &Store, tag: &str) -> Result<(), StoreError> {
    let seen = store.case(&only("acme"), case("acme", 1).id).await?.expect("it is there");
    // They think about it while others save.
    tokio::task::yield_now().await;
    let mut after = seen.clone();
    after.tags.push(tag.to_owned());
    after.version += 1;
    let mut tx = store.begin().await?;
    tx.save_case(&after, Some(seen.version)).await?;
    tx.audit(&AuditNote {
        at: at(1),
        tenant: Some(after.tenant.clone()),
        actor: Actor::User("ann".into()),
        verb: Verb::Update,
        object: ObjectKind::Case,
        object_id: after.id.to_string(),
        details: serde_json::json!({"tag": tag}),
    })
    .await?;
    tx.commit().await
}
