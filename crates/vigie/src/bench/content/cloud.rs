//! CloudTrail records: what an account's pipeline, backups and people do all day.

use fastrand::Rng;
use serde_json::{Value, json};

use super::template::{one_of, weighted};

const CALLS: [(u32, (&str, &str, bool)); 14] = [
    (16, ("ec2", "DescribeInstances", true)),
    (10, ("cloudformation", "DescribeStacks", true)),
    (10, ("s3", "GetObject", true)),
    (8, ("s3", "PutObject", false)),
    (8, ("logs", "DescribeLogGroups", true)),
    (6, ("kms", "Decrypt", true)),
    (6, ("ecr", "GetAuthorizationToken", true)),
    (6, ("ec2", "DescribeSecurityGroups", true)),
    (6, ("monitoring", "DescribeAlarms", true)),
    (6, ("autoscaling", "DescribeAutoScalingGroups", true)),
    (4, ("dynamodb", "DescribeTable", true)),
    (4, ("sqs", "GetQueueAttributes", true)),
    (2, ("lambda", "Invoke", false)),
    (2, ("rds", "DescribeDBInstances", true)),
];

const ACCOUNT: &str = "111122223333";

/// Returns a record with gaps.
pub(super) fn record(rng: &mut Rng) -> String {
    let (service, call, reads) = *weighted(rng, &CALLS);
    let region = one_of(rng, &["eu-west-3", "eu-west-1", "us-east-1"]);
    let data = service == "s3";
    let parameters = match service {
        "s3" => json!({"bucketName": "acme-orders", "key": format!("2026/{:04}/$serial$.json.gz", rng.u16(..9_999))}),
        "ec2" => {
            json!({"instancesSet": {"items": [{"instanceId": format!("i-{:017x}", rng.u64(..) >> 4)}]}, "filterSet": {}})
        }
        _ => json!({"maxResults": 50, "nextToken": "$hex$"}),
    };
    json!({
        "eventVersion": "1.09",
        "userIdentity": identity(rng),
        "eventTime": "$time$", "eventSource": format!("{service}.amazonaws.com"), "eventName": call, "awsRegion": region,
        "sourceIPAddress": format!("10.20.{}.{}", rng.u8(..), rng.u8(1..)),
        "userAgent": one_of(rng, &["aws-cli/2.31.4", "Boto3/1.34.2 md/Botocore#1.34.2", "aws-sdk-go-v2/1.36.3", "aws-sdk-java/2.31.1"]),
        "requestParameters": parameters, "responseElements": null, "requestID": "$hex$-$serial$", "eventID": "$hex$$hex$",
        "readOnly": reads, "eventType": "AwsApiCall", "managementEvent": !data, "recipientAccountId": ACCOUNT,
        "eventCategory": if data { "Data" } else { "Management" },
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": format!("{service}.{region}.amazonaws.com")},
    })
    .to_string()
}

/// Most calls are made by users of programs, one in eight in a role. (SigmaHQ has a rule that matches each of those.)
fn identity(rng: &mut Rng) -> Value {
    let who = one_of(rng, &["deploy", "backup", "monitoring", "app-orders", "app-shop", "etl"]);
    if rng.u8(..8) > 0 {
        return json!({
            "type": "IAMUser", "principalId": "AIDACKCEVSQ6C2EXAMPLE", "arn": format!("arn:aws:iam::{ACCOUNT}:user/{who}"),
            "accountId": ACCOUNT, "accessKeyId": format!("AKIAEXAMPLE{:08X}", rng.u32(..)), "userName": who,
        });
    }
    let session = format!("{who}-{:04x}", rng.u16(..));
    json!({
        "type": "AssumedRole", "principalId": format!("AROAEXAMPLEEXAMPLE:{session}"),
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{who}/{session}"), "accountId": ACCOUNT,
        "accessKeyId": format!("ASIAEXAMPLE{:08X}", rng.u32(..)),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLEEXAMPLE", "arn": format!("arn:aws:iam::{ACCOUNT}:role/{who}"),
                "accountId": ACCOUNT, "userName": who,
            },
            "attributes": {"creationDate": "$time$", "mfaAuthenticated": "false"},
        },
    })
}
