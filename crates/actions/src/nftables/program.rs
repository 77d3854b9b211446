//! Running the `nft` program.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use vigie_respond::ExecuteError;

/// How much of what `nft` prints is read: a full table is about 20 MB.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How much of an error is kept.
const ERROR_CHARS_MAX: usize = 400;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) timeout: Duration,
}

/// How a run of `nft` ended, where it ended.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Runs a batch as one transaction: all of it or nothing.
    pub(crate) async fn apply(&self, what: &str, batch: Vec<Value>) -> Result<(), ExecuteError> {
        let script = json!({"nftables": batch}).to_string();
        let ended = self.run(what, &["-j", "-f", "-"], &script).await?;
        if ended.success { Ok(()) } else { Err(explain(what, &ended.stderr)) }
    }

    /// Runs `nft` with these arguments and this input.
    pub(crate) async fn run(&self, what: &str, arguments: &[&str], input: &str) -> Result<Ended, ExecuteError> {
        let mut command = Command::new(&self.path);
        // An administrator's environment is no business of ours, but for where to look for programs.
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin")
            .env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().map_err(|error| ExecuteError::Unable {
            what: what.to_owned(),
            reason: format!("start `{}`: {error}; install nftables or set `program`", self.path.display()),
        })?;
        match tokio::time::timeout(self.timeout, talk(child, input)).await {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(error)) => Err(ExecuteError::Unavailable { what: what.to_owned(), reason: error.to_string() }),
            Err(_) => Err(ExecuteError::Unavailable {
                what: what.to_owned(),
                reason: format!("`nft` did not end within {} s", self.timeout.as_secs()),
            }),
        }
    }
}

async fn talk(mut child: Child, input: &str) -> std::io::Result<Ended> {
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    let write = async move {
        // Where nft gave up before it read all, its exit code and its words tell why.
        let _ = stdin.write_all(input.as_bytes()).await;
        let _ = stdin.shutdown().await;
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut stdout = stdout.take(OUTPUT_BYTES_MAX);
    let mut stderr = stderr.take(OUTPUT_BYTES_MAX);
    let ((), read_out, read_err) = tokio::join!(write, stdout.read_to_end(&mut out), stderr.read_to_end(&mut err));
    read_out?;
    read_err?;
    let status = child.wait().await?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended { success: status.success(), stdout: text(out), stderr: text(err) })
}

/// Returns whether `nft` said that there is no such table, set or element.
pub(crate) fn is_absent(stderr: &str) -> bool {
    stderr.contains("No such file or directory")
}

/// Returns what an error of `nft` means for whoever must mend it.
pub(crate) fn explain(what: &str, stderr: &str) -> ExecuteError {
    let said: String = stderr
        .trim()
        .chars()
        .take(ERROR_CHARS_MAX)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let what = what.to_owned();
    let has = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if has(&["Operation not permitted", "Permission denied"]) {
        let reason = format!("{said}; run as root or give CAP_NET_ADMIN");
        return ExecuteError::Unable { what, reason };
    }
    if has(&["Device or resource busy", "temporarily unavailable", "Interrupted", "Cannot allocate memory"]) {
        return ExecuteError::Unavailable { what, reason: said };
    }
    if has(&["Too many open files in system", "No space left"]) {
        let reason = format!("{said}; the set is full, let blocks expire or undo some");
        return ExecuteError::Unavailable { what, reason };
    }
    if has(&["conflicting intervals", "File exists", "overlaps"]) {
        let reason = format!("{said}; a network that overlaps is blocked already");
        return ExecuteError::Rejected { what, reason };
    }
    ExecuteError::Unable { what, reason: if said.is_empty() { "`nft` failed without a word".to_owned() } else { said } }
}
