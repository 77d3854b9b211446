//! Imports that are killed: `kill -9` at any moment, and the next one goes on.

#![expect(clippy::print_stdout, reason = "who runs the long test wants to know how long an import took")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::fill::Plan;
use super::twins::{First, copy};
use super::{Home, check_equal};

/// Where the child finds the source and its own folder.
const URL: &str = "VIGIE_TEST_IMPORT_URL";
const FOLDER: &str = "VIGIE_TEST_IMPORT_FOLDER";

/// Not a test by itself: the process that the tests below kill.
#[test]
#[ignore = "a child of the other tests here"]
fn importing_child() {
    let (Ok(url), Ok(folder)) = (std::env::var(URL), std::env::var(FOLDER)) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (_, outcome) = runtime.block_on(copy(&url, folder.as_ref()));
    check_equal(&outcome);
}

/// Starts an import in a process of its own, and kills it after so long unless it has ended. Returns whether it has.
fn run(url: &str, folder: &std::path::Path, life: Option<Duration>) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "import::killed::importing_child", "--ignored"])
        .envs([(URL, url), (FOLDER, folder.to_str().unwrap())])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return true;
        }
        if life.is_some_and(|life| start.elapsed() >= life) {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn kill_and_compare(plan: Plan, kills: u32) {
    let first = First::stand(plan).await;
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = Instant::now();
    let (_, outcome) = copy(&first.url, whole.path()).await;
    let took = start.elapsed();
    check_equal(&outcome);
    let (url, folder) = (first.url.clone(), broken.path().to_owned());
    let killed = tokio::task::spawn_blocking(move || {
        // The first dies while it opens the database, the others further and further on.
        let lives = (0..kills).map(|kill| took.mul_f64(0.05 + 0.9 * f64::from(kill) / f64::from(kills)));
        let killed = lives.filter(|life| !run(&url, &folder, Some(*life))).count();
        assert!(run(&url, &folder, None));
        // Once more, with nothing left to do.
        assert!(run(&url, &folder, None));
        killed
    });
    let killed = killed.await.unwrap();
    assert!(killed > 0, "every import had ended before it was killed");
    let (whole, broken) = (Home::open(whole.path()).await, Home::open(broken.path()).await);
    let (expected, found) = (whole.everything().await, broken.everything().await);
    assert_eq!(found.len(), expected.len());
    let differ = expected.iter().find(|(name, object)| found.get(*name) != Some(object));
    assert!(differ.is_none(), "{differ:?}");
    assert!(broken.audit_rows().await >= whole.audit_rows().await);
    println!("a whole import took {took:?}; {killed} of {kills} were killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_and_nothing_doubles() {
    kill_and_compare(Plan { cases: 150, alerts: 300, file_every: 50 }, 4).await;
}

/// The size that a migration has: `cargo test -p vigie-thehive --test it five_thousand -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn five_thousand_cases_come_whole_though_the_import_is_killed() {
    kill_and_compare(Plan { cases: 5_000, alerts: 10_000, file_every: 100 }, 5).await;
}
