//! CloudWatch Logs: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>.

use serde_json::{Value, json};

use crate::{AwsError, Call, Client, Input, Operation, Service};

/// Reads the lines of a log group that match a pattern.
pub static FILTER_LOG_EVENTS: Operation = Operation::read(Service::Logs, "FilterLogEvents");

/// How many answers are read: AWS may answer with empty pages for a long while, and allows 25 calls a second at most.
pub const PAGES_MAX: usize = 20;
/// How many bytes of lines are kept.
pub const LINES_BYTES_MAX: usize = 1024 * 1024;
/// How many lines an answer holds at most. AWS takes up to 10,000.
const PAGE_LINES_MAX: u32 = 5_000;

/// Which lines are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// The log group.
    pub group: String,
    /// The pattern, as CloudWatch writes it: `?"Failed password"`.
    pub filter: String,
    /// From when, in milliseconds since 1970.
    pub from_ms: i64,
    /// Until when, in milliseconds since 1970; not included.
    pub until_ms: i64,
}

/// The lines that match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogLines {
    /// The lines, in AWS's order.
    pub lines: Vec<LogLine>,
    /// Whether there are more, which were not read for a limit's sake.
    pub more: bool,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The stream: often the host's name.
    pub stream: String,
    /// The line.
    pub message: String,
}

/// Returns the lines that match, at most [`PAGES_MAX`] answers and [`LINES_BYTES_MAX`] bytes of them.
///
/// # Errors
/// As [`Client::send`].
pub fn filter_log_events(client: &Client, query: &LogQuery) -> Result<LogLines, AwsError> {
    let (mut found, mut bytes, mut token) = (LogLines::default(), 0, None::<String>);
    for _ in 0..PAGES_MAX {
        let mut input = json!({
            "logGroupName": query.group, "filterPattern": query.filter, "startTime": query.from_ms,
            "endTime": query.until_ms, "limit": PAGE_LINES_MAX,
        });
        if let Some(token) = &token {
            input["nextToken"] = json!(token);
        }
        let value = client.send(&Call { operation: &FILTER_LOG_EVENTS, input: Input::Json(input) })?.json()?;
        for line in value.get("events").and_then(Value::as_array).into_iter().flatten().filter_map(read) {
            bytes += line.message.len();
            if bytes > LINES_BYTES_MAX {
                found.more = true;
                return Ok(found);
            }
            found.lines.push(line);
        }
        let next = value.get("nextToken").and_then(Value::as_str).map(str::to_owned);
        if next.is_none() || next == token {
            return Ok(found);
        }
        token = next;
    }
    found.more = true;
    Ok(found)
}

fn read(event: &Value) -> Option<LogLine> {
    Some(LogLine {
        at_ms: event.get("timestamp").and_then(Value::as_i64).unwrap_or_default(),
        stream: event.get("logStreamName").and_then(Value::as_str).unwrap_or_default().to_owned(),
        message: event.get("message")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::server::{Answer, Server};

    fn read_all(answer: impl Fn(usize) -> Value + Send + Sync + 'static) -> (LogLines, usize) {
        let server = Server::start(move |_, before| Answer::new(200, answer(before).to_string()));
        let query = LogQuery { group: "/x".to_owned(), filter: String::new(), from_ms: 0, until_ms: 1 };
        let lines = filter_log_events(&crate::client::client_of_tests(&server.url()), &query).unwrap();
        (lines, server.asked().len())
    }

    #[test]
    fn pages_are_read_to_the_last() {
        let (found, calls) = read_all(|before| {
            let mut page =
                json!({"events": [{"timestamp": before, "logStreamName": "h", "message": "m"}, {"message": 5}]});
            if before < 2 {
                page["nextToken"] = json!(before.to_string());
            }
            page
        });
        assert_eq!((found.lines.len(), found.more, calls), (3, false, 3));
        assert_eq!(found.lines[2], LogLine { at_ms: 2, stream: "h".to_owned(), message: "m".to_owned() });
    }

    #[test]
    fn pages_without_end_are_left() {
        let (found, calls) = read_all(|before| json!({"events": [], "nextToken": before.to_string()}));
        assert_eq!((found.more, calls), (true, PAGES_MAX));
        assert_eq!(read_all(|_| json!({"events": [], "nextToken": "same"})).1, 2);
    }

    #[test]
    fn bytes_without_end_are_left() {
        let page = |bytes: usize| move |_| json!({"events": [{"message": "x".repeat(bytes)}]});
        assert_eq!(read_all(page(LINES_BYTES_MAX)).0.lines.len(), 1);
        let (found, _) = read_all(page(LINES_BYTES_MAX + 1));
        assert_eq!((found.lines.len(), found.more), (0, true));
    }
}
