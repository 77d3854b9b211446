//! Every action and its undo on moto, with what AWS then says read back.

use serde_json::{Value, json};
use vigie_aws::ec2::{Direction, Verdict, describe_network_acls, is_protected, profile_associations};
use vigie_aws::{Call, Input, IpSet, Operation, Scope, Service};
use vigie_aws::{iam, s3, waf};
use vigie_aws_fake::Moto;

use crate::sample::Account;

const fn ec2(name: &'static str) -> Operation {
    Operation::write(Service::Ec2, name)
}
const fn on_iam(name: &'static str) -> Operation {
    Operation::write(Service::Iam, name)
}
static CREATE_VPC: Operation = ec2("CreateVpc");
static CREATE_SUBNET: Operation = ec2("CreateSubnet");
static CREATE_ACL: Operation = ec2("CreateNetworkAcl");
static CREATE_GROUP: Operation = ec2("CreateSecurityGroup");
static REVOKE_EGRESS: Operation = ec2("RevokeSecurityGroupEgress");
static CREATE_INTERFACE: Operation = ec2("CreateNetworkInterface");
static ATTACH_INTERFACE: Operation = ec2("AttachNetworkInterface");
static RUN: Operation = ec2("RunInstances");
static SNAPSHOTS: Operation = Operation::read(Service::Ec2, "DescribeSnapshots");
static CREATE_ROLE: Operation = on_iam("CreateRole");
static CREATE_PROFILE: Operation = on_iam("CreateInstanceProfile");
static ADD_ROLE: Operation = on_iam("AddRoleToInstanceProfile");
static CREATE_USER: Operation = on_iam("CreateUser");
static CREATE_KEY: Operation = on_iam("CreateAccessKey");
static CREATE_IP_SET: Operation = Operation::write(Service::Waf, "CreateIPSet");
static CREATE_BUCKET: Operation = Operation::write(Service::S3, "CreateBucket");
static CREATE_TOPIC: Operation = Operation::write(Service::Sns, "CreateTopic");
static SUBSCRIBE: Operation = Operation::write(Service::Sns, "Subscribe");
static CREATE_QUEUE: Operation = Operation::write(Service::Sqs, "CreateQueue");
static RECEIVE: Operation = Operation::read(Service::Sqs, "ReceiveMessage");

#[test]
fn edge() {
    let Some(moto) = Moto::start() else { return };
    edge_blocks(&mut Account::new(&moto.url(), json!({})));
}

#[test]
fn instances() {
    let Some(moto) = Moto::start() else { return };
    let mut account = Account::new(&moto.url(), json!({}));
    an_instance_is_isolated_and_let_go(&mut account);
    a_shared_instance_is_stopped(&mut account);
}

#[test]
fn identities() {
    let Some(moto) = Moto::start() else { return };
    identities_and_buckets(&mut Account::new(&moto.url(), json!({})));
}

/// Blocks and unblocks, IPv4 and IPv6, in a Region and before CloudFront, and in a network ACL.
pub(crate) fn edge_blocks(account: &mut Account) {
    let set = |name: &str, scope: &str, version: &str| {
        let input = json!({"Name": name, "Scope": scope, "IPAddressVersion": version, "Addresses": ["192.0.2.0/24"],
            "Description": "ours"});
        let made = account.make_json(&CREATE_IP_SET, input);
        json!({"name": name, "id": made["Summary"]["Id"]})
    };
    let waf = json!([
        {"scope": "REGIONAL", "ipv4": set("v4", "REGIONAL", "IPV4"), "ipv6": set("v6", "REGIONAL", "IPV6")},
        {"scope": "CLOUDFRONT", "ipv4": set("cf4", "CLOUDFRONT", "IPV4")},
    ]);
    let vpc = account.make(&CREATE_VPC, "CidrBlock=10.9.0.0/16", "vpcId");
    let acl = account.make(&CREATE_ACL, &format!("VpcId={vpc}"), "networkAclId");
    account.settings.waf = serde_json::from_value(waf.clone()).unwrap();
    account.settings.nacl.ids = vec![acl.clone()];

    let addresses = |pair: usize, kind: &str| {
        let scope = if pair == 0 { Scope::Regional } else { Scope::Cloudfront };
        let set: IpSet = serde_json::from_value(waf[pair][kind].clone()).unwrap();
        let content = waf::get_ip_set(&account.maker, scope, &set).unwrap();
        assert_eq!(content.description.as_deref(), Some("ours"));
        content.addresses[1..].join(" ")
    };
    let rules = || {
        let entries = describe_network_acls(&account.maker, &[&acl]).unwrap().remove(0).entries;
        let ours = entries.into_iter().filter(|entry| entry.verdict == Verdict::Deny);
        ours.map(|entry| format!("{} {}", entry.number, entry.network.unwrap())).collect::<Vec<_>>().join(", ")
    };
    let mut undos = Vec::new();
    for (ip, v4, v6, denied) in [
        ("203.0.113.7", "203.0.113.7/32", "", "10 203.0.113.7/32"),
        ("203.0.113.7/32", "203.0.113.7/32", "", "10 203.0.113.7/32"),
        ("2001:db8::0007", "203.0.113.7/32", "2001:db8::7/128", "10 203.0.113.7/32, 11 2001:db8::7/128"),
    ] {
        for kind in ["waf.block_ip", "nacl.block_ip"] {
            undos.push((kind, account.execute(kind, &json!({"ip": ip})).unwrap().undo));
        }
        assert_eq!((addresses(0, "ipv4"), addresses(0, "ipv6")), (v4.to_owned(), v6.to_owned()));
        assert_eq!((addresses(1, "ipv4"), rules()), (v4.to_owned(), denied.to_owned()));
    }
    for (kind, undo) in undos {
        account.undo(kind, &undo).unwrap();
    }
    assert_eq!((addresses(0, "ipv4"), addresses(0, "ipv6"), addresses(1, "ipv4"), rules()), Default::default());
    for wrong in ["0.0.0.0/0", "::/0", "example.org", ""] {
        account.execute("waf.block_ip", &json!({"ip": wrong})).unwrap_err();
        account.execute("nacl.block_ip", &json!({"ip": wrong})).unwrap_err();
    }
}

struct Place {
    vpc: String,
    subnet: String,
    group: String,
    quarantine: String,
}

fn place(account: &Account, network: u8) -> Place {
    let vpc = account.make(&CREATE_VPC, &format!("CidrBlock=10.{network}.0.0/16"), "vpcId");
    let subnet = account.make(&CREATE_SUBNET, &format!("VpcId={vpc} CidrBlock=10.{network}.1.0/24"), "subnetId");
    let group = |name: &str| {
        account.make(&CREATE_GROUP, &format!("VpcId={vpc} GroupName={name} GroupDescription={name}"), "groupId")
    };
    let (group, quarantine) = (group("web"), group("quarantine"));
    let every = "IpPermissions.1.IpProtocol=-1 IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0";
    account.make(&REVOKE_EGRESS, &format!("GroupId={quarantine} {every}"), "");
    let tag = format!("ResourceId.1={quarantine} Tag.1.Key=vigie:quarantine Tag.1.Value=true");
    account.make(&vigie_aws::ec2::CREATE_TAGS, &tag, "");
    Place { vpc, subnet, group, quarantine }
}

fn run(account: &Account, place: &Place) -> String {
    let Place { subnet, group, .. } = place;
    // Groups named for the instance instead of its interface would never leave the interface: moto adds them to whatever
    // ModifyNetworkInterfaceAttribute sets.
    let interface = format!("NetworkInterface.1.SubnetId={subnet} NetworkInterface.1.SecurityGroupId.1={group}");
    let more = format!("MinCount=1 MaxCount=1 NetworkInterface.1.DeviceIndex=0 {interface}");
    account.make(&RUN, &format!("ImageId=ami-12c6146b {more}"), "instanceId")
}

/// Two interfaces, alone in its subnet, with a profile: isolated, a repeat changes nothing, let go as it was.
pub(crate) fn an_instance_is_isolated_and_let_go(account: &mut Account) {
    let place = place(account, 1);
    let id = run(account, &place);
    let interface = account.make(
        &CREATE_INTERFACE,
        &format!("SubnetId={} SecurityGroupId.1={}", place.subnet, place.group),
        "networkInterfaceId",
    );
    account.make(&ATTACH_INTERFACE, &format!("InstanceId={id} NetworkInterfaceId={interface} DeviceIndex=1"), "");
    account.make(&CREATE_ROLE, "RoleName=web AssumeRolePolicyDocument={}", "");
    let profile = account.make(&CREATE_PROFILE, "InstanceProfileName=web", "Arn");
    account.make(&ADD_ROLE, "InstanceProfileName=web RoleName=web", "");
    let with = format!("InstanceId={id} IamInstanceProfile.Arn={profile}");
    account.make(&vigie_aws::ec2::ASSOCIATE_IAM_INSTANCE_PROFILE, &with, "");

    let state = |account: &Account| {
        let mut instance = account.instance(&id);
        instance.interfaces.sort_by(|a, b| a.id.cmp(&b.id));
        let acl = vigie_aws::ec2::describe_subnet_acl(&account.maker, &place.subnet).unwrap().unwrap();
        let profiles = profile_associations(&account.maker, &id).unwrap();
        let profiles: Vec<String> = profiles.into_iter().map(|one| one.profile).collect();
        (instance, acl, is_protected(&account.maker, &id).unwrap(), profiles)
    };
    let before = state(account);
    assert_eq!(before.0.interfaces.len(), 2);

    let taken = account.execute("ec2.snapshot", &json!({"instance": id})).unwrap();
    let again = account.execute("ec2.snapshot", &json!({"instance": id})).unwrap();
    assert_eq!(taken.undo, again.undo);
    let snapshots = account.make(&SNAPSHOTS, "Filter.1.Name=tag:vigie:instance Filter.1.Value.1=none", "snapshotId");
    assert_eq!(snapshots, "");
    let filter = format!("Filter.1.Name=tag:vigie:instance Filter.1.Value.1={id}");
    assert_eq!(json!(account.make(&SNAPSHOTS, &filter, "snapshotId")), taken.undo["snapshots"][0]);
    account.undo("ec2.snapshot", &taken.undo).unwrap_err();

    let first = account.execute("ec2.isolate_instance", &json!({"instance": id})).unwrap();
    let isolated = state(account);
    for interface in &isolated.0.interfaces {
        assert_eq!(interface.groups, [place.quarantine.as_str()]);
    }
    assert!(isolated.2 && isolated.3.is_empty());
    assert_eq!(isolated.0.tags["vigie:reason"], "test of ec2.isolate_instance");
    for direction in [Direction::Ingress, Direction::Egress] {
        let entry = isolated.1.entries.iter().find(|entry| entry.direction == direction && entry.number == 1);
        let entry = entry.expect("everything is dropped first");
        assert_eq!((entry.verdict, entry.network), (Verdict::Deny, Some("0.0.0.0/0".parse().unwrap())));
    }

    let second = account.execute("ec2.isolate_instance", &json!({"instance": id})).unwrap();
    assert_eq!(second.undo, first.undo);
    assert_eq!(state(account), isolated);

    account.undo("ec2.isolate_instance", &first.undo).unwrap();
    assert_eq!(state(account), before);
    account.undo("ec2.isolate_instance", &first.undo).unwrap();
    assert_eq!(state(account), before);
}

/// In a shared subnet a network ACL would hit the neighbours.
pub(crate) fn a_shared_instance_is_stopped(account: &mut Account) {
    let place = place(account, 2);
    let (id, neighbour) = (run(account, &place), run(account, &place));
    let neighbour_before = account.instance(&neighbour);
    let before = account.instance(&id);
    let told = account.execute("ec2.isolate_instance", &json!({"instance": neighbour})).unwrap();
    assert!(told.note.contains("stay open") && told.note.contains("1 other interface"), "{}", told.note);
    account.undo("ec2.isolate_instance", &told.undo).unwrap();

    account.settings.shared_subnet = vigie_aws::SharedSubnet::Stop;
    account.settings.quarantine_groups = [(place.vpc.clone(), place.quarantine.clone())].into();
    let outcome = account.execute("ec2.isolate_instance", &json!({"instance": id})).unwrap();
    assert_eq!(account.instance(&id).state, "stopped");
    assert_eq!(account.instance(&neighbour), neighbour_before);
    account.undo("ec2.isolate_instance", &outcome.undo).unwrap();
    assert_eq!(account.instance(&id), before);
    account.settings.shared_subnet = vigie_aws::SharedSubnet::Tell;
}

pub(crate) fn identities_and_buckets(account: &mut Account) {
    account.make(&CREATE_USER, "UserName=mallory", "");
    let key = account.make(&CREATE_KEY, "UserName=mallory", "AccessKeyId");
    let status = || iam::list_access_keys(&account.maker, "mallory").unwrap()[0].1;
    let disabled = account.execute("iam.disable_access_key", &json!({"key": key, "user": "mallory"})).unwrap();
    assert_eq!(status(), iam::KeyStatus::Inactive);
    let again = account.execute("iam.disable_access_key", &json!({"key": key})).unwrap();
    assert_eq!(again.undo["was"], "Inactive");
    account.undo("iam.disable_access_key", &again.undo).unwrap();
    assert_eq!(status(), iam::KeyStatus::Inactive);
    account.undo("iam.disable_access_key", &disabled.undo).unwrap();
    assert_eq!(status(), iam::KeyStatus::Active);
    for (key, reason) in [
        ("ASIAABCDEFGHIJKLMNOP", "revoke the role's sessions instead"),
        ("AKIAABCDEFGHIJKLMNOP", ""),
        ("AROAABCDEFGHIJKLMNOP", "only a user's"),
        ("AKIA", "expected the id"),
    ] {
        let error = account.execute("iam.disable_access_key", &json!({"key": key})).unwrap_err();
        assert!(error.to_string().contains(reason) && !error.is_retryable(), "{error}");
    }

    for user in ["Root", "<root_account>"] {
        let named = json!({"key": "AKIAABCDEFGHIJKLMNOP", "user": user});
        let error = account.execute("iam.disable_access_key", &named).unwrap_err();
        assert!(error.to_string().contains("root user"), "{error}");
    }

    let attached = || iam::list_attached_user_policies(&account.maker, "mallory").unwrap();
    let quarantined = account.execute("iam.quarantine_user", &json!({"user": "mallory"})).unwrap();
    assert_eq!(attached(), ["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"]);
    let again = account.execute("iam.quarantine_user", &json!({"user": "mallory"})).unwrap();
    account.undo("iam.quarantine_user", &again.undo).unwrap();
    assert_eq!(attached().len(), 1);
    account.undo("iam.quarantine_user", &quarantined.undo).unwrap();
    account.undo("iam.quarantine_user", &quarantined.undo).unwrap();
    assert!(attached().is_empty());

    sessions(account);
    buckets(account);
    messages(account);
}

fn sessions(account: &mut Account) {
    account.make(&CREATE_ROLE, "RoleName=deploy Path=/teams/ AssumeRolePolicyDocument={}", "");
    account.make(&CREATE_ROLE, "RoleName=service Path=/aws-service-role/x/ AssumeRolePolicyDocument={}", "");
    let policy = || {
        let text = iam::get_role_policy(&account.maker, "deploy", "AWSRevokeOlderSessions").unwrap()?;
        Some(serde_json::from_str::<Value>(&text).unwrap())
    };
    let role = json!({"role": "arn:aws:iam::123456789012:role/teams/deploy"});
    let revoked = account.execute("iam.revoke_role_sessions", &role).unwrap();
    let expected = json!({"Sid": "VigieRevokeOlderSessions", "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-22T10:00:00Z"}}});
    assert_eq!(policy().unwrap(), json!({"Version": "2012-10-17", "Statement": [expected]}));
    account.undo("iam.revoke_role_sessions", &revoked.undo).unwrap();
    account.undo("iam.revoke_role_sessions", &revoked.undo).unwrap();
    assert_eq!(policy(), None);

    // What somebody wrote there by hand stays.
    let theirs = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}}]});
    let call = iam::put_role_policy_call("deploy", "AWSRevokeOlderSessions", &theirs.to_string());
    account.maker.send(&call).unwrap();
    for _ in 0..2 {
        account.execute("iam.revoke_role_sessions", &role).unwrap();
        assert_eq!(policy().unwrap()["Statement"], json!([theirs["Statement"][0], expected]));
    }
    account.undo("iam.revoke_role_sessions", &revoked.undo).unwrap();
    assert_eq!(policy().unwrap(), theirs);

    account.settings.own_role = Some("responder".to_owned());
    for (role, reason) in [("responder", "own role"), ("service", "AWS service"), ("nobody", "not found")] {
        let error = account.execute("iam.revoke_role_sessions", &json!({"role": role})).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

fn buckets(account: &mut Account) {
    let input = Input::Rest {
        method: "PUT",
        bucket: Some("open-data".to_owned()),
        path: "/".to_owned(),
        query: String::new(),
        body: String::new(),
    };
    account.maker.send(&Call { operation: &CREATE_BUCKET, input }).unwrap();
    let bucket = json!({"bucket": "open-data"});
    let block = || s3::get_public_access_block(&account.maker, "open-data").unwrap();
    let half = s3::PublicAccessBlock { block_public_acls: true, ..Default::default() };
    for before in [None, Some(half)] {
        if let Some(before) = before {
            account.maker.send(&s3::put_public_access_block_call("open-data", before)).unwrap();
        }
        let closed = account.execute("s3.block_public_access", &bucket).unwrap();
        let again = account.execute("s3.block_public_access", &bucket).unwrap();
        account.undo("s3.block_public_access", &again.undo).unwrap();
        assert_eq!(block(), Some(s3::PublicAccessBlock::ALL));
        account.undo("s3.block_public_access", &closed.undo).unwrap();
        assert_eq!(block(), before);
    }
    let error = account.execute("s3.block_public_access", &json!({"bucket": "no-such-bucket"})).unwrap_err();
    assert!(error.to_string().contains("NoSuchBucket"), "{error}");
    account.execute("s3.block_public_access", &json!({"bucket": "evil.example/x"})).unwrap_err();
}

fn messages(account: &mut Account) {
    let topic = account.make(&CREATE_TOPIC, "Name=alerts", "TopicArn");
    let queue = account.make_json(&CREATE_QUEUE, json!({"QueueName": "readers"}))["QueueUrl"].clone();
    let arn = "arn:aws:sqs:us-east-1:123456789012:readers";
    account.make(&SUBSCRIBE, &format!("TopicArn={topic} Protocol=sqs Endpoint={arn}"), "");
    account.execute("sns.notify", &json!({"text": "hello"})).unwrap_err();
    account.settings.topic = Some(topic);
    let about = json!({"title": "Port probe", "severity": "low", "attackers": ["203.0.113.7"]});
    account.execute("sns.notify", &json!({"about": about})).unwrap();
    let received = account.make_json(&RECEIVE, json!({"QueueUrl": queue, "MaxNumberOfMessages": 10}));
    let body: Value = serde_json::from_str(received["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(body["Subject"], "[LOW] Port probe");
    assert!(body["Message"].as_str().unwrap().contains("Who attacks\n  203.0.113.7\n"), "{body}");
}
