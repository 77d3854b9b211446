//! The operations that no action uses, on moto.

use serde_json::{Value, json};
use vigie_aws::{
    AwsError, Call, Endpoints, Environment, Input, Operation, Protocol, Role, Service, guardduty, logs, sqs, sts,
};
use vigie_aws::{Client, ClientOptions};
use vigie_aws_fake::Moto;

use crate::sample::Account;

static CREATE_QUEUE: Operation = Operation::write(Service::Sqs, "CreateQueue");
static RECEIVE: Operation = Operation::read(Service::Sqs, "ReceiveMessage");
static CREATE_GROUP: Operation = Operation::write(Service::Logs, "CreateLogGroup");
static CREATE_STREAM: Operation = Operation::write(Service::Logs, "CreateLogStream");
static PUT_LINES: Operation = Operation::write(Service::Logs, "PutLogEvents");
static CREATE_DETECTOR: Operation = Operation::write(Service::GuardDuty, "CreateDetector");

#[test]
fn the_services_answer() {
    let Some(moto) = Moto::start() else { return };
    let account = Account::new(&moto.url(), json!({}));
    messages_keep_their_order(&account);
    log_lines_are_found(&account);
    detectors_are_described(&account);
    roles_are_taken_on(&account, &moto.url());
}

fn messages_keep_their_order(account: &Account) {
    let client = &account.maker;
    let made = account.make_json(&CREATE_QUEUE, json!({"QueueName": "edge.fifo", "Attributes": {"FifoQueue": "true"}}));
    let queue = made["QueueUrl"].as_str().unwrap();
    let message = |number: usize| sqs::Message {
        body: json!({"number": number, "hostile": "<&>\"'é\u{1f512}"}).to_string(),
        group: "edge".to_owned(),
        deduplication: format!("d-{number}"),
    };
    // The second has the id of the first, so it is taken and thrown away.
    for _ in 0..2 {
        assert!(!sqs::send_message(client, queue, &message(0)).unwrap().is_empty());
    }
    let more: Vec<_> = (1..24).map(message).collect();
    assert_eq!(sqs::send_message_batch(client, queue, &more).unwrap(), []);
    assert_eq!(sqs::send_message_batch(client, queue, &[]).unwrap(), []);
    let waiting = sqs::get_queue_attributes(client, queue).unwrap();
    assert_eq!(waiting["ApproximateNumberOfMessages"], "24");
    assert_eq!(waiting["FifoQueue"], "true");
    let got = account.make_json(&RECEIVE, json!({"QueueUrl": queue, "MaxNumberOfMessages": 10}));
    let numbers: Vec<Value> = got["Messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            let body: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
            assert_eq!(body["hostile"], "<&>\"'é\u{1f512}");
            body["number"].clone()
        })
        .collect();
    assert_eq!(numbers, (0..10).map(|number| json!(number)).collect::<Vec<_>>());
    let gone = queue.replace("edge", "gone");
    let error = sqs::get_queue_attributes(client, &gone).unwrap_err();
    assert!(matches!(&error, AwsError::NotFound { code, .. } if code == "QueueDoesNotExist"), "{error}");
    assert!(sqs::send_message(client, &gone, &message(0)).unwrap_err().is_not_found());
}

fn log_lines_are_found(account: &Account) {
    let now = jiff::Timestamp::now().as_millisecond();
    account.make_json(&CREATE_GROUP, json!({"logGroupName": "/vigie/secure"}));
    account.make_json(&CREATE_STREAM, json!({"logGroupName": "/vigie/secure", "logStreamName": "host"}));
    let line = |ago: i64, text: &str| json!({"timestamp": now - ago, "message": text});
    let lines = [
        line(5_000, "Failed password for root from 203.0.113.7"),
        line(4_000, "Accepted"),
        line(0, "Failed password x"),
    ];
    account
        .make_json(&PUT_LINES, json!({"logGroupName": "/vigie/secure", "logStreamName": "host", "logEvents": lines}));
    let mut query = logs::LogQuery {
        group: "/vigie/secure".to_owned(),
        filter: "\"Failed password\"".to_owned(),
        from_ms: now - 10_000,
        until_ms: now - 1_000,
    };
    let found = logs::filter_log_events(&account.maker, &query).unwrap();
    let texts: Vec<&str> = found.lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(texts, ["Failed password for root from 203.0.113.7"]);
    assert_eq!((found.more, found.lines[0].at_ms, &*found.lines[0].stream), (false, now - 5_000, "host"));
    query.group.insert_str(0, "/gone");
    assert!(logs::filter_log_events(&account.maker, &query).unwrap_err().is_not_found());
}

fn detectors_are_described(account: &Account) {
    let client = &account.maker;
    assert_eq!(guardduty::list_detectors(client).unwrap(), [""; 0]);
    let input = Input::Rest {
        method: "POST",
        bucket: None,
        path: "/detector".to_owned(),
        query: String::new(),
        body: json!({"enable": true, "findingPublishingFrequency": "FIFTEEN_MINUTES"}).to_string(),
    };
    assert_eq!(Service::GuardDuty.protocol(), Protocol::RestJson);
    client.send(&Call { operation: &CREATE_DETECTOR, input }).unwrap();
    let ids = guardduty::list_detectors(client).unwrap();
    let detector = guardduty::get_detector(client, &ids[0]).unwrap();
    assert_eq!((detector.enabled, detector.frequency.as_str()), (true, "FIFTEEN_MINUTES"));
    assert!(guardduty::get_detector(client, "0").is_err());
}

fn roles_are_taken_on(account: &Account, url: &str) {
    assert_eq!(sts::get_caller_identity(&account.maker).unwrap().account, "123456789012");
    let other = account.maker.assuming(Role {
        session: Some("vigie-test".to_owned()),
        external_id: Some("e/1".to_owned()),
        ..Role::new("arn:aws:iam::111122223333:role/responder")
    });
    let caller = sts::get_caller_identity(&other).unwrap();
    assert_eq!(caller.account, "111122223333");
    assert_eq!(caller.arn, "arn:aws:sts::111122223333:assumed-role/responder/vigie-test");

    // The whole way from variables, as a Lambda or a pod in Kubernetes has them.
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "e30.e30.x").unwrap();
    let environment = Environment::of([
        ("AWS_REGION", "eu-west-3"),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ROLE_ARN", "arn:aws:iam::444455556666:role/pod"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.path().to_str().unwrap()),
    ]);
    let options = ClientOptions::from_environment(&environment).unwrap();
    assert_eq!(options.endpoints, Endpoints::all_at(url));
    assert_eq!(sts::get_caller_identity(&Client::new(options)).unwrap().account, "444455556666");
}
