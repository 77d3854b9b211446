//! A call as it came in, and what goes back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A call as it came in.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) operation: String,
    /// The body of the JSON protocols.
    pub(crate) json: Value,
    /// The body of the Query protocol.
    pub(crate) form: BTreeMap<String, String>,
    is_query: bool,
}

/// Why a call is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned() }
    }
}

/// What goes back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Received {
    /// Reads a call from its headers (names in lower case) and body. Who and where it is for stands in the signature's
    /// scope: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
    pub(crate) fn read(headers: &BTreeMap<String, String>, body: &str) -> Self {
        let scope =
            headers.get("authorization").and_then(|value| value.split_once("Credential=")).unwrap_or_default().1;
        let mut parts = scope.split(',').next().unwrap_or("").split('/').skip(2).map(str::to_owned);
        let (region, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if let Some(target) = headers.get("x-amz-target") {
            let operation = target.rsplit('.').next().unwrap_or("").to_owned();
            let json = serde_json::from_str(body).unwrap_or(Value::Null);
            return Self { service, region, operation, json, ..Self::default() };
        }
        let form: BTreeMap<String, String> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        let operation = form.get("Action").cloned().unwrap_or_default();
        Self { service, region, operation, form, is_query: true, json: Value::Null }
    }

    /// Returns a parameter of the Query protocol; empty where it is left out.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// Returns `name.1`, `name.2`…
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|number| self.form.get(&format!("{name}.{number}"))).map(String::as_str).collect()
    }

    /// Returns the value of a filter of EC2.
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        let number = (1..=20).find(|number| self.text(&format!("Filter.{number}.Name")) == name)?;
        Some(self.text(&format!("Filter.{number}.Value.1")))
    }

    /// Returns the answer: a JSON body, or what stands within the XML answer's root.
    pub(crate) fn reply(&self, outcome: Result<String, Failure>) -> Reply {
        let content_type = if self.is_query { "text/xml" } else { "application/x-amz-json-1.1" };
        let operation = &self.operation;
        let (status, body) = match outcome {
            Ok(body) if self.is_query => {
                (200, format!("<{operation}Response><requestId>0</requestId>{body}</{operation}Response>"))
            }
            Ok(body) => (200, body),
            Err(Failure { status, code, message }) if self.is_query => {
                let error = format!("<Code>{code}</Code><Message>{}</Message>", escaped(&message));
                (status, format!("<Response><Errors><Error>{error}</Error></Errors></Response>"))
            }
            Err(Failure { status, code, message }) => (status, json!({"__type": code, "message": message}).to_string()),
        };
        Reply { status, content_type, body }
    }
}

/// Returns a text as XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&hex).unwrap_or("");
                bytes.extend(u8::from_str_radix(hex, 16));
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
