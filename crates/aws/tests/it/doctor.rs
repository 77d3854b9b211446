//! The doctor: on moto where everything is there, and where it is not; and before servers that say no.

use serde_json::json;
use vigie_aws::{Check, Health, NaclRange, Operation, Service, Settings, doctor};
use vigie_aws_fake::Moto;

use crate::sample::Account;

static CREATE_VPC: Operation = Operation::write(Service::Ec2, "CreateVpc");
static CREATE_SUBNET: Operation = Operation::write(Service::Ec2, "CreateSubnet");
static CREATE_ACL: Operation = Operation::write(Service::Ec2, "CreateNetworkAcl");
static CREATE_ENTRY: Operation = Operation::write(Service::Ec2, "CreateNetworkAclEntry");
static CREATE_GROUP: Operation = Operation::write(Service::Ec2, "CreateSecurityGroup");
static REVOKE_EGRESS: Operation = Operation::write(Service::Ec2, "RevokeSecurityGroupEgress");
static DESCRIBE_ACLS: Operation = Operation::read(Service::Ec2, "DescribeNetworkAcls");
static RUN: Operation = Operation::write(Service::Ec2, "RunInstances");
static CREATE_IP_SET: Operation = Operation::write(Service::Waf, "CreateIPSet");
static CREATE_TOPIC: Operation = Operation::write(Service::Sns, "CreateTopic");
static SUBSCRIBE: Operation = Operation::write(Service::Sns, "Subscribe");
static CREATE_QUEUE: Operation = Operation::write(Service::Sqs, "CreateQueue");
static CREATE_TABLE: Operation = Operation::write(Service::DynamoDb, "CreateTable");

fn state(checks: &[Check], what: &str) -> (Health, String) {
    let found = checks.iter().find(|check| check.what.contains(what));
    let found = found.unwrap_or_else(|| panic!("nothing about {what}: {checks:#?}"));
    assert_eq!(found.state == Health::Bad, !found.fix.is_empty() && found.state != Health::Unknown, "{found:?}");
    (found.state, found.detail.clone())
}

#[test]
fn an_account_is_looked_at() {
    let Some(moto) = Moto::start() else { return };
    let mut account = Account::new(&moto.url(), json!({}));
    let settings = set_up(&account);
    account.settings = settings.clone();
    let look = |settings: &Settings| doctor(&account.maker, settings);
    let checks = look(&settings);
    for good in ["identity", "IP set v4", "IP set v6", "network ACL", "quarantine group", "table", "queue", "topic"] {
        assert_eq!(state(&checks, good).0, Health::Good, "{good}: {checks:#?}");
    }
    assert_eq!(state(&checks, "GuardDuty"), (Health::Bad, "no detector".to_owned()));
    assert!(state(&checks, "network ACL").1.contains("0 blocked, 16 rule numbers free, 1 subnets"));
    for allowed in ["ec2:CreateNetworkAclEntry", "ec2:ModifyInstanceAttribute", "ec2:CreateSnapshots"] {
        assert_ne!(state(&checks, allowed).0, Health::Bad);
    }

    let acl = &settings.nacl.ids[0];
    account.make(&CREATE_ENTRY, &entry(acl, 12, "allow"), "");
    account.make(&CREATE_ENTRY, &entry(acl, 5, "allow"), "");
    let checks = look(&settings);
    let details: Vec<_> = checks.iter().filter(|check| check.what.contains(acl)).map(|check| &*check.detail).collect();
    assert!(details[0].contains("rules 12 in our range are somebody else's"), "{details:?}");
    assert!(details[1].contains("rule 5 allows before ours deny"), "{details:?}");

    let mut wrong = settings.clone();
    wrong.waf[0].ipv4.id = "gone".to_owned();
    wrong.waf[0].ipv6 = None;
    wrong.nacl = NaclRange { ids: vec!["acl-00000000000000000".to_owned()], ..NaclRange::default() };
    let vpc = settings.quarantine_groups.keys().next().unwrap();
    let default_group =
        account.make(&CREATE_GROUP, &format!("VpcId={vpc} GroupName=open GroupDescription=x"), "groupId");
    wrong.quarantine_groups.insert(vpc.clone(), default_group);
    wrong.table = Some("gone".to_owned());
    wrong.edge_queue =
        Some(account.make_json(&CREATE_QUEUE, json!({"QueueName": "plain"}))["QueueUrl"].as_str().unwrap().to_owned());
    wrong.topic = Some(account.make(&CREATE_TOPIC, "Name=silent", "TopicArn"));
    let checks = look(&wrong);
    for (bad, part) in [
        ("IP set v4", "not found"),
        ("IP set for IPv6", "pass"),
        ("network ACL acl-0", ""),
        ("quarantine group", "0 rules let in, 1 let out"),
        ("table gone", "not found"),
        ("queue", "no FIFO"),
        ("topic", "nobody listens"),
    ] {
        let (health, detail) = state(&checks, bad);
        assert!(health == Health::Bad && detail.contains(part), "{bad}: {detail}");
    }
    let checks = look(&Settings::default());
    assert!(
        checks.iter().all(|check| check.state != Health::Good
            || ["identity"].contains(&&*check.what)
            || check.what.contains("permission")),
        "{checks:#?}"
    );
    let changed = account
        .maker
        .calls()
        .iter()
        .any(|(operation, input)| operation.name.starts_with("Modify") && input["DryRun"] != "true");
    assert!(!changed);
}

fn entry(acl: &str, number: u16, verdict: &str) -> String {
    format!(
        "NetworkAclId={acl} RuleNumber={number} Protocol=-1 RuleAction={verdict} Egress=false CidrBlock=198.51.100.0/24"
    )
}

fn set_up(account: &Account) -> Settings {
    let set = |name: &str, version: &str| {
        let input = json!({"Name": name, "Scope": "REGIONAL", "IPAddressVersion": version, "Addresses": []});
        json!({"name": name, "id": account.make_json(&CREATE_IP_SET, input)["Summary"]["Id"]})
    };
    let vpc = account.make(&CREATE_VPC, "CidrBlock=10.9.0.0/16", "vpcId");
    let subnet = account.make(&CREATE_SUBNET, &format!("VpcId={vpc} CidrBlock=10.9.1.0/24"), "subnetId");
    account.make(&CREATE_ACL, &format!("VpcId={vpc}"), "networkAclId");
    // The VPC's own network ACL is the one that the subnet has.
    let filter = format!("Filter.1.Name=association.subnet-id Filter.1.Value.1={subnet}");
    let acl = account.make(&DESCRIBE_ACLS, &filter, "networkAclId");
    let group = account.make(&CREATE_GROUP, &format!("VpcId={vpc} GroupName=quarantine GroupDescription=q"), "groupId");
    let every = "IpPermissions.1.IpProtocol=-1 IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0";
    account.make(&REVOKE_EGRESS, &format!("GroupId={group} {every}"), "");
    account.make(&RUN, &format!("ImageId=ami-12c6146b MinCount=1 MaxCount=1 SubnetId={subnet}"), "instanceId");
    account.make_json(&CREATE_TABLE, json!({
        "TableName": "decisions", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"}, {"AttributeName": "expires", "AttributeType": "N"}],
        "GlobalSecondaryIndexes": [{"IndexName": "by_state", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "expires", "KeyType": "RANGE"}]}],
    }));
    let queues = format!("arn:aws:sqs:{}:123456789012", account.maker.region());
    let dead = account.make_json(&CREATE_QUEUE, json!({"QueueName": "dead.fifo", "Attributes": {"FifoQueue": "true"}}));
    assert!(dead["QueueUrl"].is_string());
    let redrive = json!({"deadLetterTargetArn": format!("{queues}:dead.fifo"), "maxReceiveCount": 3}).to_string();
    let queue = account.make_json(
        &CREATE_QUEUE,
        json!({"QueueName": "edge.fifo",
        "Attributes": {"FifoQueue": "true", "RedrivePolicy": redrive}}),
    );
    account.make_json(&CREATE_QUEUE, json!({"QueueName": "tickets"}));
    let topic = account.make(&CREATE_TOPIC, "Name=alerts", "TopicArn");
    account.make(&SUBSCRIBE, &format!("TopicArn={topic} Protocol=sqs Endpoint={queues}:tickets"), "");
    serde_json::from_value(json!({
        "waf": [{"scope": "REGIONAL", "ipv4": set("v4", "IPV4"), "ipv6": set("v6", "IPV6")}],
        "nacl": {"ids": [acl]}, "quarantine_groups": {vpc: group}, "topic": topic, "table": "decisions",
        "edge_queue": queue["QueueUrl"],
    }))
    .unwrap()
}
