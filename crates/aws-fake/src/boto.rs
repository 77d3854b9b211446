//! Another client of AWS: what a test sets up and looks at goes through botocore and not through the code under test.

use std::env::var_os;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

/// The bridge between a test and botocore.
const SCRIPT: &str = include_str!("boto.py");

/// A running botocore.
#[derive(Debug)]
pub struct Boto {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Boto {
    /// Starts botocore with the Python that `VIGIE_TEST_PYTHON` names.
    ///
    /// # Panics
    /// It does not start: whoever has moto has botocore.
    pub fn start(url: &str, region: &str) -> Self {
        let python = var_os("VIGIE_TEST_PYTHON").expect("VIGIE_TEST_PYTHON is set, or moto would not run");
        let mut child = Command::new(python)
            .args(["-c", SCRIPT, url, region])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python that runs moto runs botocore");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, pipes: Mutex::new((stdin, stdout)) }
    }

    /// Calls an operation as boto3 names it, and returns the answer, or AWS's word for what is wrong.
    ///
    /// # Errors
    /// `CODE: message`
    ///
    /// # Panics
    /// The bridge broke.
    pub fn try_call(&self, service: &str, operation: &str, parameters: Value) -> Result<Value, String> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let question = json!({"service": service, "operation": operation, "parameters": parameters});
        writeln!(pipes.0, "{question}").expect("the bridge reads");
        let mut line = String::new();
        pipes.1.read_line(&mut line).expect("the bridge answers");
        let mut answer: Value = serde_json::from_str(&line).expect("the bridge answers in JSON");
        match answer.get_mut("ok") {
            Some(ok) => Ok(ok.take()),
            None => Err(answer["error"].as_str().unwrap_or_default().to_owned()),
        }
    }

    /// Calls an operation that must work.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, parameters: Value) -> Value {
        match self.try_call(service, operation, parameters.clone()) {
            Ok(answer) => answer,
            Err(error) => panic!("{service} {operation} {parameters}: {error}"),
        }
    }
}

impl Drop for Boto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
