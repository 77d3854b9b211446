//! An example of each type of finding, as EventBridge delivers it.
//!
//! The shapes are those of GuardDuty's API reference; addresses are of the documentation ranges (RFC 5737, RFC 3849),
//! accounts and ids are made up. Each stands for its type in tests, in the reference and at the command line.

use serde_json::{Value, json};

use super::ResourceRole;
use super::types::{FindingType, Shape};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-3";
const TIME: &str = "2026-03-01T12:00:00.000Z";
const REMOTE: &str = "203.0.113.9";

/// Returns an event with a finding of this type in which our resource plays this part.
pub fn example_finding(kind: &FindingType, role: ResourceRole) -> Value {
    let action = action(kind, role);
    let mut service = json!({
        "serviceName": "guardduty",
        "detectorId": "12abc34d567e8fa901bc2d34e56789f0",
        "resourceRole": role.as_str(),
        "archived": false,
        "count": 1,
        "eventFirstSeen": TIME,
        "eventLastSeen": TIME,
        "additionalInfo": {"value": "{}", "type": "default"},
    });
    if let Value::Object(_) = action {
        service["action"] = action;
    }
    match kind.shape {
        Shape::Sequence => service["detection"] = json!({"sequence": sequence(kind.name)}),
        Shape::Malware => service["featureName"] = "EbsVolumeScan".into(),
        Shape::Runtime | Shape::RuntimeNetwork | Shape::RuntimeDns => {
            service["featureName"] = "RuntimeMonitoring".into();
            service["runtimeDetails"] =
                json!({"process": {"name": "xmrig", "executablePath": "/tmp/xmrig", "pid": 4242}});
        }
        Shape::Network
        | Shape::PortProbe
        | Shape::Dns
        | Shape::ApiCall
        | Shape::BucketCall
        | Shape::LambdaNetwork
        | Shape::Kubernetes
        | Shape::RdsLogin => {}
    }
    envelope(json!({
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": vigie_model::AlertId::derive([kind.name, role.as_str()]).to_string(),
        "arn": format!("arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/12abc34d567e8fa901bc2d34e56789f0/finding/1"),
        "type": kind.name,
        "severity": kind.severity_as(role),
        "createdAt": TIME,
        "updatedAt": TIME,
        "title": format!("An example of {}.", kind.name),
        "description": format!("An example of {}, with made-up names.", kind.name),
        "resource": resource(kind),
        "service": service,
    }))
}

fn envelope(detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "c8c4daa7-a20c-2f03-0070-b7393dd542ad",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": "2026-03-01T12:00:30Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    })
}

fn remote() -> Value {
    json!({
        "ipAddressV4": REMOTE,
        "country": {"countryName": "Nowhere"},
        "organization": {"asn": "64496", "asnOrg": "Documentation", "isp": "Documentation", "org": "Documentation"},
    })
}

fn action(kind: &FindingType, role: ResourceRole) -> Value {
    let direction = match role {
        ResourceRole::Target => "INBOUND",
        ResourceRole::Actor => "OUTBOUND",
    };
    match kind.shape {
        Shape::Network | Shape::LambdaNetwork | Shape::RuntimeNetwork => json!({
            "actionType": "NETWORK_CONNECTION",
            "networkConnectionAction": {
                "blocked": false,
                "connectionDirection": direction,
                "protocol": "TCP",
                "localPortDetails": {"port": 22, "portName": "SSH"},
                "remotePortDetails": {"port": 46421, "portName": "Unknown"},
                "remoteIpDetails": remote(),
            },
        }),
        Shape::PortProbe => json!({
            "actionType": "PORT_PROBE",
            "portProbeAction": {
                "blocked": false,
                "portProbeDetails": [
                    {"localPortDetails": {"port": 22, "portName": "SSH"}, "remoteIpDetails": remote()},
                    {
                        "localPortDetails": {"port": 9200, "portName": "Elasticsearch"},
                        "remoteIpDetails": {"ipAddressV4": "198.51.100.77"},
                    },
                ],
            },
        }),
        Shape::Dns | Shape::RuntimeDns => json!({
            "actionType": "DNS_REQUEST",
            "dnsRequestAction": {"domain": "pool.example.org", "protocol": "UDP", "blocked": false},
        }),
        Shape::ApiCall | Shape::BucketCall => json!({
            "actionType": "AWS_API_CALL",
            "awsApiCallAction": {
                "api": if kind.shape == Shape::BucketCall { "GetObject" } else { "ListUsers" },
                "serviceName": if kind.shape == Shape::BucketCall { "s3.amazonaws.com" } else { "iam.amazonaws.com" },
                "callerType": "Remote IP",
                "userAgent": "aws-cli/2.15.0",
                "remoteIpDetails": remote(),
            },
        }),
        Shape::Kubernetes => json!({
            "actionType": "KUBERNETES_API_CALL",
            "kubernetesApiCallAction": {
                "requestUri": "/api/v1/secrets",
                "verb": "list",
                "statusCode": 200,
                "sourceIps": [REMOTE],
                "userAgent": "kubectl/v1.29",
                "remoteIpDetails": remote(),
            },
        }),
        Shape::RdsLogin => json!({
            "actionType": "RDS_LOGIN_ATTEMPT",
            "rdsLoginAttemptAction": {
                "remoteIpDetails": remote(),
                "LoginAttributes": [{"user": "postgres", "application": "psql", "failedLoginAttempts": 40}],
            },
        }),
        Shape::Runtime | Shape::Malware | Shape::Sequence => Value::Null,
    }
}

fn instance() -> Value {
    json!({
        "instanceId": "i-0123456789abcdef0",
        "instanceType": "t3.small",
        "imageId": "ami-0123456789abcdef0",
        "instanceState": "running",
        "availabilityZone": "eu-west-3a",
        "networkInterfaces": [{
            "networkInterfaceId": "eni-0123456789abcdef0",
            "privateIpAddress": "10.0.0.10",
            "publicIp": "192.0.2.10",
            "subnetId": "subnet-0123456789abcdef0",
            "vpcId": "vpc-0123456789abcdef0",
            "ipv6Addresses": ["2001:db8:1::10"],
            "securityGroups": [{"groupId": "sg-0123456789abcdef0", "groupName": "web"}],
        }],
        "iamInstanceProfile": {"arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/web"), "id": "AIPAEXAMPLE"},
        "tags": [{"key": "Name", "value": "web-1"}],
    })
}

fn key(kind: &FindingType) -> Value {
    let (id, name, owner) = match kind.name {
        name if name.contains("CredentialExfiltration") => ("ASIAIOSFODNN7EXAMPLE", "web-role", "AssumedRole"),
        name if name.contains("Root") => ("AKIAI44QH8DHBEXAMPLE", "Root", "Root"),
        _ => ("AKIAIOSFODNN7EXAMPLE", "ci-deploy", "IAMUser"),
    };
    json!({"accessKeyId": id, "userName": name, "userType": owner, "principalId": "AIDACKCEVSQ6C2EXAMPLE"})
}

fn resource(kind: &FindingType) -> Value {
    let bucket = json!([{
        "arn": "arn:aws:s3:::example-bucket",
        "name": "example-bucket",
        "type": "Destination",
        "owner": {"id": "canonical-id"},
    }]);
    match kind.shape {
        Shape::ApiCall => json!({"resourceType": "AccessKey", "accessKeyDetails": key(kind)}),
        Shape::BucketCall => {
            json!({"resourceType": "S3Bucket", "accessKeyDetails": key(kind), "s3BucketDetails": bucket})
        }
        Shape::LambdaNetwork => json!({
            "resourceType": "Lambda",
            "lambdaDetails": {
                "functionName": "example",
                "functionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:example"),
            },
        }),
        Shape::Kubernetes => json!({
            "resourceType": "EKSCluster",
            "eksClusterDetails": {
                "name": "example",
                "arn": format!("arn:aws:eks:{REGION}:{ACCOUNT}:cluster/example"),
                "vpcId": "vpc-0123456789abcdef0",
                "status": "ACTIVE",
            },
            "kubernetesDetails": {"kubernetesUserDetails": {"username": "system:anonymous", "groups": ["system:unauthenticated"]}},
        }),
        Shape::RdsLogin => json!({
            "resourceType": "RDSDBInstance",
            "rdsDbInstanceDetails": {
                "dbInstanceIdentifier": "example",
                "engine": "Aurora PostgreSQL",
                "dbInstanceArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:example"),
            },
            "rdsDbUserDetails": {"user": "postgres", "database": "example"},
        }),
        Shape::Malware => malware(kind.name, &bucket),
        Shape::Sequence => json!({"resourceType": "AttackSequence"}),
        Shape::Network | Shape::PortProbe | Shape::Dns | Shape::Runtime | Shape::RuntimeNetwork | Shape::RuntimeDns => {
            json!({"resourceType": "Instance", "instanceDetails": instance()})
        }
    }
}

fn malware(name: &str, bucket: &Value) -> Value {
    let image = json!({"arn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:image/ami-0123456789abcdef0")});
    match name {
        _ if name.starts_with("Object:S3") => json!({"resourceType": "S3Object", "s3BucketDetails": bucket}),
        _ if name.ends_with("!AMI") => {
            json!({"resourceType": "EC2Image", "ec2ImageDetails": {"imageArn": image["arn"]}})
        }
        _ if name.ends_with("!Snapshot") => json!({
            "resourceType": "EBSSnapshot",
            "ebsSnapshotDetails": {"snapshotArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:snapshot/snap-0123456789abcdef0")},
        }),
        _ if name.ends_with("!RecoveryPoint") => json!({"resourceType": "RecoveryPoint"}),
        _ if name.contains(":EC2/") => json!({"resourceType": "Instance", "instanceDetails": instance()}),
        _ if name.contains(":ECS/") => json!({
            "resourceType": "ECSCluster",
            "ecsClusterDetails": {"name": "example", "arn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/example")},
            "instanceDetails": instance(),
        }),
        _ => json!({
            "resourceType": "EKSCluster",
            "eksClusterDetails": {"name": "example", "arn": format!("arn:aws:eks:{REGION}:{ACCOUNT}:cluster/example")},
            "instanceDetails": instance(),
        }),
    }
}

fn sequence(name: &str) -> Value {
    let instance = json!({
        "uid": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"),
        "resourceType": "EC2_INSTANCE",
        "region": REGION,
        "accountId": ACCOUNT,
    });
    let bucket = json!({"uid": "arn:aws:s3:::example-bucket", "name": "example-bucket", "resourceType": "S3_BUCKET"});
    let key = json!({
        "uid": "AKIAIOSFODNN7EXAMPLE",
        "resourceType": "ACCESS_KEY",
        "data": {"accessKey": {"principalId": "AIDACKCEVSQ6C2EXAMPLE", "userName": "ci-deploy", "userType": "IAMUser"}},
    });
    let resources = match name {
        "AttackSequence:EC2/CompromisedInstanceGroup" => vec![instance],
        "AttackSequence:S3/CompromisedData" => vec![bucket, key],
        "AttackSequence:IAM/CompromisedCredentials" => vec![key],
        _ => Vec::new(),
    };
    json!({
        "uid": "11111111-2222-3333-4444-555555555555",
        "description": "An example of an attack sequence.",
        "actors": [{
            "id": "actor-1",
            "user": {
                "name": "web-role",
                "uid": "AROACKCEVSQ6C2EXAMPLE:session",
                "type": "AssumedRole",
                "credentialUid": "ASIAIOSFODNN7EXAMPLE",
                "account": {"uid": ACCOUNT},
            },
            "session": {"uid": "session", "mfaStatus": "DISABLED", "issuer": format!("arn:aws:iam::{ACCOUNT}:role/web-role")},
        }],
        "endpoints": [
            {"id": "endpoint-1", "ip": REMOTE, "port": 443, "connection": {"direction": "INBOUND"}},
            {"id": "endpoint-2", "ip": "198.51.100.66", "port": 443, "connection": {"direction": "OUTBOUND"}},
        ],
        "resources": resources,
        "signals": [{
            "uid": "signal-1",
            "type": "FINDING",
            "name": "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
            "actorIds": ["actor-1"],
            "endpointIds": ["endpoint-1"],
            "severity": 8,
        }],
        "sequenceIndicators": [{"key": "MALICIOUS_IP", "title": "Malicious IP", "values": [REMOTE]}],
    })
}

/// Returns an event of an alarm that rings: `dimensions` are the metric's.
pub fn example_alarm(name: &str, dimensions: &[(&str, &str)]) -> Value {
    let dimensions: serde_json::Map<String, Value> =
        dimensions.iter().map(|(name, value)| ((*name).to_owned(), Value::String((*value).to_owned()))).collect();
    json!({
        "version": "0",
        "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": "2026-03-01T12:05:00Z",
        "region": REGION,
        "resources": [format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}")],
        "detail": {
            "alarmName": name,
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed: 1 datapoint [12.0] was greater than the threshold (5.0).",
                "timestamp": "2026-03-01T12:05:00.000+0000",
            },
            "previousState": {"value": "OK", "timestamp": "2026-03-01T11:00:00.000+0000"},
            "configuration": {
                "metrics": [{
                    "id": "m1",
                    "metricStat": {
                        "metric": {"namespace": "Vigie", "name": name, "dimensions": dimensions},
                        "period": 300,
                        "stat": "Sum",
                    },
                    "returnData": true,
                }],
            },
        },
    })
}
