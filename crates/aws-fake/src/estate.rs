//! An account as Terraform leaves it, in moto.

use serde_json::{Value, json};

use crate::{Boto, Moto};

/// The IP sets: name and kind of address.
const SETS: [(&str, &str); 2] = [("vigie-v4", "IPV4"), ("vigie-v6", "IPV6")];
/// The rule numbers of a network ACL below which ours deny; at this one everything is allowed.
const ALLOWING_RULE: u64 = 100;

/// An account with everything that the responder works with: IP sets, a network ACL, a quarantine group, a table, queues, a
/// topic that a queue listens to. It ends with its test.
#[derive(Debug)]
pub struct Estate {
    /// Looks at the account, and changes it.
    pub boto: Boto,
    /// What was made.
    pub ids: EstateIds,
    moto: Moto,
}

/// What an [`Estate`] has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstateIds {
    /// The VPC.
    pub vpc: String,
    /// The network ACL of the subnet at the edge.
    pub acl: String,
    /// The subnet that instances are in, which has the VPC's own network ACL.
    pub subnet: String,
    /// The security group that lets nothing in or out. It carries the tag `vigie:quarantine`.
    pub quarantine: String,
    /// The two security groups of instances, sorted.
    pub groups: Vec<String>,
    /// The queue that listens to the topic.
    pub inbox: String,
    /// The FIFO queue of changes at the edge.
    pub queue: String,
    /// The topic that people are told by.
    pub topic: String,
    /// The IP set of IPv4 addresses, `vigie-v4`.
    pub v4: String,
    /// The IP set of IPv6 addresses, `vigie-v6`.
    pub v6: String,
}

impl Estate {
    /// The Region.
    pub const REGION: &'static str = "eu-west-3";
    /// The account, as moto numbers it.
    pub const ACCOUNT: &'static str = "123456789012";
    /// The table of decisions.
    pub const TABLE: &'static str = "vigie-decisions";

    /// Returns an account, or `None` where there is no moto.
    ///
    /// # Panics
    /// As [`Moto::start`], and where something cannot be made.
    pub fn start() -> Option<Self> {
        let moto = Moto::start()?;
        let boto = Boto::start(&moto.url(), Self::REGION);
        let ids = EstateIds::arrange(&boto);
        Some(Self { boto, ids, moto })
    }

    /// Returns where AWS is found.
    pub fn url(&self) -> String {
        self.moto.url()
    }

    /// Returns the responder's settings for this account, in force and not dry.
    pub fn settings(&self) -> Value {
        let set = |name: &str, id: &str| json!({"name": name, "id": id});
        json!({
            "mode": "enforce",
            "waf": [{"scope": "REGIONAL", "ipv4": set("vigie-v4", &self.ids.v4), "ipv6": set("vigie-v6", &self.ids.v6)}],
            "nacl": {"ids": [self.ids.acl]},
            "topic": self.ids.topic,
            "table": Self::TABLE,
            "edge_queue": self.ids.queue,
        })
    }

    /// Returns the networks in both IP sets, sorted.
    pub fn waf(&self) -> Vec<String> {
        let mut all = Vec::new();
        for ((name, _), id) in SETS.into_iter().zip([&self.ids.v4, &self.ids.v6]) {
            let set = self.boto.call("wafv2", "get_ip_set", json!({"Name": name, "Id": id, "Scope": "REGIONAL"}));
            all.extend(list(&set["IPSet"]["Addresses"]).iter().filter_map(Value::as_str).map(str::to_owned));
        }
        all.sort();
        all
    }

    /// Returns the networks that the network ACL denies before it allows, sorted.
    pub fn nacl(&self) -> Vec<String> {
        let acls = self.boto.call("ec2", "describe_network_acls", json!({"NetworkAclIds": [self.ids.acl]}));
        let entries = list(&acls["NetworkAcls"][0]["Entries"]);
        let ours = entries.iter().filter(|entry| entry["RuleNumber"].as_u64().is_some_and(|it| it < ALLOWING_RULE));
        let network =
            |entry: &Value| entry["CidrBlock"].as_str().or_else(|| entry["Ipv6CidrBlock"].as_str()).map(str::to_owned);
        let mut all: Vec<String> = ours.filter_map(network).collect();
        all.sort();
        all
    }

    /// Takes the messages that the topic's subscriber got.
    pub fn inbox(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let messages = self.take_batch(&self.ids.inbox);
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                all.push(serde_json::from_str(&text(&message, "/Body")).expect("SNS wraps messages in JSON"));
                self.forget(&self.ids.inbox, &message);
            }
        }
    }

    /// Returns up to ten messages of a queue, which keeps them until [`Estate::forget`].
    pub fn take_batch(&self, queue: &str) -> Vec<Value> {
        let parameters = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0});
        list(&self.boto.call("sqs", "receive_message", parameters)["Messages"])
    }

    /// Deletes a message that was taken from a queue.
    pub fn forget(&self, queue: &str, message: &Value) {
        let receipt = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
        self.boto.call("sqs", "delete_message", receipt);
    }

    /// Returns the rows of one kind in the table of decisions, as DynamoDB writes them.
    pub fn rows(&self, kind: &str) -> Vec<Value> {
        let scan = self.boto.call("dynamodb", "scan", json!({"TableName": Self::TABLE}));
        list(&scan["Items"]).into_iter().filter(|row| row["kind"]["S"] == kind).collect()
    }

    /// Makes an instance with both groups and so many interfaces, and returns its id.
    pub fn instance(&self, interfaces: usize) -> String {
        // moto adds the instance's own groups to what an interface has, unless they were given with the interface.
        let parameters = json!({
            "ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1,
            "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": self.ids.subnet, "Groups": self.ids.groups}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
        });
        let id = text(&self.boto.call("ec2", "run_instances", parameters), "/Instances/0/InstanceId");
        for index in 1..interfaces {
            let parameters = json!({"SubnetId": self.ids.subnet, "Groups": [self.ids.groups[0]]});
            let made = self.boto.call("ec2", "create_network_interface", parameters);
            let interface = text(&made, "/NetworkInterface/NetworkInterfaceId");
            let parameters = json!({"NetworkInterfaceId": interface, "InstanceId": id, "DeviceIndex": index});
            self.boto.call("ec2", "attach_network_interface", parameters);
        }
        id
    }

    /// Makes a public address of the account, and returns it: one of documentation, since moto's own choice is a loopback
    /// address, which nobody would block anyway.
    pub fn elastic_address(&self) -> String {
        let parameters = json!({"Domain": "vpc", "Address": "198.51.100.200"});
        text(&self.boto.call("ec2", "allocate_address", parameters), "/PublicIp")
    }

    /// Returns the groups of each interface of an instance, sorted.
    pub fn interface_groups(&self, instance: &str) -> Vec<Vec<String>> {
        let filter = json!({"Filters": [{"Name": "attachment.instance-id", "Values": [instance]}]});
        let found = self.boto.call("ec2", "describe_network_interfaces", filter);
        let groups_of = |interface: &Value| {
            let mut groups: Vec<String> =
                list(&interface["Groups"]).iter().map(|group| text(group, "/GroupId")).collect();
            groups.sort();
            groups
        };
        let mut all: Vec<Vec<String>> = list(&found["NetworkInterfaces"]).iter().map(groups_of).collect();
        all.sort();
        all
    }
}

impl EstateIds {
    fn arrange(boto: &Boto) -> Self {
        let vpc = text(&boto.call("ec2", "create_vpc", json!({"CidrBlock": "10.0.0.0/16"})), "/Vpc/VpcId");
        let (subnet, acl) = arrange_subnets(boto, &vpc);
        let (quarantine, groups) = arrange_groups(boto, &vpc);
        let (queue, topic, inbox) = arrange_queues(boto);
        boto.call("dynamodb", "create_table", table());
        let detector = json!({"Enable": true, "FindingPublishingFrequency": "FIFTEEN_MINUTES"});
        boto.call("guardduty", "create_detector", detector);
        let [v4, v6] = SETS.map(|(name, version)| {
            let parameters = json!({"Name": name, "Scope": "REGIONAL", "IPAddressVersion": version, "Addresses": []});
            text(&boto.call("wafv2", "create_ip_set", parameters), "/Summary/Id")
        });
        Self { vpc, acl, subnet, quarantine, groups, inbox, queue, topic, v4, v6 }
    }
}

/// A subnet for instances, and one at the edge with a network ACL of its own.
fn arrange_subnets(boto: &Boto, vpc: &str) -> (String, String) {
    let subnet = |network: &str| {
        let parameters = json!({"VpcId": vpc, "CidrBlock": network});
        text(&boto.call("ec2", "create_subnet", parameters), "/Subnet/SubnetId")
    };
    let (inside, edge) = (subnet("10.0.1.0/24"), subnet("10.0.2.0/24"));
    let acl = text(&boto.call("ec2", "create_network_acl", json!({"VpcId": vpc})), "/NetworkAcl/NetworkAclId");
    let allow = json!({
        "NetworkAclId": acl, "RuleNumber": ALLOWING_RULE, "Protocol": "-1", "RuleAction": "allow", "Egress": false,
        "CidrBlock": "0.0.0.0/0",
    });
    boto.call("ec2", "create_network_acl_entry", allow);
    let filter = json!({"Filters": [{"Name": "association.subnet-id", "Values": [edge]}]});
    let found = boto.call("ec2", "describe_network_acls", filter);
    let associations = list(&found["NetworkAcls"][0]["Associations"]);
    let association = associations.iter().find(|association| association["SubnetId"] == edge.as_str());
    let association = text(association.expect("a new subnet has the VPC's network ACL"), "/NetworkAclAssociationId");
    let replacement = json!({"AssociationId": association, "NetworkAclId": acl});
    boto.call("ec2", "replace_network_acl_association", replacement);
    (inside, acl)
}

/// The quarantine group, and two that instances have.
fn arrange_groups(boto: &Boto, vpc: &str) -> (String, Vec<String>) {
    let group = |name: &str| {
        let parameters = json!({"GroupName": name, "Description": name, "VpcId": vpc});
        text(&boto.call("ec2", "create_security_group", parameters), "/GroupId")
    };
    let quarantine = group("quarantine");
    let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    boto.call("ec2", "revoke_security_group_egress", json!({"GroupId": quarantine, "IpPermissions": everything}));
    let tag = json!({"Resources": [quarantine], "Tags": [{"Key": "vigie:quarantine", "Value": "true"}]});
    boto.call("ec2", "create_tags", tag);
    let mut groups = vec![group("web"), group("admin")];
    groups.sort();
    (quarantine, groups)
}

/// The queue of the edge with its dead-letter queue, the topic, and the queue that listens to it.
fn arrange_queues(boto: &Boto) -> (String, String, String) {
    let queue = |name: &str, attributes: Value| {
        text(&boto.call("sqs", "create_queue", json!({"QueueName": name, "Attributes": attributes})), "/QueueUrl")
    };
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:{}:{}:{name}", Estate::REGION, Estate::ACCOUNT);
    queue("vigie-edge-dead.fifo", json!({"FifoQueue": "true"}));
    let redrive = json!({"deadLetterTargetArn": arn("sqs", "vigie-edge-dead.fifo"), "maxReceiveCount": 3}).to_string();
    let attributes = json!({"FifoQueue": "true", "VisibilityTimeout": "30", "RedrivePolicy": redrive});
    let edge = queue("vigie-edge.fifo", attributes);
    let topic = text(&boto.call("sns", "create_topic", json!({"Name": "vigie"})), "/TopicArn");
    let inbox = queue("inbox", json!({}));
    let subscription = json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn("sqs", "inbox")});
    boto.call("sns", "subscribe", subscription);
    (edge, topic, inbox)
}

fn table() -> Value {
    let key = |name: &str, role: &str| json!({"AttributeName": name, "KeyType": role});
    json!({
        "TableName": Estate::TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "expires", "AttributeType": "N"},
        ],
        "KeySchema": [key("id", "HASH")],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by_state",
            "KeySchema": [key("state", "HASH"), key("expires", "RANGE")],
            "Projection": {"ProjectionType": "ALL"},
        }],
    })
}

#[track_caller]
fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
