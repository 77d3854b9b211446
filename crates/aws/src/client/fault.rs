//! What AWS says is wrong.

use serde_json::Value;

use crate::operation::Protocol;

/// How many letters of AWS's message are kept: EC2 adds kilobytes of encoded reasons.
const MESSAGE_MAX: usize = 1_000;

/// What an answer says is wrong, in any of AWS's protocols. Whatever the bytes are, reading them does not fail; what is
/// missing stays empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// AWS's own word: `ThrottlingException`.
    pub code: String,
    /// AWS's own message, at most 1,000 letters of it.
    pub message: String,
    /// What AWS's support asks for.
    pub request: String,
    /// The Region that S3 says a bucket is in.
    pub region: String,
}

impl Fault {
    /// Reads the body of an answer.
    pub fn read(protocol: Protocol, body: &str) -> Self {
        let mut fault = match protocol {
            Protocol::Json { .. } | Protocol::RestJson => Self::from_json(body),
            Protocol::Query { .. } | Protocol::RestXml => Self::from_xml(body),
        };
        if fault.message.chars().nth(MESSAGE_MAX).is_some() {
            fault.message = fault.message.chars().take(MESSAGE_MAX).chain(['…']).collect();
        }
        fault
    }

    fn from_json(body: &str) -> Self {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |names: &[&str]| {
            names.iter().find_map(|name| value.get(*name)?.as_str()).unwrap_or_default().trim().to_owned()
        };
        Self {
            code: bare(&text(&["__type", "code", "Code"])),
            message: text(&["message", "Message", "errorMessage"]),
            ..Self::default()
        }
    }

    fn from_xml(body: &str) -> Self {
        let Ok(document) = roxmltree::Document::parse(body.trim_start()) else { return Self::default() };
        let text = |names: &[&str]| {
            let node = document.descendants().find(|node| names.contains(&node.tag_name().name()));
            node.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
        };
        Self {
            code: text(&["Code"]),
            message: text(&["Message"]),
            // EC2 writes ID, the others Id.
            request: text(&["RequestId", "RequestID"]),
            region: text(&["Region"]),
        }
    }
}

/// Returns an error's name without its namespace and address: `com.amazonaws.sqs#QueueDoesNotExist`,
/// `BadRequestException:http://…`. Source: <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>.
pub(super) fn bare(name: &str) -> String {
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::operation::Service;

    fn check(service: Service, body: &str, code: &str, message: &str, request: &str) {
        let fault = Fault::read(service.protocol(), body);
        assert_eq!((&*fault.code, &*fault.message, &*fault.request), (code, message, request), "{body}");
    }

    #[test]
    fn errors_of_every_protocol_are_read() {
        let waf = r#"{"__type":"com.amazonaws.wafv2#WAFOptimisticLockException","Message":"stale"}"#;
        check(Service::Waf, waf, "WAFOptimisticLockException", "stale", "");
        let table = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no"}"#;
        check(Service::DynamoDb, table, "ConditionalCheckFailedException", "no", "");
        check(Service::Sqs, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#, "QueueDoesNotExist", "", "");
        check(
            Service::GuardDuty,
            r#"{"code":"BadRequestException:http://x#y","message":"no"}"#,
            "BadRequestException",
            "no",
            "",
        );
        let query = "<ErrorResponse xmlns='urn:x'><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>gone</Message>\
                     </Error><RequestId>r-1</RequestId></ErrorResponse>";
        check(Service::Iam, query, "NoSuchEntity", "gone", "r-1");
        let ec2 = "<?xml version='1.0'?>\n<Response><Errors><Error><Code>DryRunOperation</Code><Message>would</Message>\
                   </Error></Errors><RequestID>r-2</RequestID></Response>";
        check(Service::Ec2, ec2, "DryRunOperation", "would", "r-2");
        let s3 = "<Error><Code>PermanentRedirect</Code><Message>there</Message><Region>eu-west-1</Region>\
                  <RequestId>r-3</RequestId></Error>";
        check(Service::S3, s3, "PermanentRedirect", "there", "r-3");
        assert_eq!(Fault::read(Service::S3.protocol(), s3).region, "eu-west-1");
    }

    #[test]
    fn what_is_no_error_of_aws_says_nothing() {
        let deep = "<a>".repeat(20_000);
        let deep_json = "[".repeat(20_000);
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        for body in ["", "<html>Bad gateway", "{", "[1]", "null", r#"{"__type":5}"#, &deep, &deep_json, bomb] {
            for service in [Service::Waf, Service::Ec2, Service::S3, Service::GuardDuty] {
                assert_eq!(Fault::read(service.protocol(), body), Fault::default());
            }
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        for (length, kept) in [(1_000, 1_000), (1_001, 1_001), (50_000, 1_001)] {
            let body = serde_json::json!({"__type": "X", "message": "é".repeat(length)}).to_string();
            assert_eq!(Fault::read(Service::Waf.protocol(), &body).message.chars().count(), kept);
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read(body in "([<>/&;\"':{}\\[\\],#! a-z0-9]|Code|Error|__type|<!DOCTYPE|\\PC){0,60}") {
            for service in Service::ALL {
                prop_assert!(Fault::read(service.protocol(), &body).message.chars().count() <= MESSAGE_MAX + 1);
            }
        }

        #[test]
        fn what_a_service_says_is_kept(code in "[A-Za-z.]{1,30}", message in "[ -~]{0,60}") {
            let (json, xml) = (serde_json::json!({"__type": code, "message": message}).to_string(), escaped(&message));
            let fault = Fault::read(Service::Waf.protocol(), &json);
            prop_assert_eq!((&*fault.code, &*fault.message), (&*code, message.trim()));
            let body = format!("<R><Error><Code>{code}</Code><Message>{xml}</Message></Error></R>");
            let fault = Fault::read(Service::Ec2.protocol(), &body);
            prop_assert_eq!((&*fault.code, &*fault.message), (&*code, message.trim()));
        }
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }
}
