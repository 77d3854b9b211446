//! One question to the source, asked again where that may help. Blocking: runs beside the tasks that do not.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Response, StatusCode};
use ureq::{Body, RequestBuilder};

use super::{Inner, SourceError};

/// The longest answer that is read, in bytes: a page of objects with long texts.
pub(super) const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How much of the source's words is repeated, in characters.
const MESSAGE_CHARS_MAX: usize = 300;
/// The longest that we wait between two attempts.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// The longest that we wait because the source asks for it.
const ASKED_WAIT_MAX: Duration = Duration::from_mins(2);

/// How often a question is asked, and how long we wait before it is asked again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often at most.
    pub attempts_max: u32,
    /// How long after the first attempt; twice that after the second, and so on, up to half a minute.
    pub first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts_max: 8, first_wait: Duration::from_millis(500) }
    }
}

impl Patience {
    /// Returns how long to wait after an attempt, the first of which is 1: between half and one and a half of what doubles
    /// each time, so that many who wait do not come back at once.
    fn wait(&self, attempt: u32, chance: f64) -> Duration {
        let doubled = self.first_wait.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(16)));
        doubled.min(WAIT_MAX).mul_f64(0.5 + chance.clamp(0.0, 1.0))
    }
}

/// A question.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// What for, for people.
    pub(super) what: String,
    /// In which organisation.
    pub(super) organisation: Option<String>,
    /// The path, with a slash.
    pub(super) path: String,
    /// The body of a `POST`; without one it is a `GET`.
    pub(super) body: Option<Value>,
}

/// Why an attempt failed, and whether another one may help.
enum Failed {
    Now(SourceError),
    Later(Box<ureq::Error>),
    /// The source is busy, or fails: this it says once we give up.
    Busy(SourceError, Option<Duration>),
}

impl Inner {
    /// Returns the answer's bytes.
    pub(super) fn bytes(&self, question: &Question) -> Result<Vec<u8>, SourceError> {
        self.attempt(question, |answer| {
            let mut bytes = Vec::new();
            let read = answer.into_body().into_reader().take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes);
            read.map_err(|error| Failed::Later(Box::new(ureq::Error::Io(error))))?;
            if bytes.len() as u64 > ANSWER_BYTES_MAX {
                return Err(Failed::Now(question.wrong(format!("longer than {ANSWER_BYTES_MAX} bytes"))));
            }
            Ok(bytes)
        })
    }

    /// Returns the time at the source, as the header `Date` of an answer says it, in milliseconds since 1970.
    pub(super) fn time(&self, question: &Question) -> Result<Option<i64>, SourceError> {
        self.attempt(question, |answer| {
            let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
            let time = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
            Ok(time.map(|time| time.timestamp().as_millisecond()))
        })
    }

    /// Hands the beginning of an answer on as soon as it is there. What follows may break off: then it is asked again.
    pub(super) fn stream<T>(
        &self,
        question: &Question,
        mut take: impl FnMut(&mut dyn std::io::Read) -> Result<T, Broken>,
    ) -> Result<T, Broken> {
        let mut ours = None;
        let taken = self.attempt(question, |answer| match take(&mut answer.into_body().into_reader()) {
            Ok(taken) => Ok(taken),
            Err(Broken::Off(error)) => Err(Failed::Later(Box::new(ureq::Error::Io(error)))),
            Err(other) => {
                ours = Some(other);
                Err(Failed::Now(question.wrong(String::new())))
            }
        });
        taken.map_err(|error| ours.unwrap_or(Broken::Source(error)))
    }

    fn attempt<T>(
        &self,
        question: &Question,
        mut take: impl FnMut(Response<Body>) -> Result<T, Failed>,
    ) -> Result<T, SourceError> {
        let mut attempt = 1;
        loop {
            let failed = match self.send(question).and_then(|answer| check(question, answer)).and_then(&mut take) {
                Ok(taken) => return Ok(taken),
                Err(failed) => failed,
            };
            let usual = self.patience.wait(attempt, fastrand::f64());
            let (error, wait) = match failed {
                Failed::Now(error) => return Err(error),
                Failed::Later(source) => (self.unreachable(question, attempt, source), usual),
                Failed::Busy(error, asked) => (error, asked.map_or(usual, |asked| asked.min(ASKED_WAIT_MAX))),
            };
            if attempt >= self.patience.attempts_max {
                return Err(error);
            }
            attempt += 1;
            thread::sleep(wait);
        }
    }

    fn send(&self, question: &Question) -> Result<Response<Body>, Failed> {
        let url = format!("{}{}", self.address.base, question.path);
        let sent = match &question.body {
            Some(body) => self.headed(self.agent.post(&url), question).send_json(body),
            None => self.headed(self.agent.get(&url), question).call(),
        };
        sent.map_err(|error| match reason_of_distrust(&error) {
            Some(reason) => Failed::Now(SourceError::Untrusted { host: self.address.host.clone(), reason }),
            None => Failed::Later(Box::new(error)),
        })
    }

    fn headed<Kind>(&self, request: RequestBuilder<Kind>, question: &Question) -> RequestBuilder<Kind> {
        let request = request.header("Authorization", &self.authorization);
        match &question.organisation {
            Some(name) => request.header("X-Organisation", name),
            None => request,
        }
    }

    fn unreachable(&self, question: &Question, attempts: u32, source: Box<ureq::Error>) -> SourceError {
        let (what, base) = (question.what.clone(), self.address.base.clone());
        SourceError::Unreachable { what, base, attempts, source }
    }
}

/// Returns the answer, where it is one.
fn check(question: &Question, answer: Response<Body>) -> Result<Response<Body>, Failed> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let what = question.what.clone();
    if status.is_redirection() {
        let to = answer.headers().get("location").map_or("nowhere".into(), |to| String::from_utf8_lossy(to.as_bytes()));
        return Err(Failed::Now(SourceError::Elsewhere { what, to: short(&to) }));
    }
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let message = message(answer);
    Err(match status {
        StatusCode::UNAUTHORIZED => Failed::Now(SourceError::Unknown { what, message }),
        StatusCode::FORBIDDEN => Failed::Now(SourceError::Forbidden { what, message }),
        StatusCode::NOT_FOUND => Failed::Now(SourceError::NotFound { what, message }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            let error = SourceError::Refused { what, status: status.as_u16(), message };
            Failed::Busy(error, asked.map(Duration::from_secs))
        }
        _ if status.is_server_error() => {
            let error = SourceError::Refused { what, status: status.as_u16(), message };
            Failed::Busy(error, asked.map(Duration::from_secs))
        }
        _ => Failed::Now(SourceError::Refused { what, status: status.as_u16(), message }),
    })
}

impl Question {
    /// Returns the error that the answer is not what it should be.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Answer { what: self.what.clone(), reason: reason.into() }
    }
}

/// A file that did not come in whole.
pub(super) enum Broken {
    /// The connection broke off.
    Off(std::io::Error),
    /// The source has no such file.
    Source(SourceError),
    /// It cannot be stored.
    Store(vigie_store::FileError),
}

/// Returns what is wrong with the other end's certificate, where that is why there is no connection.
fn reason_of_distrust(error: &ureq::Error) -> Option<String> {
    match error {
        ureq::Error::Rustls(error) => Some(error.to_string()),
        ureq::Error::Tls(reason) => Some((*reason).to_owned()),
        // A handshake fails within a read, whose error holds that of the handshake.
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            let text = error.to_string();
            ["certificate", "handshake", "CorruptMessage", "corrupt message"]
                .iter()
                .any(|word| text.contains(word))
                .then_some(text)
        }
        _ => None,
    }
}

/// Returns what the source says went wrong: `type - message`, or the beginning of what is no JSON.
fn message(answer: Response<Body>) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is not repeated.
    drop(answer.into_body().into_reader().take(64 * 1024).read_to_end(&mut bytes));
    let said = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(fields)) => {
            let field = |name: &str| fields.get(name).and_then(Value::as_str);
            let parts: Vec<&str> = [field("type"), field("message")].into_iter().flatten().collect();
            parts.join(" - ")
        }
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    };
    if said.trim().is_empty() { "without a word".to_owned() } else { short(&said) }
}

fn short(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_spread() {
        let patience = Patience { attempts_max: 20, first_wait: Duration::from_millis(500) };
        let wait = |attempt, chance| patience.wait(attempt, chance).as_millis();
        assert_eq!((wait(1, 0.5), wait(2, 0.5), wait(4, 0.5)), (500, 1_000, 4_000));
        assert_eq!((wait(1, 0.0), wait(1, 1.0)), (250, 750));
        assert_eq!((wait(10, 0.5), wait(20, 0.5)), (30_000, 30_000));
    }
}
