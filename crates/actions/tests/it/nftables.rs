//! `host.block_ip` against the kernel.
//!
//! The machine's own firewall is never touched: [`in_a_namespace`] runs the tests below it, which are ignored otherwise,
//! once more in a network namespace of their own.

use std::net::IpAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_actions::{NeverTouchSource, NftablesBlock, NftablesConfig};
use vigie_respond::{ExecuteError, Executor as _, NeverTouch, Refusal};

use crate::sample::{block, decision};

/// Whoever sets it promises that the namespace is one to play in.
const INSIDE: &str = "VIGIE_TEST_IN_NAMESPACE";

#[test]
fn in_a_namespace() {
    let able = Command::new("unshare").args(["-n", "nft", "list", "tables"]).output();
    if !able.as_ref().is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("VIGIE_REQUIRE_NFT").is_none(),
            "VIGIE_REQUIRE_NFT is set, but `unshare -n nft` fails: {able:?}"
        );
        eprintln!("skipped: `unshare -n nft list tables` does not work here (root, unshare and nft are needed)");
        return;
    }
    for test in
        ["kernel::blocks_and_unblocks", "kernel::keeps_its_own_time", "kernel::drops_what_a_blocked_address_sends"]
    {
        let output = Command::new("unshare")
            .arg("-n")
            .arg(std::env::current_exe().unwrap())
            .args([&format!("nftables::{test}"), "--exact", "--ignored", "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{test}: {said}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn executor(list: NeverTouch) -> NftablesBlock {
    NftablesBlock::new(&NftablesConfig::default(), Arc::new(move || list.clone()))
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

/// What the kernel holds, as `address seconds`, sorted. Seconds are rounded up to the next ten.
fn held(executor: &NftablesBlock) -> Vec<String> {
    let mut held: Vec<String> = wait(executor.in_force())
        .unwrap()
        .into_iter()
        .map(|held| format!("{} {}", held.target.value, held.expires_in.unwrap().as_secs().div_ceil(10) * 10))
        .collect();
    held.sort();
    held
}

fn nft(arguments: &[&str]) -> String {
    let output = Command::new("nft").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

mod kernel {
    use super::*;

    fn assert_inside() {
        assert!(std::env::var_os(INSIDE).is_some(), "run it by the test `in_a_namespace`");
    }

    #[test]
    #[ignore = "run in a network namespace by `in_a_namespace`"]
    fn blocks_and_unblocks() {
        assert_inside();
        let executor = executor(NeverTouch::default());
        assert_eq!(held(&executor), [""; 0], "there is no table yet");
        wait(executor.prepare()).unwrap();
        wait(executor.prepare()).unwrap();
        let address = block("203.0.113.7", 3_600);
        let outcome = wait(executor.execute(&address)).unwrap();
        assert_eq!(outcome.note, "203.0.113.7 is in the set block_v4 for 1 h");
        assert_eq!(outcome.undo, json!({"table": "inet vigie", "set": "block_v4", "element": "203.0.113.7"}));
        for action in [block("2001:db8:1::7", 60), block("198.51.100.0/24", 60), block("2001:db8:2::/48", 60)] {
            wait(executor.execute(&action)).unwrap();
        }
        let all = ["198.51.100.0/24 60", "2001:db8:1::7 60", "2001:db8:2::/48 60", "203.0.113.7 3600"];
        assert_eq!(held(&executor), all);
        // Again: refreshed, never doubled, never shortened.
        let networks = [block("198.51.100.0/24", 120), block("203.0.113.7", 10), block("2001:db8:1::7", 7_200)];
        for action in &networks {
            wait(executor.execute(action)).unwrap();
        }
        let all = ["198.51.100.0/24 120", "2001:db8:1::7 7200", "2001:db8:2::/48 60", "203.0.113.7 3600"];
        assert_eq!(held(&executor), all);
        let rules = nft(&["list", "table", "inet", "vigie"]);
        assert_eq!(rules.matches(" drop").count(), 8, "{rules}");
        assert!(rules.contains(&format!("action {}", address.id)), "{rules}");

        let decision = decision(&address, &outcome);
        for _ in 0..2 {
            assert!(wait(executor.undo(&decision)).unwrap().note.contains("not in the set block_v4 any more"));
        }
        assert_eq!(held(&executor).len(), 3);

        // Networks that overlap cannot be held both; the first stays, and undoing the other is no error.
        let half = block("198.51.100.0/25", 60);
        let error = wait(executor.execute(&half)).unwrap_err();
        assert!(matches!(&error, ExecuteError::Rejected { .. }), "{error:?}");
        assert!(error.to_string().contains("a network that overlaps is blocked already"), "{error}");
        wait(executor.undo(&vigie_model::Decision { target: half.target.clone(), ..decision.clone() })).unwrap();
        assert_eq!(held(&executor).len(), 3);

        // Another table is none of our business.
        nft(&["add", "table", "inet", "theirs"]);
        wait(executor.remove_all()).unwrap();
        wait(executor.remove_all()).unwrap();
        assert_eq!(nft(&["list", "tables"]).trim(), "table inet theirs");
        // Whoever flushed the rules has not disarmed us: the next block brings all of them back.
        wait(executor.execute(&address)).unwrap();
        assert_eq!(nft(&["list", "table", "inet", "vigie"]).matches(" drop").count(), 8);
    }

    #[test]
    #[ignore = "run in a network namespace by `in_a_namespace`"]
    fn keeps_its_own_time() {
        assert_inside();
        let executor = executor(NeverTouch::default());
        wait(executor.execute(&block("203.0.113.7", 1))).unwrap();
        assert_eq!(held(&executor).len(), 1);
        let begun = Instant::now();
        while !held(&executor).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the kernel did not end it");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Two namespaces and a cable: this one is the host, the other the attacker.
    #[test]
    #[ignore = "run in a network namespace by `in_a_namespace`"]
    fn drops_what_a_blocked_address_sends() {
        assert_inside();
        let attacker = Attacker::connect();
        let listeners =
            ["203.0.113.1:8080", "[2001:db8::1]:8080"].map(|address| std::net::TcpListener::bind(address).unwrap());
        let executor = executor(NeverTouch::default());
        wait(executor.prepare()).unwrap();
        assert!(attacker.reaches("203.0.113.1") && attacker.reaches("2001:db8::1"), "the cable works");

        let action = block("203.0.113.7", 60);
        let outcome = wait(executor.execute(&action)).unwrap();
        assert!(!attacker.reaches("203.0.113.1"), "blocked");
        assert!(attacker.reaches("2001:db8::1"), "nothing else is");
        wait(executor.undo(&decision(&action, &outcome))).unwrap();
        assert!(attacker.reaches("203.0.113.1"), "free again");

        wait(executor.execute(&block("2001:db8::/64", 60))).unwrap();
        assert!(!attacker.reaches("2001:db8::1"), "blocked by its network");
        wait(executor.remove_all()).unwrap();
        assert!(attacker.reaches("2001:db8::1"), "rolled back");
        drop(listeners);
    }
}

struct Attacker {
    /// Keeps its namespace alive.
    holder: Child,
}

impl Attacker {
    fn connect() -> Self {
        let holder = Command::new("unshare").args(["-n", "cat"]).stdin(Stdio::piped()).spawn().unwrap();
        let attacker = Self { holder };
        let pid = attacker.holder.id().to_string();
        // `unshare` needs a moment to leave this namespace.
        let here = std::fs::read_link("/proc/self/ns/net").unwrap();
        let begun = Instant::now();
        while std::fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|there| there == here) {
            assert!(begun.elapsed() < Duration::from_secs(10), "unshare did nothing");
            std::thread::sleep(Duration::from_millis(10));
        }
        ip(&["link", "add", "cable", "type", "veth", "peer", "name", "far"]);
        ip(&["link", "set", "far", "netns", &pid]);
        ip(&["address", "add", "203.0.113.1/24", "dev", "cable"]);
        ip(&["address", "add", "2001:db8::1/64", "dev", "cable", "nodad"]);
        ip(&["link", "set", "cable", "up"]);
        for arguments in
            ["address add 203.0.113.7/24 dev far", "address add 2001:db8::7/64 dev far nodad", "link set far up"]
        {
            assert!(attacker.run("ip", arguments.split(' ')).success(), "{arguments}");
        }
        attacker
    }

    /// Tries to open a connection, for a second.
    fn reaches(&self, address: &str) -> bool {
        let script = format!("exec 3<>/dev/tcp/{address}/8080");
        self.run("timeout", ["1", "bash", "-c", &script]).success()
    }

    fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a str>) -> std::process::ExitStatus {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-n", program]).args(arguments);
        command.stderr(Stdio::null()).status().unwrap()
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn ip(arguments: &[&str]) {
    assert!(Command::new("ip").args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// A program in place of `nft` that says and does as told.
fn fake_nft(script: &str) -> (tempfile::TempDir, NftablesConfig) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("nft");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, NftablesConfig { program, timeout_s: 1 })
}

#[track_caller]
fn check_failure(script: &str, retryable: bool, part: &str) {
    let (_folder, config) = fake_nft(script);
    let executor = NftablesBlock::new(&config, Arc::new(NeverTouch::default));
    let error = wait(executor.prepare()).unwrap_err();
    assert_eq!(error.is_retryable(), retryable, "{error:?}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn failures_say_what_to_do() {
    check_failure(
        "cat >/dev/null; echo 'Operation not permitted (you must be root)' >&2; exit 1",
        false,
        "CAP_NET_ADMIN",
    );
    check_failure("cat >/dev/null; echo 'Device or resource busy' >&2; exit 1", true, "busy");
    check_failure("exit 3", false, "without a word");
    check_failure("exec sleep 30", true, "did not end within 1 s");
    let config = NftablesConfig { program: "/nonexistent/nft".into(), timeout_s: 1 };
    let error = wait(NftablesBlock::new(&config, Arc::new(NeverTouch::default)).prepare()).unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("install nftables"), "{error}");
    let (_folder, config) = fake_nft("echo nonsense");
    let error = wait(NftablesBlock::new(&config, Arc::new(NeverTouch::default)).in_force()).unwrap_err();
    assert!(error.to_string().contains("not JSON"), "{error}");
}

/// The kernel is not even asked.
#[track_caller]
fn check_refused(action: &vigie_model::Action, expected: &ExecuteError) {
    let (folder, config) = fake_nft("touch \"$(dirname \"$0\")/called\"");
    let list: NeverTouchSource = Arc::new(|| {
        let mut list = NeverTouch::default();
        list.add("203.0.113.0/28".parse().unwrap(), "our partner");
        list
    });
    let error = wait(NftablesBlock::new(&config, list).execute(action)).unwrap_err();
    assert_eq!(&error, expected);
    assert!(!folder.path().join("called").exists());
}

#[test]
fn the_last_step_before_the_kernel_checks_again() {
    let listed = |network: &str| {
        ExecuteError::Refused(Refusal::NeverTouch {
            network: network.parse().unwrap(),
            entry: "203.0.113.0/28".parse().unwrap(),
            reason: "our partner".to_owned(),
        })
    };
    check_refused(&block("203.0.113.7", 60), &listed("203.0.113.7/32"));
    check_refused(&block("::ffff:203.0.113.7", 60), &listed("203.0.113.7/32"));
    check_refused(&block("203.0.113.0/24", 60), &listed("203.0.113.0/24"));
    let hostile = "203.0.113.77 }; flush ruleset; #";
    check_refused(&block(hostile, 60), &ExecuteError::Refused(Refusal::NotAnAddress(hostile.to_owned())));
    let parameter = |name: &str, reason: &str| ExecuteError::Parameter { name: name.into(), reason: reason.into() };
    check_refused(&block("198.51.100.1", 0), &parameter("expires", "a block needs an expiry of at least a second"));
    let mut two_faced = block("198.51.100.1", 60);
    two_faced.parameters.insert("ip".to_owned(), Value::String("198.51.100.2".to_owned()));
    check_refused(&two_faced, &parameter("ip", "differs from the action's target"));
    two_faced.target = None;
    check_refused(&two_faced, &parameter("ip", "the action has no address as its target"));
}

#[test]
fn the_list_is_asked_for_anew_each_time() {
    let (_folder, config) =
        fake_nft("cat >/dev/null; case \"$*\" in *get*) echo 'No such file or directory' >&2; exit 1;; esac");
    let list = Arc::new(Mutex::new(NeverTouch::default()));
    let source = Arc::clone(&list);
    let executor = NftablesBlock::new(&config, Arc::new(move || source.lock().unwrap().clone()));
    let action = block("203.0.113.7", 60);
    assert!(wait(executor.execute(&action)).is_ok());
    let address: IpAddr = "203.0.113.7".parse().unwrap();
    list.lock().unwrap().add(address.into(), "an administrator who just came");
    assert!(matches!(wait(executor.execute(&action)), Err(ExecuteError::Refused(_))));
}
