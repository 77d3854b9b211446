//! The function in an account as Terraform leaves it.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vigie_aws::{Client, ClientOptions, Credentials, Endpoints, Region, Responder, read_settings};
use vigie_aws_fake::Estate;
use vigie_lambda::{Handler, HandlerError};
use vigie_model::Timestamp;

/// The account, with the function in it.
pub(crate) struct World {
    estate: Estate,
    pub(crate) handler: Handler,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    pub(crate) settings: Value,
}

impl Deref for World {
    type Target = Estate;

    fn deref(&self) -> &Estate {
        &self.estate
    }
}

pub(crate) fn now() -> Timestamp {
    // SQS and moto have clocks of their own.
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::EPOCH.plus(since)
}

impl World {
    /// Returns an account, or `None` where there is no moto. `more` are settings beside those of the account.
    pub(crate) fn start(more: &Value) -> Option<Self> {
        let estate = Estate::start()?;
        let mut settings = estate.settings();
        for (name, value) in more.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let (handler, lines) = handler(&estate.url(), &settings);
        Some(Self { estate, handler, lines, settings })
    }

    /// Answers an event and everything that follows from it in the queue.
    pub(crate) fn answer(&self, event: &Value) -> Result<Value, HandlerError> {
        let answer = self.handler.handle(event, "request", now());
        self.pump();
        answer
    }

    /// Hands what waits in the edge queue to the function, as an event source mapping does.
    pub(crate) fn pump(&self) -> usize {
        let mut invocations = 0;
        loop {
            let messages = self.take_batch(&self.ids.queue);
            if messages.is_empty() {
                return invocations;
            }
            invocations += 1;
            let answer = self.handler.handle(&batch(&messages), "edge", now()).unwrap();
            assert_eq!(answer["batchItemFailures"], json!([]), "{:?}", self.lines.lock().unwrap());
            for message in &messages {
                self.forget(&self.ids.queue, message);
            }
        }
    }

    /// Runs the scheduled invocation at a time, and what follows in the queue.
    pub(crate) fn expire_at(&self, at: Timestamp) {
        self.handler.handle(&json!({"vigie": "expire"}), "expire", at).unwrap();
        let messages = self.take_batch(&self.ids.queue);
        if !messages.is_empty() {
            self.handler.handle(&batch(&messages), "edge", at).unwrap();
        }
    }

    /// Takes a decision back, as `vigie aws undo` does, and what follows in the queue.
    pub(crate) fn undo(&self, id: &str) {
        let responder = responder(&self.url(), &self.settings);
        responder.undo(id, now()).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)));
        self.pump();
    }

    /// How many updates of IP sets the function made, as its metrics say.
    pub(crate) fn edge_updates(&self) -> usize {
        let lines = self.lines.lock().unwrap();
        let writes = lines.iter().filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line.get("EdgeWrites")?.as_f64()
        });
        writes.sum::<f64>() as usize
    }
}

/// The invocation that hands over messages of the edge queue.
fn batch(messages: &[Value]) -> Value {
    let source = format!("arn:aws:sqs:{}:{}:vigie-edge.fifo", Estate::REGION, Estate::ACCOUNT);
    let record = |message: &Value| {
        json!({
            "messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs",
            "eventSourceARN": source,
        })
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

/// A function with these settings, and its log.
pub(crate) fn handler(url: &str, settings: &Value) -> (Handler, Arc<Mutex<Vec<String>>>) {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let out = Arc::clone(&lines);
    let print = move |line| out.lock().unwrap().push(line);
    (Handler::new(responder(url, settings), "vigie-responder", print), lines)
}

fn responder(url: &str, settings: &Value) -> Responder {
    let mut options = ClientOptions::new(Region::new(Estate::REGION).unwrap());
    options.endpoints = Endpoints::all_at(url);
    options.credentials =
        Some(Credentials { key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret: "secret".to_owned(), token: None });
    let (policy, account) = read_settings(&settings.to_string()).unwrap();
    Responder::new(Client::new(options), account, policy)
}
