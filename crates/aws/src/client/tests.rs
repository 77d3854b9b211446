//! The client against a server that answers as AWS does on a bad day.

use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Answer, Asked, Server};
use super::*;
use crate::Service;

static READ: Operation = Operation::read(Service::Waf, "GetIPSet");
static ONCE: Operation = Operation::write_once(Service::Ec2, "CreateSnapshot");
static QUERY: Operation = Operation::read(Service::Iam, "GetUser");
static BUCKET: Operation = Operation::write(Service::S3, "PutPublicAccessBlock");
static LOOK: Operation = Operation::read(Service::GuardDuty, "ListDetectors");

fn credentials() -> Credentials {
    Credentials {
        key_id: "AKIDEXAMPLE".to_owned(),
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        token: None,
    }
}

pub(crate) fn client_at(url: &str) -> Client {
    let mut options = ClientOptions::new(Region::new("eu-west-3").unwrap());
    options.endpoints = Endpoints::all_at(url);
    options.credentials = Some(credentials());
    Client::new(options)
}

fn call(operation: &'static Operation) -> Call {
    let input = match operation.service {
        Service::Waf => Input::Json(json!({"Name": "v4"})),
        Service::S3 | Service::GuardDuty => {
            let method = if operation.service == Service::S3 { "PUT" } else { "GET" };
            let body = if operation.service == Service::S3 { "<X/>".to_owned() } else { String::new() };
            let bucket = (operation.service == Service::S3).then(|| "logs".to_owned());
            Input::Rest { method, bucket, path: "/detector".to_owned(), query: "a=b%20c".to_owned(), body }
        }
        _ => Input::Query(vec![("UserName".to_owned(), "a b".to_owned())]),
    };
    Call { operation, input }
}

/// Sends a call to a server that answers in turn, the last answer for ever.
fn check(operation: &'static Operation, answers: Vec<Answer>) -> (Result<Reply, AwsError>, Vec<Asked>) {
    let server = Server::start(move |_, before| answers.get(before).or(answers.last()).cloned().unwrap());
    let result = client_at(&server.url()).send(&call(operation));
    (result, server.asked())
}

#[test]
fn what_fails_for_a_moment_is_tried_again() {
    let good = Answer::new(200, r#"{"LockToken":"t"}"#);
    for bad in [
        Answer::new(500, ""),
        Answer::new(503, "<html>"),
        Answer::new(400, r#"{"__type":"ThrottlingException","message":"slow down"}"#),
        Answer::new(400, r#"{"__type":"com.amazonaws.wafv2#WAFUnavailableEntityException"}"#),
        Answer::new(429, ""),
        Answer::new(0, ""),
    ] {
        let (result, asked) = check(&READ, vec![bad.clone(), good.clone()]);
        assert_eq!(result.unwrap().json().unwrap()["LockToken"], "t", "{bad:?}");
        assert_eq!(asked.len(), 2, "{bad:?}");
    }
    let (result, asked) = check(&READ, vec![Answer::new(400, r#"{"__type":"ThrottlingException"}"#)]);
    assert!(matches!(result, Err(AwsError::Throttled { .. })), "{result:?}");
    assert_eq!(asked.len(), 5);
}

#[test]
fn what_will_fail_again_is_not_tried_again() {
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors>\
                  <RequestID>r-9</RequestID></Response>";
    let (result, asked) = check(&ONCE, vec![Answer::new(403, denied)]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "ec2:CreateSnapshot: not allowed (UnauthorizedOperation): no (request r-9)"
    );
    assert_eq!(asked.len(), 1);
    let (result, asked) = check(&ONCE, vec![Answer::new(0, "")]);
    assert!(matches!(result, Err(AwsError::Unavailable { may_be_done: true, .. })), "{result:?}");
    assert_eq!(asked.len(), 1, "it may have been done, and twice is not as once");
    for (status, code) in [
        (400, "WAFInvalidParameterException"),
        (400, "WAFOptimisticLockException"),
        (400, "WAFLimitsExceededException"),
        (404, "x"),
    ] {
        let (result, asked) = check(&READ, vec![Answer::new(status, json!({"__type": code}).to_string())]);
        assert_eq!(result.unwrap_err().code(), Some(code));
        assert_eq!(asked.len(), 1);
    }
}

#[test]
fn words_of_aws_are_sorted() {
    let sorted = |operation, status, code: &str| {
        let body = format!("<Error><Code>{code}</Code></Error>");
        format!("{:?}", check(operation, vec![Answer::new(status, body)]).0.unwrap_err())
    };
    for (status, code, expected) in [
        (404, "NoSuchEntity", "NotFound"),
        (400, "InvalidInstanceID.NotFound", "NotFound"),
        (403, "AccessDenied", "Denied"),
        (403, "SignatureDoesNotMatch", "Denied"),
        (400, "ExpiredToken", "Denied"),
        (400, "RequestLimitExceeded", "Throttled"),
        (412, "DryRunOperation", "Rejected"),
        (409, "EntityAlreadyExists", "Rejected"),
        (400, "LimitExceeded", "Rejected"),
        (409, "ConcurrentModification", "Conflict"),
    ] {
        let operation = if expected == "Throttled" { &ONCE } else { &QUERY };
        assert!(sorted(operation, status, code).starts_with(expected), "{code}");
    }
}

#[test]
fn what_only_headers_say_is_heard() {
    let answer = Answer::new(400, "{}")
        .with("x-amzn-errortype", "BadRequestException:http://x/")
        .with("x-amzn-requestid", "r-1");
    let error = check(&LOOK, vec![answer]).0.unwrap_err();
    assert_eq!(
        error.to_string(),
        "guardduty:ListDetectors: rejected (BadRequestException): HTTP 400 without a message (request r-1)"
    );
    static QUEUE: Operation = Operation::read(Service::Sqs, "GetQueueAttributes");
    let answer = Answer::new(400, "").with("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
    let server = Server::start(move |_, _| answer.clone());
    let queue = Call { operation: &QUEUE, input: Input::Json(json!({})) };
    assert!(client_at(&server.url()).send(&queue).unwrap_err().is_not_found());
}

#[test]
fn a_bucket_in_another_region_is_explained() {
    let body = "<Error><Code>PermanentRedirect</Code><Message>use the endpoint</Message></Error>";
    for answer in [
        Answer::new(301, body).with("x-amz-bucket-region", "us-west-2"),
        Answer::new(
            400,
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>us-west-2</Region></Error>",
        ),
    ] {
        let (result, asked) = check(&BUCKET, vec![answer]);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("the bucket is in us-west-2, the call went to eu-west-3"), "{error}");
        assert_eq!(asked.len(), 1);
        assert_eq!((asked[0].path.as_str(), asked[0].method.as_str()), ("/logs/detector?a=b%20c", "PUT"));
    }
}

#[test]
fn retry_after_is_kept() {
    let later = Answer::new(503, "").with("retry-after", "1");
    let begun = Instant::now();
    let (result, _) = check(&READ, vec![later, Answer::new(200, "{}")]);
    assert!(result.is_ok() && begun.elapsed() >= Duration::from_secs(1));
    let (result, asked) = check(&READ, vec![Answer::new(503, "").with("retry-after", "3600")]);
    assert!(matches!(result, Err(AwsError::Unavailable { .. })));
    assert_eq!(asked.len(), 1, "nobody waits for an hour");
}

#[test]
fn what_could_not_be_opened_was_not_done() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = client_at(&closed).until(Instant::now() + Duration::from_millis(300));
    let begun = Instant::now();
    let error = client.send(&call(&ONCE)).unwrap_err();
    assert!(matches!(error, AwsError::Unavailable { may_be_done: false, .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(1), "the caller's own end is kept");
    let late = client_at(&closed).until(Instant::now());
    assert!(late.send(&call(&READ)).unwrap_err().to_string().contains("no time is left"));
}

#[test]
fn a_server_that_is_silent_is_left_in_time() {
    let server = Server::start(|_, _| {
        std::thread::sleep(Duration::from_secs(5));
        Answer::new(200, "{}")
    });
    let begun = Instant::now();
    let error = client_at(&server.url()).until(begun + Duration::from_millis(300)).send(&call(&READ)).unwrap_err();
    assert!(matches!(error, AwsError::Unavailable { may_be_done: true, .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_wrong_clock_is_put_right_once() {
    // This server lives an hour ahead and takes only what is signed in its own time.
    let theirs = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let hour = theirs.strftime("%Y%m%dT%H").to_string();
    for (operation, code) in [
        (&READ, r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#),
        (&QUERY, "<E><Code>SignatureDoesNotMatch</Code></E>"),
    ] {
        let (hour, date) = (hour.clone(), date.clone());
        let server = Server::start(move |asked, _| {
            let good = asked.header("x-amz-date").starts_with(&hour) || asked.header("x-amz-date") > &*hour;
            if good { Answer::new(200, "") } else { Answer::new(403, code).with("date", &date) }
        });
        let client = client_at(&server.url());
        client.send(&call(operation)).unwrap();
        assert_eq!(server.asked().len(), 2);
        client.send(&call(operation)).unwrap();
        assert_eq!(server.asked().len(), 3, "the clock stays right");
    }
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let (result, asked) =
        check(&QUERY, vec![Answer::new(403, "<E><Code>SignatureDoesNotMatch</Code></E>").with("date", &now)]);
    assert!(matches!(result, Err(AwsError::Denied { .. })));
    assert_eq!(asked.len(), 1, "a wrong key is no wrong clock");
}

#[test]
fn hostile_characters_arrive_as_they_are() {
    let hostile = "a&b=c d+e%20\"'<>{}\\\u{0}\u{1f512}é\n;#?/";
    let server = Server::start(|_, _| Answer::new(200, ""));
    let client = client_at(&server.url());
    client.send(&Call { operation: &READ, input: Input::Json(json!({ "k": hostile })) }).unwrap();
    client
        .send(&Call { operation: &QUERY, input: Input::Query(vec![(hostile.to_owned(), hostile.to_owned())]) })
        .unwrap();
    let asked = server.asked();
    assert_eq!(serde_json::from_str::<Value>(&asked[0].body).unwrap()["k"], hostile);
    let pair = asked[1].body.strip_prefix("Action=GetUser&Version=2010-05-08&").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!((decoded(name), decoded(value)), (hostile.to_owned(), hostile.to_owned()));
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The example in "Create a signed AWS API request" of the IAM User Guide and in AWS's own test suite for signers.
#[test]
fn the_signature_is_that_of_the_published_example() {
    let request = http::Request::builder()
        .method("GET")
        .uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Vec::new())
        .unwrap();
    let at = SystemTime::from("2015-08-30T12:36:00Z".parse::<jiff::Timestamp>().unwrap());
    let signed = sign::sign(request, Service::Iam, &Region::new("us-east-1").unwrap(), &credentials(), at).unwrap();
    assert_eq!(signed.headers()["x-amz-date"], "20150830T123600Z");
    assert_eq!(
        signed.headers()["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

#[test]
fn calls_are_written_down_and_secrets_are_not() {
    let server = Server::start(|_, _| Answer::new(200, "{}"));
    let mut options = ClientOptions::new(Region::new("eu-west-3").unwrap());
    options.endpoints = Endpoints::all_at(server.url());
    options.credentials = Some(credentials());
    options.mode = Mode::DryRun;
    let client = Client::new(options.clone());
    assert_eq!(client.send(&call(&ONCE)).unwrap().body(), "");
    client.send(&call(&READ)).unwrap();
    assert_eq!(server.asked().len(), 1, "a dry run only looks");
    let names: Vec<&str> = client.calls().iter().map(|(operation, _)| operation.name).collect();
    assert_eq!(names, ["CreateSnapshot", "GetIPSet"]);
    let token = Input::Query(vec![("WebIdentityToken".to_owned(), "hush".to_owned())]);
    for shown in [format!("{token:?}"), format!("{client:?} {options:?}")] {
        assert!(!shown.contains("hush") && !shown.contains("wJalr"), "{shown}");
    }
}

#[test]
fn a_request_without_a_body_has_none() {
    let (result, asked) = check(&LOOK, vec![Answer::new(200, r#"{"detectorIds":[]}"#)]);
    assert!(result.is_ok());
    assert_eq!(
        (&*asked[0].method, &*asked[0].path, asked[0].header("content-length")),
        ("GET", "/detector?a=b%20c", "")
    );
}

#[test]
fn a_dead_region_is_soon_tried_once_only() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = client_at(&closed);
    // What other calls have used up by now.
    while client.shared.quota.take(Service::Waf, client.region(), true).is_some() {}
    let begun = Instant::now();
    for _ in 0..20 {
        assert!(matches!(client.send(&call(&READ)), Err(AwsError::Unavailable { may_be_done: false, .. })));
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "nobody waits for it");
}

#[test]
fn answers_that_are_no_answers_are_errors() {
    for body in ["{", "<a>", &"[".repeat(20_000), "\u{0}"] {
        let reply = check(&READ, vec![Answer::new(200, body)]).0.unwrap();
        assert!(matches!(reply.json(), Err(AwsError::Unreadable { .. })));
    }
    for body in ["{}", "<a>", "<a></b>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", &"<a>".repeat(20_000)] {
        let reply = check(&QUERY, vec![Answer::new(200, body)]).0.unwrap();
        assert!(matches!(reply.xml(|root| root.tag_name().name().len()), Err(AwsError::Unreadable { .. })), "{body}");
    }
    let long = |bytes: usize| check(&READ, vec![Answer::new(200, "1".repeat(bytes))]);
    assert_eq!(long(16 << 20).0.unwrap().body().len(), 16 << 20);
    let (result, asked) = long((16 << 20) + 1);
    assert!(matches!(result, Err(AwsError::Unreadable { .. })));
    assert_eq!(asked.len(), 1);
    let nothing = check(&QUERY, vec![Answer::new(200, " ")]).0.unwrap();
    assert_eq!(nothing.xml(|root| root.tag_name().name().to_owned()).unwrap(), "nothing");
    assert_eq!(nothing.json().unwrap(), json!({}));
}
