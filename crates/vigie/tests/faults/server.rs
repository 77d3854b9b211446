//! `vigie serve` in a process of its own, which is killed, starved and started again on the same folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long a server may take until it is ready, on a machine that is busy.
const START_MAX: Duration = Duration::from_mins(1);
/// How long the server may take until an answer is as expected.
pub(crate) const SETTLE_MAX: Duration = Duration::from_mins(1);

/// How the server's command line is led: in a mount namespace of its own, for example.
pub(crate) type Prefix = Vec<String>;

/// A folder with configuration and data, ports that stay the same, and the server that runs there now.
pub(crate) struct Server {
    folder: TempDir,
    prefix: Prefix,
    http: SocketAddr,
    syslog: SocketAddr,
    key: String,
    child: Option<Child>,
    starts: u32,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Server {
    /// Prepares a folder with tenants `acme` and `globex`, these rules, and `more` at the end of the configuration.
    pub(crate) fn prepare(rules: &[(&str, &str)], more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [http, syslog] = [free_address(), free_address()];
        fs::create_dir(folder.path().join("rules")).unwrap();
        for (name, text) in rules {
            fs::write(folder.path().join("rules").join(name), text).unwrap();
        }
        let text = format!(
            "version = 1\ndata_folder = \"data\"\ndefault_tenant = \"acme\"\n\n[http]\nlisten = \"{http}\"\n\n\
             [[syslog]]\nprotocol = \"tcp\"\nlisten = \"{syslog}\"\ntenant = \"globex\"\nsource = \"linux_auth\"\n\n\
             [[tail]]\npath = \"auth.log\"\ntenant = \"acme\"\nsource = \"linux_auth\"\n\n\
             [rules]\nbuiltin = false\nfolders = [\"rules\"]\n\n[playbooks]\nbuiltin = false\n\n\
             [cases]\nauto_open = false\n\n[respond]\nhost_block_ip = false\n\n{more}"
        );
        fs::write(folder.path().join("vigie.toml"), text).unwrap();
        Self { folder, prefix: Vec::new(), http, syslog, key: String::new(), child: None, starts: 0 }
    }

    /// Leads the server's command line by another program's from the next start on.
    pub(crate) fn lead_by(&mut self, prefix: Prefix) {
        self.prefix = prefix;
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn syslog(&self) -> SocketAddr {
        self.syslog
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.http
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Starts the server and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(&mut self) {
        let ready = self.try_start(None);
        assert!(ready, "the server did not start: {}", self.log());
    }

    /// Starts the server, to die by itself at a failpoint where one is given. Returns false where it ended before it was ready.
    pub(crate) fn try_start(&mut self, fail_point: Option<&str>) -> bool {
        assert!(self.child.is_none(), "a server runs already");
        self.starts += 1;
        self.child = Some(self.spawn(fail_point));
        let start = Instant::now();
        while ureq::get(format!("{}/readyz", self.url())).call().is_err() {
            if self.has_ended() {
                return false;
            }
            assert!(start.elapsed() < START_MAX, "the server is not ready: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        if self.key.is_empty() {
            self.key = self.admin(&["add-key", "test", "--role", "admin"]);
        }
        true
    }

    /// Runs the server to its end, which it must find by itself; returns its exit code and what it said.
    pub(crate) fn run_to_end(&mut self) -> (Option<i32>, String) {
        self.starts += 1;
        let mut child = self.spawn(None);
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if let Some(status) = child.try_wait().unwrap() {
                return (status.code(), self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("the server runs: {}", self.log());
    }

    fn spawn(&self, fail_point: Option<&str>) -> Child {
        let log = File::options().create(true).append(true).open(self.path("server.log")).unwrap();
        let mut line: Vec<String> = self.prefix.clone();
        line.push(env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).args(["serve", "--config"]).arg(self.path("vigie.toml"));
        command.env_remove("VIGIE_FAILPOINT").env("RUST_BACKTRACE", "0");
        if let Some(point) = fail_point {
            command.env("VIGIE_FAILPOINT", point);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// Runs `vigie admin` on the folder; returns what it said.
    #[track_caller]
    pub(crate) fn admin(&self, arguments: &[&str]) -> String {
        let mut line: Vec<String> = Vec::new();
        if let Some(child) = self.child.as_ref().filter(|_| !self.prefix.is_empty()) {
            line.extend(["nsenter", "--target", &child.id().to_string(), "--mount"].map(str::to_owned));
        }
        line.push(env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).arg("admin").args(arguments).arg("--config").arg(self.path("vigie.toml"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Returns the process of the server that runs.
    pub(crate) fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Returns whether no server runs any more.
    pub(crate) fn has_ended(&mut self) -> bool {
        let Some(child) = &mut self.child else { return true };
        let ended = child.try_wait().unwrap();
        if let Some(status) = ended {
            self.check_death(status);
            self.child = None;
        }
        ended.is_some()
    }

    /// A server dies by a signal that we sent or a failpoint raised, or says why; a panic is neither.
    #[track_caller]
    fn check_death(&self, status: ExitStatus) {
        assert!(!self.log().contains("panicked at"), "the server panicked ({:?}): {}", status.signal(), self.log());
    }

    /// Kills the server as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Asks the server to end, as service managers do.
    #[track_caller]
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < START_MAX, "the server does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    /// Returns the end of what the server said since the folder was prepared.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.path("server.log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(6_000)..]).into_owned()
    }

    /// Begins a new log, so that what is said from now on stands alone.
    pub(crate) fn forget_log(&self) {
        File::create(self.path("server.log")).unwrap();
    }

    /// Asks; `None` where the server is not there.
    pub(crate) fn ask(&self, path: &str) -> Option<Answer> {
        let request =
            agent().get(format!("{}{path}", self.url())).header("Authorization", format!("Bearer {}", self.key));
        answer(request.call())
    }

    /// Returns the answer to a question that must be answered.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask(path).unwrap_or_else(|| panic!("{path}: no answer: {}", self.log()));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Returns all rows of a list, page by page. `rows` is what the list is called in the answer.
    #[track_caller]
    pub(crate) fn all(&self, path: &str, rows: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut page = self.get(&format!("{path}{}limit=1000{cursor}", if path.contains('?') { '&' } else { '?' }));
            all.append(page[rows].as_array_mut().unwrap());
            let Some(next) = page["next"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// Asks again until the answer satisfies.
    #[track_caller]
    pub(crate) fn eventually(&self, path: &str, satisfied: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.ask(path).filter(|answer| answer.status == 200);
            if let Some(answer) = answer.as_ref().filter(|answer| satisfied(&answer.body)) {
                return answer.body.clone();
            }
            let last = answer.map(|answer| answer.body);
            assert!(start.elapsed() < SETTLE_MAX, "{path} stayed {last:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a batch once; `None` where no answer came.
    pub(crate) fn post(&self, tenant: &str, batch: &str, body: &str) -> Option<Answer> {
        post(&self.url(), &self.key, tenant, batch, body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn agent() -> ureq::Agent {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    config.build().new_agent()
}

/// Sends a batch of lines for `linux_auth` once; `None` where no answer came.
pub(crate) fn post(url: &str, key: &str, tenant: &str, batch: &str, body: &str) -> Option<Answer> {
    let request = agent()
        .post(format!("{url}/api/v1/ingest/linux_auth"))
        .header("Authorization", format!("Bearer {key}"))
        .header("X-Vigie-Tenant", tenant)
        .header("X-Vigie-Batch-Id", batch);
    answer(request.send(body))
}

/// Asks for the rules to be read again; `None` where no answer came.
pub(crate) fn reload_rules(url: &str, key: &str) -> Option<Answer> {
    let request = agent().post(format!("{url}/api/v1/rules/reload")).header("Authorization", format!("Bearer {key}"));
    answer(request.send_empty())
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Answer> {
    let mut response = response.ok()?;
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let text = response.body_mut().with_config().limit(64 << 20).read_to_string().ok()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Some(Answer { status: response.status().as_u16(), retry_after, body })
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Appends to a file, as a program that logs does.
pub(crate) fn append(path: &Path, text: &str) {
    let mut file = File::options().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Returns how much memory a process holds, in bytes (`proc_pid_status(5)`: `VmRSS`, `VmHWM`).
pub(crate) fn memory(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
