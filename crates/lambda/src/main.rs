//! `bootstrap`: reads the settings, then answers one invocation after the other.

#![expect(clippy::print_stdout, reason = "what a function prints is its log")]

use std::sync::Arc;

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
    let handler = Arc::new(Handler::new(responder, &function, Box::new(|line| println!("{line}"))));
    // Lambda hands over one event at a time, so a thread of its own would only cost start-up time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let handler = Arc::clone(&handler);
        async move { handler.handle(&event.payload, &event.context.request_id, now()) }
    })))
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH.plus(since)
}
