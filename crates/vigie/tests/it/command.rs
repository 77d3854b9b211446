//! The built binary, run as a person or a script runs it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long a server may take to start or to stop.
const START_MAX: Duration = Duration::from_secs(30);

/// What a command said and how it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Returns standard output, where the command ended as wished.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// Returns all that was said, where the command failed.
    #[track_caller]
    pub(crate) fn bad(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.out, self.err);
        self.out + &self.err
    }

    /// Returns standard output as JSON, where the command ended with this code.
    #[track_caller]
    pub(crate) fn json(self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Returns the binary without the settings of whoever runs the tests, and without their account on AWS.
fn vigie() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("VIGIE_") || name.starts_with("AWS_")) {
            command.env_remove(name);
        }
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"].map(|name| (name, "/nonexistent")));
    command
}

/// Runs the binary with arguments and nothing on standard input.
pub(crate) fn run<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Ended {
    run_with_input(arguments, "")
}

/// Runs the binary with arguments in an environment that has these variables besides.
pub(crate) fn run_in<I: AsRef<std::ffi::OsStr>>(
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = I>,
) -> Ended {
    run_with_input_in(environment, arguments, "")
}

/// Runs the binary with arguments and a text on standard input.
pub(crate) fn run_with_input<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>, text: &str) -> Ended {
    run_with_input_in(&[], arguments, text)
}

/// Runs the binary with arguments and a text on standard input, in an environment that has these variables besides.
pub(crate) fn run_with_input_in<I: AsRef<std::ffi::OsStr>>(
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = I>,
    text: &str,
) -> Ended {
    let mut command = vigie();
    command.envs(environment.iter().copied());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may be gone by now.
    drop(child.stdin.take().unwrap().write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `vigie serve` in a process of its own.
pub(crate) struct Served {
    child: Child,
    url: String,
    key: String,
}

impl Served {
    /// Starts the server of this folder and waits until it is ready. `key` is what the commands identify themselves with.
    #[track_caller]
    pub(crate) fn start(folder: &ServerFolder, key: &str) -> Self {
        Self::start_in(&[], folder, key)
    }

    /// The same in an environment that has these variables besides.
    #[track_caller]
    pub(crate) fn start_in(environment: &[(&str, &str)], folder: &ServerFolder, key: &str) -> Self {
        let mut child = vigie()
            .envs(environment.iter().copied())
            .args(["serve", "--config"])
            .arg(folder.config())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, addresses) = std::sync::mpsc::channel();
        let log = BufReader::new(child.stderr.take().unwrap());
        // The log says where the server listens. It is read to its end, so that the server is never stopped by a full pipe.
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://").or(line.split_once("listening on "))
                {
                    let address: String =
                        address.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
                    drop(sender.send(address));
                }
            }
        });
        let Ok(address) = addresses.recv_timeout(START_MAX) else {
            drop(child.kill());
            panic!("the server did not say where it listens: {:?}", child.wait_with_output());
        };
        let served = Self { child, url: format!("http://{address}"), key: key.to_owned() };
        let start = Instant::now();
        while ureq::get(format!("{}/readyz", served.url)).call().is_err() {
            assert!(start.elapsed() < START_MAX, "the server on {address} is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        served
    }

    /// Returns where the server is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Runs a command against this server.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Ended {
        run(arguments.iter().copied().chain(["--server", &self.url, "--key", &self.key]))
    }

    /// Returns the server's answer to a question.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let request = ureq::get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {}", self.key));
        request.call().unwrap().body_mut().read_json().unwrap()
    }

    /// Asks again until the answer satisfies, for at most ten seconds.
    #[track_caller]
    pub(crate) fn eventually(&self, path: &str, satisfied: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if satisfied(&answer) {
                return answer;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{path} stayed {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks the process to end, as service managers do, and returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server did not end within {START_MAX:?}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A folder with a configuration file for `vigie serve`.
pub(crate) struct ServerFolder(TempDir);

impl ServerFolder {
    /// Makes one; `more` goes to the end of the configuration.
    pub(crate) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "version = 1\ndata_folder = \"data\"\ndefault_tenant = \"acme\"\n\n[http]\nlisten = \"127.0.0.1:0\"\n\n{more}"
        );
        fs::write(folder.path().join("vigie.toml"), text).unwrap();
        Self(folder)
    }

    /// Returns the configuration file.
    pub(crate) fn config(&self) -> String {
        self.path("vigie.toml").display().to_string()
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file into the folder and returns its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// Makes an administrator's key on the command line and returns it.
    #[track_caller]
    pub(crate) fn key(&self) -> String {
        run(["admin", "add-key", "test", "--role", "admin", "--config", &self.config()]).good().trim().to_owned()
    }
}

/// Returns a folder of the project.
pub(crate) fn project(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(below)
}
