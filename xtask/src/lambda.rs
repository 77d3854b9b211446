//! `cargo xtask lambda`: the package that Terraform deploys, and what can be said of it without AWS.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zip::write::SimpleFileOptions;

use crate::steps::{cargo, root, step};
use crate::test::target_folder;

/// How large the binary may be: a cold start loads it.
const BINARY_BYTES_MAX: u64 = 5 * 1024 * 1024;
/// The C library of the runtime `provided.al2023`.
const GLIBC_MAX: (u32, u32) = (2, 34);
/// How much memory it may take, at rest and after an event.
const MEMORY_KB_MAX: u64 = 20 * 1024;
/// How often a start is measured.
const ROUNDS: usize = 20;

/// Builds the binary, checks it, and writes `dist/vigie-responder.zip`.
pub(crate) fn package() -> Result<(), String> {
    let binary = build()?;
    check(&binary)?;
    let folder = root().join("dist");
    fs::create_dir_all(&folder).map_err(|error| format!("create dist: {error}"))?;
    let path = folder.join("vigie-responder.zip");
    write_zip(&binary, &path)?;
    println!("wrote dist/vigie-responder.zip ({} KB)", size_of(&path)? / 1024);
    Ok(())
}

/// Returns the binary, built as it is deployed.
pub(crate) fn build() -> Result<PathBuf, String> {
    let arguments = ["build", "--profile", "lambda", "--package", "vigie-lambda", "--bin", "bootstrap", "--quiet"];
    step("build the Lambda", &mut cargo(&arguments))?;
    Ok(target_folder().join("lambda/bootstrap"))
}

/// Fails where the binary is too large, needs a newer C library than the runtime has, or takes too much memory; prints
/// how long it takes to start and to decide.
pub(crate) fn check(binary: &Path) -> Result<(), String> {
    let bytes = size_of(binary)?;
    println!("    binary: {:.2} MB", bytes as f64 / 1_048_576.0);
    if bytes > BINARY_BYTES_MAX {
        return Err(format!("the Lambda's binary has {bytes} bytes, more than {BINARY_BYTES_MAX}"));
    }
    let content = fs::read(binary).map_err(|error| format!("read {}: {error}", binary.display()))?;
    let needed = glibc_of(&content);
    println!("    C library: GLIBC_{}.{}", needed.0, needed.1);
    if needed > GLIBC_MAX {
        return Err(format!(
            "the Lambda's binary needs GLIBC_{}.{}, the runtime has GLIBC_{}.{}",
            needed.0, needed.1, GLIBC_MAX.0, GLIBC_MAX.1
        ));
    }
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| Round::run(binary)).collect::<Result<_, _>>()?;
    let middle = |of: fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        format!("{:.2} / {:.2} / {:.2}", all[0], all[all.len() / 2], all[all.len() - 1])
    };
    println!("    start to first request, ms (least / middle / most of {ROUNDS}): {}", middle(|round| round.start_ms));
    println!("    event to answer in a dry run, first, ms: {}", middle(|round| round.first_ms));
    println!("    event to answer in a dry run, second, ms: {}", middle(|round| round.second_ms));
    println!("    memory, MB: {}", middle(|round| round.memory_kb as f64 / 1024.0));
    match rounds.iter().map(|round| round.memory_kb).max() {
        Some(memory) if memory > MEMORY_KB_MAX => {
            Err(format!("the Lambda took {memory} KB of memory, more than {MEMORY_KB_MAX}"))
        }
        _ => Ok(()),
    }
}

fn size_of(path: &Path) -> Result<u64, String> {
    fs::metadata(path).map(|found| found.len()).map_err(|error| format!("look at {}: {error}", path.display()))
}

/// Returns the newest version of the C library that a binary asks for: its names stand in the table of strings.
fn glibc_of(content: &[u8]) -> (u32, u32) {
    let mut newest = (0, 0);
    let mark = b"GLIBC_";
    for start in 0..content.len().saturating_sub(mark.len()) {
        if !content[start..].starts_with(mark) {
            continue;
        }
        let rest = &content[start + mark.len()..];
        let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(0);
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        let mut numbers = text.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
        newest = newest.max((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)));
    }
    newest
}

/// A package with one file, executable, without a time: the same binary gives the same package.
fn write_zip(binary: &Path, path: &Path) -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("write {}: {error}", path.display());
    let content = fs::read(binary).map_err(|error| wrong(&error))?;
    let mut zip = zip::ZipWriter::new(fs::File::create(path).map_err(|error| wrong(&error))?);
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).map_err(|error| wrong(&error))?;
    zip.write_all(&content).map_err(|error| wrong(&error))?;
    zip.finish().map_err(|error| wrong(&error))?;
    Ok(())
}

/// One start of the binary against a Runtime API of our own, with two events.
struct Round {
    start_ms: f64,
    first_ms: f64,
    second_ms: f64,
    memory_kb: u64,
}

/// An event that is decided without asking AWS: our own instance scans, so nobody is blocked.
const EVENT: &str = include_str!("../../crates/lambda/events/portscan.json");

impl Round {
    fn run(binary: &Path) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("measure the Lambda: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?.to_string();
        let begun = Instant::now();
        let child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "vigie-responder")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/vigie-responder")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "measure")
            .env("AWS_REGION", "eu-west-3")
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .stdout(Stdio::null())
            .spawn()
            .map_err(wrong)?;
        let mut running = Running(child);
        let mut runtime = Runtime { listener, open: None };
        runtime.next_request().map_err(wrong)?;
        let start_ms = begun.elapsed().as_secs_f64() * 1_000.0;
        let first_ms = runtime.event().map_err(wrong)?;
        let second_ms = runtime.event().map_err(wrong)?;
        let memory_kb = running.memory_kb().map_err(wrong)?;
        Ok(Self { start_ms, first_ms, second_ms, memory_kb })
    }
}

/// A process that ends with its measurement.
struct Running(Child);

impl Running {
    /// Returns the most memory that it ever had.
    fn memory_kb(&mut self) -> std::io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        Ok(line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Just so much of Lambda's Runtime API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.
struct Runtime {
    listener: TcpListener,
    open: Option<BufReader<TcpStream>>,
}

impl Runtime {
    fn accept(&self) -> std::io::Result<BufReader<TcpStream>> {
        let (stream, _) = self.listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }

    /// Waits for the next request, reads it, and keeps its connection.
    fn next_request(&mut self) -> std::io::Result<()> {
        loop {
            let mut stream = match self.open.take() {
                Some(stream) => stream,
                None => self.accept()?,
            };
            let mut length = 0;
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                // The other side opens a new one.
                continue;
            }
            loop {
                line.clear();
                stream.read_line(&mut line)?;
                if line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            stream.by_ref().take(length).read_to_end(&mut Vec::new())?;
            self.open = Some(stream);
            return Ok(());
        }
    }

    /// Hands over an event, waits for its answer and for the next request; returns the milliseconds to the answer.
    fn event(&mut self) -> std::io::Result<f64> {
        let begun = Instant::now();
        self.answer(
            "200 OK",
            "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\nLambda-Runtime-Deadline-Ms: \
             4102444800000\r\nLambda-Runtime-Invoked-Function-Arn: \
             arn:aws:lambda:eu-west-3:111122223333:function:vigie-responder\r\n",
            EVENT,
        )?;
        self.next_request()?;
        let elapsed = begun.elapsed().as_secs_f64() * 1_000.0;
        self.answer("202 Accepted", "", "{}")?;
        self.next_request()?;
        Ok(elapsed)
    }

    fn answer(&mut self, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
        let Some(stream) = &mut self.open else { return Ok(()) };
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nContent-Length: ");
        let text = format!("{head}{}\r\n\r\n{body}", body.len());
        stream.get_mut().write_all(text.as_bytes())
    }
}
