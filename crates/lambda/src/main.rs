//! `bootstrap`: reads the settings, then answers one invocation after the other.

#![expect(clippy::print_stdout, reason = "what a function prints is its log")]

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use vigie_aws::{Client, Responder, read_settings};
use vigie_lambda::{Handler, VARIABLE};
use vigie_model::Timestamp;

fn main() -> Result<(), Error> {
    let settings = std::env::var(VARIABLE).unwrap_or_default();
    let (policy, settings) = read_settings(&settings)?;
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "vigie-responder".to_owned());
    let responder = Responder::new(Client::from_environment()?, settings, policy);
    let handler = Arc::new(Handler::new(responder, &function, |line| println!("{line}")));
    // Lambda hands over one event at a time, so a thread of its own would only cost start-up time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let handler = Arc::clone(&handler);
        async move {
            let request = &event.context.request_id;
            match event.context.deadline().duration_since(SystemTime::now()) {
                Ok(left) => handler.until(Instant::now() + left).handle(&event.payload, request, now()),
                // Emulators name a time that is over.
                Err(_) => handler.handle(&event.payload, request, now()),
            }
        }
    })))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH.plus(since)
}
