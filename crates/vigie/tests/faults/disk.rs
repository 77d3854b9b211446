//! Disks that are full or cannot be written. The server runs in a mount namespace of its own, so that nothing else is touched;
//! where that is not permitted the tests are skipped, unless `VIGIE_REQUIRE_MOUNT` is set.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::input::RULES;
use crate::server::{SETTLE_MAX, Server};

/// Room on the small disk.
const DISK: &str = "192m";
/// Lines in a batch.
const LINES: usize = 200;

/// Returns whether this process may mount, or says why the test is skipped.
fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt && command -v nsenter mkfs.ext4"])
        .output();
    let may = tried.as_ref().is_ok_and(|output| output.status.success());
    if !may {
        assert!(std::env::var_os("VIGIE_REQUIRE_MOUNT").is_none(), "mounting is not permitted here: {tried:?}");
        println!("skipped: a mount namespace, nsenter and mkfs.ext4 are needed");
    }
    may
}

/// Returns the command line that mounts something and then becomes the program that follows.
fn mounted(script: &str) -> Vec<String> {
    let script = format!("set -e; {script}; exec \"$@\"");
    ["unshare", "--mount", "sh", "-c", &script, "sh"].map(str::to_owned).into()
}

/// Returns where a path lies as the server's process sees it.
fn inside(server: &Server, name: &str) -> PathBuf {
    let path = server.path(name);
    Path::new(&format!("/proc/{}/root", server.process())).join(path.strip_prefix("/").unwrap())
}

fn lines(batch: usize) -> String {
    let time = jiff::Timestamp::now();
    let line = |place: usize| {
        let port = batch * LINES + place;
        format!("{time} web-01 sshd[1]: Connection closed by 192.0.2.7 port {port} [preauth] {}\n", "x".repeat(200))
    };
    (0..LINES).map(line).collect()
}

/// What became of batches: each is there once, or was refused and is not there unless it was sent again.
#[derive(Default)]
struct Batches {
    acknowledged: BTreeMap<usize, String>,
    refused: BTreeMap<usize, String>,
    next: usize,
}

impl Batches {
    /// Sends the next batch once; returns whether it was acknowledged.
    #[track_caller]
    fn send(&mut self, server: &Server) -> bool {
        let (number, body) = (self.next, lines(self.next));
        self.next += 1;
        self.try_one(server, number, body)
    }

    #[track_caller]
    fn try_one(&mut self, server: &Server, number: usize, body: String) -> bool {
        // No answer within the client's patience is no acknowledgement either.
        let answer = server.post("acme", &format!("batch-{number}"), &body);
        match &answer {
            Some(answer) if answer.status == 200 => {
                self.refused.remove(&number);
                self.acknowledged.insert(number, body);
                return true;
            }
            Some(answer) => {
                assert!([429, 503].contains(&answer.status), "{}: {}", answer.status, answer.body);
                assert!(answer.retry_after.is_some(), "no Retry-After: {}", answer.body);
            }
            None => {}
        }
        self.refused.insert(number, body);
        false
    }

    /// Sends again what was refused, until it is acknowledged.
    #[track_caller]
    fn send_again(&mut self, server: &Server) {
        let start = Instant::now();
        while let Some((number, body)) = self.refused.first_key_value() {
            let (number, body) = (*number, body.clone());
            assert!(start.elapsed() < SETTLE_MAX, "batch {number} is never taken: {}", server.log());
            if !self.try_one(server, number, body) {
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }

    /// Every acknowledged line is there once, and no other.
    #[track_caller]
    fn check(&self, server: &Server) {
        let expected = self.acknowledged.len() * LINES;
        server
            .eventually("/api/v1/events?limit=1&tenant=acme", |found| found["total"].as_u64() >= Some(expected as u64));
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for event in server.all("/api/v1/events?tenant=acme", "events") {
            *found.entry(event["native"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for line in self.acknowledged.values().flat_map(|body| body.lines()) {
            assert_eq!(found.remove(line), Some(1), "{line}");
        }
        assert!(found.is_empty(), "never acknowledged: {:?}", found.keys().next());
    }
}

/// Fills what is left of a disk.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
}

#[test]
fn a_full_disk_slows_senders_and_the_server_recovers_by_itself() {
    if !may_mount() {
        return;
    }
    let mut server = Server::prepare(&RULES, "");
    let data = server.path("data");
    fs::create_dir(&data).unwrap();
    server.lead_by(mounted(&format!("mount -t tmpfs -o size={DISK} tmpfs {}", data.display())));
    server.start();
    let mut batches = Batches::default();
    for _ in 0..10 {
        assert!(batches.send(&server), "{}", server.log());
    }
    let ballast = inside(&server, "data/ballast");
    fill(&ballast);
    // What the log has room for already may still be taken; then nothing is.
    let start = Instant::now();
    while batches.refused.len() < 5 {
        batches.send(&server);
        assert!(start.elapsed() < SETTLE_MAX, "a full disk takes everything: {}", server.log());
    }
    assert_eq!(server.ask("/api/v1/events?limit=1").unwrap().status, 200, "searching goes on: {}", server.log());
    fs::remove_file(&ballast).unwrap();
    batches.send_again(&server);
    for _ in 0..10 {
        assert!(batches.send(&server), "{}", server.log());
    }
    assert!(!server.has_ended(), "{}", server.log());
    batches.check(&server);
    server.stop();
}

#[test]
fn a_data_folder_that_cannot_be_written_stops_the_start() {
    if !may_mount() {
        return;
    }
    let mut server = Server::prepare(&RULES, "");
    let data = server.path("data");
    fs::create_dir(&data).unwrap();
    let data = data.display().to_string();
    server.lead_by(mounted(&format!("mount -t tmpfs -o ro tmpfs {data}")));
    let (code, said) = server.run_to_end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&data) && said.contains("Read-only file system"), "{said}");
}

/// A file system with a fault is made read-only by Linux, under the feet of whoever writes. Nothing but a new mount mends that.
#[test]
fn a_disk_that_turns_read_only_loses_nothing() {
    if !may_mount() {
        return;
    }
    let mut server = Server::prepare(&RULES, "");
    let (data, image) = (server.path("data"), server.path("disk.img"));
    fs::create_dir(&data).unwrap();
    File::create(&image).unwrap().set_len(256 << 20).unwrap();
    let made = Command::new("mkfs.ext4").args(["-q", "-O", "^has_journal"]).arg(&image).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfs.ext4 failed");
    let mount = format!("mount -o loop,errors=remount-ro {} {}", image.display(), data.display());
    let tried = Command::new("unshare").args(["--mount", "sh", "-c", &mount]).output().unwrap();
    if !tried.status.success() {
        assert!(std::env::var_os("VIGIE_REQUIRE_MOUNT").is_none(), "{tried:?}");
        println!("skipped: no loop devices here");
        return;
    }
    server.lead_by(mounted(&format!("{mount}; chmod 700 {}", data.display())));
    server.start();
    let mut batches = Batches::default();
    for _ in 0..10 {
        assert!(batches.send(&server), "{}", server.log());
    }
    break_disk(&data, server.process());
    for _ in 0..3 {
        assert!(!batches.send(&server), "acknowledged on a disk that takes nothing: {}", server.log());
    }
    assert_eq!(server.ask("/api/v1/events?limit=1").unwrap().status, 200, "searching goes on: {}", server.log());
    assert!(!server.has_ended(), "{}", server.log());
    server.kill();
    // What an operator does: check the file system, mount it again, start.
    drop(Command::new("e2fsck").args(["-fy"]).arg(&image).output().unwrap());
    server.start();
    batches.send_again(&server);
    batches.check(&server);
    server.stop();
}

/// Lets the kernel find a fault in the file system that is mounted there in the process's namespace (ext4(5), `errors=`).
fn break_disk(folder: &Path, process: u32) {
    let mounts = fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap();
    let line = mounts.lines().find(|line| line.contains(&*folder.to_string_lossy())).unwrap();
    let device = line.split(' ').nth(2).unwrap();
    let device = fs::canonicalize(format!("/sys/dev/block/{device}")).unwrap();
    let device = device.file_name().unwrap().to_string_lossy().into_owned();
    fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").unwrap();
}
