//! What AWS says: CloudTrail records and GuardDuty findings as EventBridge delivers them.

use fastrand::Rng;
use serde_json::{Value, json};
use vigie_model::Timestamp;

use super::{Door, Script, iso_seconds, seconds};

/// The pipeline deploys, backups run, people look at the console.
pub(super) fn normal_day(script: &mut Script, rng: &mut Rng) {
    for _ in 0..520 {
        let time = script.moment(rng);
        let (service, call) = match rng.u8(..8) {
            0 => ("ec2", "DescribeInstances"),
            1 => ("s3", "GetBucketLocation"),
            2 => ("logs", "DescribeLogGroups"),
            3 => ("cloudtrail", "DescribeTrails"),
            4 => ("ecr", "GetAuthorizationToken"),
            5 => ("ec2", "DescribeSecurityGroups"),
            6 => ("cloudwatch", "DescribeAlarms"),
            _ => ("sts", "GetCallerIdentity"),
        };
        let person = script.world.people[rng.usize(..script.world.people.len())];
        let from = script.world.office.to_string();
        let key = format!("AKIAIOSFODNN{}EXAMPLE", person.to_ascii_uppercase());
        let who = Caller { user: person, key: &key, from: &from, agent: "aws-cli/2.31.4" };
        record(script, rng, time, &who, (service, call), &json!({}), None);
    }
}

/// GuardDuty tells of the probe of the web server's ports, in which our instance is the target.
pub(super) fn port_probe(script: &mut Script, rng: &mut Rng, time: Timestamp) {
    let action = json!({
        "actionType": "PORT_PROBE",
        "portProbeAction": {"blocked": false, "portProbeDetails": [{
            "localPortDetails": {"port": 22, "portName": "SSH"},
            "localIpDetails": {"ipAddressV4": script.world.web_ip.to_string()},
            "remoteIpDetails": remote(&script.world.attacker.to_string()),
        }]},
    });
    let resource = instance(script);
    guardduty(
        script,
        rng,
        time,
        ("Recon:EC2/PortProbeUnprotectedPort", 2.0),
        "Unprotected port is being probed",
        &resource,
        &action,
    );
}

/// The key that lay on the web server is used from the attacker's machine.
pub(super) fn stolen_key(script: &mut Script, rng: &mut Rng, start: Timestamp) {
    let world = script.world.clone();
    let from = world.attacker.to_string();
    script.chapter(start, format!("the AWS key of {} is used from {from}", world.cloud_user));
    let who = Caller {
        user: world.cloud_user,
        key: &world.stolen_key,
        from: &from,
        agent: "Boto3/1.34.2 md/Botocore#1.34.2 exec-env/kali",
    };
    let mut time = start;
    let mut next = |least: f64| {
        time = time.plus(seconds(least));
        time
    };
    record(script, rng, next(1.0), &who, ("sts", "GetCallerIdentity"), &json!({}), None);
    for call in [
        "ListUsers",
        "ListRoles",
        "GetAccountAuthorizationDetails",
        "ListAttachedUserPolicies",
        "ListGroups",
        "GetAccountPasswordPolicy",
    ] {
        record(script, rng, next(1.5), &who, ("iam", call), &json!({}), Some("AccessDenied"));
    }
    let tried = [
        ("rds", "DescribeDBInstances"),
        ("secretsmanager", "ListSecrets"),
        ("lambda", "ListFunctions20150331"),
        ("ec2", "DescribeVolumes"),
        ("kms", "ListKeys"),
        ("eks", "ListClusters"),
    ];
    for call in tried {
        record(script, rng, next(1.0), &who, call, &json!({}), Some("AccessDenied"));
    }
    let made_for = format!("{}-admin", world.people[0]);
    let made = json!({"userName": made_for});
    record(script, rng, next(6.0), &who, ("iam", "CreateAccessKey"), &made, None);
    let opened = json!({"groupId": "sg-0f1e2d3c4b5a69788", "ipPermissions": {"items": [
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}},
    ]}});
    record(script, rng, next(5.0), &who, ("ec2", "AuthorizeSecurityGroupIngress"), &opened, None);
    let trail = json!({"name": format!("arn:aws:cloudtrail:{}:{}:trail/main", world.region, world.account)});
    script.chapter(next(4.0), "CloudTrail is told to stop logging".to_owned());
    record(script, rng, next(0.0), &who, ("cloudtrail", "StopLogging"), &trail, None);
    script.chapter(next(6.0), format!("the bucket {} is copied out", world.bucket));
    for number in 0..rng.u32(60..90) {
        let object = json!({"bucketName": world.bucket, "key": format!("2026/export-{number:04}.csv.gz")});
        record(script, rng, next(0.4), &who, ("s3", "GetObject"), &object, None);
    }
    exfiltration(script, rng, next(10.0));
}

fn exfiltration(script: &mut Script, rng: &mut Rng, time: Timestamp) {
    let world = script.world.clone();
    let time = time.min(world.now);
    let action = json!({
        "actionType": "AWS_API_CALL",
        "awsApiCallAction": {
            "api": "GetObject", "serviceName": "s3.amazonaws.com", "callerType": "Remote IP", "errorCode": "",
            "userAgent": "Boto3/1.34.2", "remoteIpDetails": remote(&world.attacker.to_string()), "affectedResources": {},
        },
    });
    let resource = json!({
        "resourceType": "S3Bucket",
        "accessKeyDetails": {"accessKeyId": world.stolen_key, "principalId": "AIDACKCEVSQ6C2EXAMPLE", "userName": world.cloud_user, "userType": "IAMUser"},
        "s3BucketDetails": [{"arn": format!("arn:aws:s3:::{}", world.bucket), "name": world.bucket, "type": "Destination"}],
    });
    guardduty(
        script,
        rng,
        time,
        ("Exfiltration:S3/AnomalousBehavior", 8.0),
        "Unusual S3 reads by a stolen key",
        &resource,
        &action,
    );
}

/// Who calls, and from where.
struct Caller<'a> {
    user: &'a str,
    key: &'a str,
    from: &'a str,
    agent: &'a str,
}

fn record(
    script: &mut Script,
    rng: &mut Rng,
    time: Timestamp,
    who: &Caller<'_>,
    call: (&str, &str),
    parameters: &Value,
    error: Option<&str>,
) {
    let (service, name) = call;
    let (account, time) = (script.world.account, time.min(script.world.now));
    let reads = ["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb));
    let mut record = json!({
        "eventVersion": "1.09", "eventTime": iso_seconds(time), "eventSource": format!("{service}.amazonaws.com"), "eventName": name,
        "awsRegion": script.world.region, "sourceIPAddress": who.from, "userAgent": who.agent,
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDACKCEVSQ6C2EXAMPLE", "arn": format!("arn:aws:iam::{account}:user/{}", who.user),
            "accountId": account, "accessKeyId": who.key, "userName": who.user,
        },
        "requestParameters": parameters, "responseElements": null, "requestID": uuid(rng), "eventID": uuid(rng), "readOnly": reads,
        "eventType": "AwsApiCall", "managementEvent": service != "s3", "recipientAccountId": account,
        "eventCategory": if service == "s3" { "Data" } else { "Management" },
    });
    if let Some(error) = error {
        record["errorCode"] = error.into();
        record["errorMessage"] =
            format!("User: arn:aws:iam::{account}:user/{} is not authorized to perform: {service}:{name}", who.user)
                .into();
    }
    script.beat(time, Door::CloudTrail, record.to_string());
}

fn guardduty(
    script: &mut Script,
    rng: &mut Rng,
    time: Timestamp,
    kind: (&str, f64),
    title: &str,
    resource: &Value,
    action: &Value,
) {
    let (world, (kind, severity)) = (script.world.clone(), kind);
    let (at, id) = (iso_seconds(time.min(world.now)), uuid(rng).replace('-', ""));
    let detector = "12abc34d567e8fa901bc2d34e56789f0";
    let envelope = json!({
        "version": "0", "id": uuid(rng), "detail-type": "GuardDuty Finding", "source": "aws.guardduty",
        "account": world.account, "time": at, "region": world.region, "resources": [],
        "detail": {
            "schemaVersion": "2.0", "accountId": world.account, "region": world.region, "partition": "aws", "id": id,
            "arn": format!("arn:aws:guardduty:{}:{}:detector/{detector}/finding/{id}", world.region, world.account),
            "type": kind, "severity": severity, "title": title, "description": title, "createdAt": at, "updatedAt": at,
            "resource": resource,
            "service": {
                "serviceName": "guardduty", "detectorId": detector, "resourceRole": "TARGET", "archived": false, "count": 1,
                "eventFirstSeen": at, "eventLastSeen": at, "action": action, "additionalInfo": {"type": "default", "value": "{}"},
            },
        },
    });
    script.beat(time.min(world.now), Door::GuardDuty, envelope.to_string());
}

fn instance(script: &Script) -> Value {
    json!({
        "resourceType": "Instance",
        "instanceDetails": {
            "instanceId": script.world.instance, "instanceType": "t3.small", "availabilityZone": format!("{}a", script.world.region),
            "networkInterfaces": [{
                "networkInterfaceId": "eni-0a1b2c3d4e5f60718", "privateIpAddress": script.world.web_ip.to_string(),
                "subnetId": "subnet-0123456789abcdef0", "vpcId": "vpc-0123456789abcdef0", "ipv6Addresses": [],
                "securityGroups": [{"groupId": "sg-0f1e2d3c4b5a69788", "groupName": "web"}],
            }],
            "tags": [{"key": "Name", "value": script.world.hosts[0]}],
        },
    })
}

fn remote(address: &str) -> Value {
    json!({
        "ipAddressV4": address, "country": {"countryName": "Example"}, "city": {"cityName": ""},
        "organization": {"asn": "64500", "asnOrg": "Example Hosting", "isp": "Example", "org": "Example"},
        "geoLocation": {"lat": 0.0, "lon": 0.0},
    })
}

fn uuid(rng: &mut Rng) -> String {
    let (high, low) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
