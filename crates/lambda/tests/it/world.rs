//! An account as Terraform leaves it, in moto: sets, a network ACL, a quarantine group, a table, a queue, a topic.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vigie_aws::{Client, ClientOptions, Credentials, Endpoints, Region, Responder, read_settings};
use vigie_aws_fake::{Boto, Moto};
use vigie_lambda::{Handler, HandlerError};
use vigie_model::Timestamp;

pub(crate) const REGION: &str = "eu-west-3";

/// The account, with the function in it.
pub(crate) struct World {
    pub(crate) boto: Boto,
    pub(crate) handler: Handler,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    pub(crate) settings: Value,
    pub(crate) ids: Ids,
    moto: Moto,
}

/// What was made.
pub(crate) struct Ids {
    pub(crate) acl: String,
    pub(crate) subnet: String,
    pub(crate) quarantine: String,
    pub(crate) groups: Vec<String>,
    pub(crate) inbox: String,
    pub(crate) queue: String,
    pub(crate) v4: String,
    pub(crate) v6: String,
}

pub(crate) fn now() -> Timestamp {
    // SQS and moto have clocks of their own.
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::EPOCH.plus(since)
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

impl World {
    /// Returns an account, or `None` where there is no moto. `more` are settings beside those of the account.
    pub(crate) fn start(more: &Value) -> Option<Self> {
        let moto = Moto::start()?;
        let boto = Boto::start(&moto.url(), REGION);
        let ids = arrange(&boto);
        let mut settings = json!({
            "mode": "enforce",
            "waf": [{
                "scope": "REGIONAL",
                "ipv4": {"name": "vigie-v4", "id": ids.v4},
                "ipv6": {"name": "vigie-v6", "id": ids.v6},
            }],
            "nacl": {"ids": [ids.acl]},
            "topic": format!("arn:aws:sns:{REGION}:123456789012:vigie"),
            "table": "vigie-decisions",
            "edge_queue": ids.queue,
        });
        for (name, value) in more.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let (handler, lines) = handler(&moto.url(), &settings);
        Some(Self { boto, handler, lines, settings, ids, moto })
    }

    pub(crate) fn url(&self) -> String {
        self.moto.url()
    }

    /// Answers an event and everything that follows from it in the queue.
    pub(crate) fn answer(&self, event: &Value) -> Result<Value, HandlerError> {
        let answer = self.handler.handle(event, "request", now());
        self.pump();
        answer
    }

    /// Hands what waits in the edge queue to the function, as an event source mapping does.
    pub(crate) fn pump(&self) -> usize {
        let mut invocations = 0;
        loop {
            let parameters = json!({"QueueUrl": self.ids.queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0});
            let batch = self.boto.call("sqs", "receive_message", parameters);
            let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return invocations;
            }
            invocations += 1;
            let records: Vec<Value> = messages
                .iter()
                .map(|message| {
                    json!({
                        "messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs",
                        "eventSourceARN": format!("arn:aws:sqs:{REGION}:123456789012:vigie-edge.fifo"),
                    })
                })
                .collect();
            let answer = self.handler.handle(&json!({"Records": records}), "edge", now()).unwrap();
            assert_eq!(answer["batchItemFailures"], json!([]), "{:?}", self.lines.lock().unwrap());
            for message in &messages {
                let receipt = json!({"QueueUrl": self.ids.queue, "ReceiptHandle": message["ReceiptHandle"]});
                self.boto.call("sqs", "delete_message", receipt);
            }
        }
    }

    /// Runs the scheduled invocation at a time, and what follows in the queue.
    pub(crate) fn expire_at(&self, at: Timestamp) {
        self.handler.handle(&json!({"vigie": "expire"}), "expire", at).unwrap();
        self.pump_at(at);
    }

    fn pump_at(&self, at: Timestamp) {
        let parameters = json!({"QueueUrl": self.ids.queue, "MaxNumberOfMessages": 10});
        let batch = self.boto.call("sqs", "receive_message", parameters);
        let records: Vec<Value> = batch["Messages"].as_array().cloned().unwrap_or_default();
        let records: Vec<Value> = records
            .iter()
            .map(
                |message| json!({"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"}),
            )
            .collect();
        if !records.is_empty() {
            self.handler.handle(&json!({"Records": records}), "edge", at).unwrap();
        }
    }

    /// The addresses in both IP sets.
    pub(crate) fn waf(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, id) in [("vigie-v4", &self.ids.v4), ("vigie-v6", &self.ids.v6)] {
            let set = self.boto.call("wafv2", "get_ip_set", json!({"Name": name, "Id": id, "Scope": "REGIONAL"}));
            let addresses = set["IPSet"]["Addresses"].as_array().cloned().unwrap_or_default();
            all.extend(addresses.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        all.sort();
        all
    }

    /// What the network ACL denies.
    pub(crate) fn nacl(&self) -> Vec<String> {
        let acls = self.boto.call("ec2", "describe_network_acls", json!({"NetworkAclIds": [self.ids.acl]}));
        let entries = acls["NetworkAcls"][0]["Entries"].as_array().cloned().unwrap_or_default();
        let ours = entries.iter().filter(|entry| entry["RuleNumber"].as_u64().is_some_and(|number| number < 100));
        let network =
            |entry: &Value| entry["CidrBlock"].as_str().or_else(|| entry["Ipv6CidrBlock"].as_str()).map(str::to_owned);
        let mut all: Vec<String> = ours.filter_map(network).collect();
        all.sort();
        all
    }

    /// The messages that a subscriber got.
    pub(crate) fn inbox(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let parameters = json!({"QueueUrl": self.ids.inbox, "MaxNumberOfMessages": 10});
            let batch = self.boto.call("sqs", "receive_message", parameters);
            let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in messages {
                all.push(serde_json::from_str(message["Body"].as_str().unwrap()).unwrap());
                let receipt = json!({"QueueUrl": self.ids.inbox, "ReceiptHandle": message["ReceiptHandle"]});
                self.boto.call("sqs", "delete_message", receipt);
            }
        }
    }

    /// Every row of the table of decisions, by kind.
    pub(crate) fn rows(&self, kind: &str) -> Vec<Value> {
        let scan = self.boto.call("dynamodb", "scan", json!({"TableName": "vigie-decisions"}));
        let rows = scan["Items"].as_array().cloned().unwrap_or_default();
        rows.into_iter().filter(|row| row["kind"]["S"] == kind).collect()
    }

    /// Makes an instance with the groups of the world and so many interfaces.
    pub(crate) fn instance(&self, interfaces: usize) -> String {
        // moto adds the instance's own groups to what an interface has, unless they were given with the interface.
        let parameters = json!({
            "ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1,
            "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": self.ids.subnet, "Groups": self.ids.groups}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
        });
        let run = self.boto.call("ec2", "run_instances", parameters);
        let id = text(&run, "/Instances/0/InstanceId");
        for index in 1..interfaces {
            let parameters = json!({"SubnetId": self.ids.subnet, "Groups": [self.ids.groups[0]]});
            let made = self.boto.call("ec2", "create_network_interface", parameters);
            let interface = text(&made, "/NetworkInterface/NetworkInterfaceId");
            let parameters = json!({"NetworkInterfaceId": interface, "InstanceId": id, "DeviceIndex": index});
            self.boto.call("ec2", "attach_network_interface", parameters);
        }
        id
    }

    /// Takes a decision back, as `vigie aws undo` does, and what follows in the queue.
    pub(crate) fn undo(&self, id: &str) {
        let responder = responder(&self.url(), &self.settings);
        responder.undo(id, now()).unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)));
        self.pump();
    }

    /// How many updates of IP sets the function made, as its metrics say.
    pub(crate) fn edge_updates(&self) -> usize {
        let lines = self.lines.lock().unwrap();
        let writes = lines.iter().filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line.get("EdgeWrites")?.as_f64()
        });
        writes.sum::<f64>() as usize
    }

    /// The groups of each interface of an instance, sorted.
    pub(crate) fn interface_groups(&self, instance: &str) -> Vec<Vec<String>> {
        let filter = json!({"Filters": [{"Name": "attachment.instance-id", "Values": [instance]}]});
        let found = self.boto.call("ec2", "describe_network_interfaces", filter);
        let mut all: Vec<Vec<String>> = found["NetworkInterfaces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|interface| {
                let groups = interface["Groups"].as_array().unwrap().iter();
                let mut groups: Vec<String> = groups.map(|group| text(group, "/GroupId")).collect();
                groups.sort();
                groups
            })
            .collect();
        all.sort();
        all
    }
}

/// A function with these settings, and its log.
pub(crate) fn handler(url: &str, settings: &Value) -> (Handler, Arc<Mutex<Vec<String>>>) {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let out = Arc::clone(&lines);
    let print = move |line| out.lock().unwrap().push(line);
    (Handler::new(responder(url, settings), "vigie-responder", print), lines)
}

fn responder(url: &str, settings: &Value) -> Responder {
    let mut options = ClientOptions::new(Region::new(REGION).unwrap());
    options.endpoints = Endpoints::all_at(url);
    options.credentials =
        Some(Credentials { key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret: "secret".to_owned(), token: None });
    let (policy, account) = read_settings(&settings.to_string()).unwrap();
    Responder::new(Client::new(options), account, policy)
}

fn arrange(boto: &Boto) -> Ids {
    let vpc = text(&boto.call("ec2", "create_vpc", json!({"CidrBlock": "10.0.0.0/16"})), "/Vpc/VpcId");
    let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
    let subnet = text(&boto.call("ec2", "create_subnet", subnet), "/Subnet/SubnetId");
    let acl = text(&boto.call("ec2", "create_network_acl", json!({"VpcId": vpc})), "/NetworkAcl/NetworkAclId");
    boto.call(
        "ec2",
        "create_network_acl_entry",
        json!({"NetworkAclId": acl, "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}),
    );
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
    let queue = json!({"QueueName": "vigie-edge.fifo", "Attributes": {"FifoQueue": "true", "VisibilityTimeout": "30"}});
    let queue = text(&boto.call("sqs", "create_queue", queue), "/QueueUrl");
    let topic = text(&boto.call("sns", "create_topic", json!({"Name": "vigie"})), "/TopicArn");
    let inbox = text(&boto.call("sqs", "create_queue", json!({"QueueName": "inbox"})), "/QueueUrl");
    let subscription =
        json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": format!("arn:aws:sqs:{REGION}:123456789012:inbox")});
    boto.call("sns", "subscribe", subscription);
    boto.call("dynamodb", "create_table", table());
    let set = |name: &str, version: &str| {
        let parameters = json!({"Name": name, "Scope": "REGIONAL", "IPAddressVersion": version, "Addresses": []});
        text(&boto.call("wafv2", "create_ip_set", parameters), "/Summary/Id")
    };
    let (v4, v6) = (set("vigie-v4", "IPV4"), set("vigie-v6", "IPV6"));
    Ids { acl, subnet, quarantine, groups, inbox, queue, v4, v6 }
}

fn table() -> Value {
    json!({
        "TableName": "vigie-decisions",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "expires", "AttributeType": "N"},
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by_state",
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "expires", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    })
}
