//! The doctor before a server that says no.

use super::*;
use crate::client::client_of_tests;
use crate::client::server::{Answer, Server};

fn settings() -> Settings {
    let settings = serde_json::json!({
        "waf": [{"ipv4": {"name": "v4", "id": "1"}, "ipv6": {"name": "v6", "id": "2"}}],
        "nacl": {"ids": ["acl-1"]}, "quarantine_groups": {"vpc-1": "sg-1"}, "table": "t", "topic": "arn:t",
        "edge_queue": "https://q",
    });
    serde_json::from_value(settings).unwrap()
}

/// Answers who calls; everything else with `answer`, in the protocol that was asked in.
fn look(answer: impl Fn(bool) -> Answer + Send + Sync + 'static) -> Vec<Check> {
    let server = Server::start(move |asked, _| {
        if asked.body.contains("GetCallerIdentity") {
            return Answer::new(200, "<R><Account>1</Account><Arn>arn:me</Arn></R>");
        }
        answer(asked.body.starts_with("Action="))
    });
    doctor(&client_of_tests(&server.url()), &settings())
}

#[test]
fn the_permission_that_is_missing_is_named() {
    let checks = look(|xml| {
        if xml {
            Answer::new(403, "<R><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></R>")
        } else {
            Answer::new(400, r#"{"__type":"AccessDeniedException","message":"no"}"#)
        }
    });
    let named: Vec<&str> = checks.iter().skip(1).map(|check| check.fix.split(" to whoever").next().unwrap()).collect();
    assert_eq!(
        named,
        [
            "allow guardduty:ListDetectors",
            "allow wafv2:GetIPSet",
            "allow wafv2:GetIPSet",
            "allow ec2:DescribeNetworkAcls",
            "allow ec2:DescribeSecurityGroups",
            "allow dynamodb:GetItem",
            "allow sqs:GetQueueAttributes",
            "allow sns:ListSubscriptionsByTopic",
            "allow ec2:CreateNetworkAclEntry",
            "allow ec2:DescribeInstances",
        ]
    );
    assert!(checks.iter().skip(1).all(|check| check.state == Health::Bad));
}

#[test]
fn what_cannot_be_found_out_is_not_called_good() {
    let checks = look(|_| Answer::new(200, "not what AWS answers"));
    assert!(checks.iter().skip(1).all(|check| check.state != Health::Good), "{checks:#?}");
}

#[test]
fn without_an_identity_nothing_else_is_asked() {
    let server = Server::start(|_, _| Answer::new(403, "<R><Code>InvalidClientTokenId</Code></R>"));
    let checks = doctor(&client_of_tests(&server.url()), &settings());
    assert_eq!((checks.len(), checks[0].state, server.asked().len()), (1, Health::Bad, 1));
}
