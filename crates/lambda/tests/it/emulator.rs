//! The way of an event through real parts: EventBridge and SQS (moto) → a pump → `cargo lambda watch` → the binary → moto.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_respond::{FindingType, ResourceRole, example_finding};

use crate::world::World;

/// How long it may take until it listens; the first invocation waits for cargo to build what is not current.
const START_MAX: Duration = Duration::from_secs(30);

/// `cargo lambda watch` with our binary.
struct Emulator {
    program: String,
    port: u16,
    child: Child,
}

impl Emulator {
    /// Starts it, or says that the test is skipped where `VIGIE_TEST_CARGO_LAMBDA` does not name the program.
    #[expect(clippy::print_stderr, reason = "says what is skipped")]
    fn start(world: &World) -> Option<Self> {
        let Some(program) = std::env::var("VIGIE_TEST_CARGO_LAMBDA").ok() else {
            assert!(std::env::var_os("VIGIE_REQUIRE_CARGO_LAMBDA").is_none(), "VIGIE_TEST_CARGO_LAMBDA is not set");
            eprintln!("skipped: VIGIE_TEST_CARGO_LAMBDA is not set (the program cargo-lambda)");
            return None;
        };
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut variables = tempfile::NamedTempFile::new().unwrap();
        let settings = world.settings.to_string();
        for (name, value) in [
            ("AWS_REGION", vigie_aws_fake::Estate::REGION),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", &world.url()),
        ] {
            writeln!(variables, "{name}={value}").unwrap();
        }
        let child = Command::new(&program)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            // The settings are JSON with commas and quotes, which a file of variables would need to quote.
            .env("VIGIE_RESPONDER", settings)
            .args(["lambda", "watch", "--profile", "lambda", "--package", "vigie-lambda", "--bin", "bootstrap"])
            .args(["--ignore-changes", "--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string()])
            .args(["--env-file", &variables.path().to_string_lossy()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let emulator = Self { program, port, child };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < START_MAX, "cargo lambda watch does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        // The file is read at start.
        drop(variables);
        Some(emulator)
    }

    /// Invokes the function with `cargo lambda invoke`.
    fn invoke(&self, payload: &Value) -> Result<Value, String> {
        let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
        write!(file, "{payload}").unwrap();
        let output = Command::new(&self.program)
            .args(["lambda", "invoke", "bootstrap", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &self.port.to_string(), "--data-file", &file.path().to_string_lossy()])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The binary is a grandchild: a signal to the emulator alone lets it end its own.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands the messages of a queue to the function, as Lambda's own poller does.
fn pump(world: &World, emulator: &Emulator, queue: &str, payload: impl Fn(&[Value]) -> Value) -> usize {
    let mut handed = 0;
    loop {
        let parameters = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
        let batch = world.boto.call("sqs", "receive_message", parameters);
        let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return handed;
        }
        emulator.invoke(&payload(&messages)).unwrap();
        handed += messages.len();
        for message in &messages {
            let receipt = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
            world.boto.call("sqs", "delete_message", receipt);
        }
    }
}

#[test]
fn a_finding_goes_the_whole_way_through_the_real_binary() {
    let Some(world) = World::start(&json!({})) else { return };
    let Some(emulator) = Emulator::start(&world) else { return };
    let boto = &world.boto;
    let queue =
        boto.call("sqs", "create_queue", json!({"QueueName": "findings"}))["QueueUrl"].as_str().unwrap().to_owned();
    let pattern = json!({"source": ["aws.guardduty"], "detail": {"type": [{"prefix": "Recon:EC2/"}]}}).to_string();
    boto.call("events", "put_rule", json!({"Name": "findings", "EventPattern": pattern}));
    let target = format!("arn:aws:sqs:{}:123456789012:findings", vigie_aws_fake::Estate::REGION);
    boto.call("events", "put_targets", json!({"Rule": "findings", "Targets": [{"Id": "queue", "Arn": target}]}));
    let kind = FindingType::find("Recon:EC2/PortProbeUnprotectedPort").unwrap();
    let event = example_finding(kind, ResourceRole::Target);
    let entry = |kind: &str, detail: &Value| json!({"Source": "aws.guardduty", "DetailType": kind, "Detail": detail.to_string()});
    let other = json!({"type": "Policy:S3/BucketPublicAccessGranted"});
    let entries = [entry("GuardDuty Finding", &event["detail"]), entry("GuardDuty Finding", &other)];
    boto.call("events", "put_events", json!({"Entries": entries}));
    let handed = pump(&world, &emulator, &queue, |messages| {
        serde_json::from_str(messages[0]["Body"].as_str().unwrap()).unwrap()
    });
    assert_eq!(handed, 1, "the rule lets one of two through");
    let edge = world.ids.queue.clone();
    let changes = pump(&world, &emulator, &edge, |messages| {
        let record = |message: &Value| json!({"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"});
        json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
    });
    assert_eq!(changes, 4, "two addresses, two guards");
    assert_eq!(world.waf(), ["198.51.100.77/32", "203.0.113.9/32"]);
    assert_eq!(world.nacl(), ["198.51.100.77/32", "203.0.113.9/32"]);
    assert_eq!(world.inbox().len(), 1);
}

#[test]
fn the_example_events_run() {
    let Some(world) = World::start(&json!({"mode": "dry_run"})) else { return };
    let Some(emulator) = Emulator::start(&world) else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 8);
    for path in names {
        let event: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let answer = emulator.invoke(&event).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        assert!(answer.get("answers").or_else(|| answer.get("expired")).is_some(), "{}: {answer}", path.display());
    }
    let refused = emulator.invoke(&json!({"hello": "world"})).unwrap_err();
    assert!(refused.contains("UnreadableInvocation"), "{refused}");
}
