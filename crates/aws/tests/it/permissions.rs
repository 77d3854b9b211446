//! The policy allows what is called, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vigie_aws::{
    Decisions, End, Operation, Resources, Service, Statement, add_own_network, duties, every_action, iam_actions_of,
    logs, operations_of, permissions_page, policy_template, sqs,
};
use vigie_aws_fake::Moto;
use vigie_model::Timestamp;
use vigie_respond::NeverTouch;

use crate::on_moto;
use crate::sample::{Account, action};

fn granted(statements: &[Statement]) -> BTreeSet<&str> {
    statements.iter().flat_map(|statement| statement.actions.iter().copied()).collect()
}

/// Every action and its undo, every branch that calls something else: what was called is what is granted.
#[test]
fn statements_are_what_is_called() {
    let Some(moto) = Moto::start() else { return };
    let mut account = Account::new(&moto.url(), json!({}));
    on_moto::edge_blocks(&mut account);
    on_moto::an_instance_is_isolated_and_let_go(&mut account);
    on_moto::a_shared_instance_is_stopped(&mut account);
    on_moto::identities_and_buckets(&mut account);
    for action in every_action() {
        let kind = action.spec().kind;
        let used = account.used.borrow()[kind].clone();
        assert_eq!(granted(action.statements()), taken(&used), "{kind}");
    }
    for duty in duties() {
        let before = account.client.calls().len();
        do_duty(duty.name, &account);
        let calls = account.client.calls();
        let used: Vec<String> = calls[before..].iter().map(|(operation, _)| operation.to_string()).collect();
        assert_eq!(granted(duty.statements), taken(&used), "{}", duty.name);
    }
}

/// Returns the actions of IAM that operations take.
fn taken<'a>(operations: impl IntoIterator<Item = &'a String>) -> BTreeSet<&'static str> {
    let needed =
        |operation: &String| iam_actions_of(operation).unwrap_or_else(|| panic!("nobody reviewed {operation}"));
    operations.into_iter().flat_map(needed).copied().collect()
}

static CREATE_TABLE: Operation = Operation::write(Service::DynamoDb, "CreateTable");
static CREATE_QUEUE: Operation = Operation::write(Service::Sqs, "CreateQueue");
static CREATE_LOG_GROUP: Operation = Operation::write(Service::Logs, "CreateLogGroup");

fn do_duty(name: &str, account: &Account) {
    match name {
        "never-touch facts" => {
            let mut own = NeverTouch::default();
            add_own_network(&mut own, &account.client).unwrap();
            assert!(own.entries().iter().any(|entry| entry.network.to_string() == "10.1.0.0/16"), "{own:?}");
        }
        "decisions" => {
            account.make_json(
                &CREATE_TABLE,
                json!({
                    "TableName": "decisions", "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [
                        {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "state", "AttributeType": "S"},
                        {"AttributeName": "expires", "AttributeType": "N"},
                    ],
                    "GlobalSecondaryIndexes": [{
                        "IndexName": "by_state", "Projection": {"ProjectionType": "ALL"},
                        "KeySchema": [
                            {"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "expires", "KeyType": "RANGE"},
                        ],
                    }],
                }),
            );
            let decisions = Decisions::new(account.client.clone(), "decisions");
            let wanted = action("waf.block_ip", &json!({"ip": "203.0.113.7"}));
            let now = Timestamp::EPOCH;
            decisions.claim(&wanted, "finding", now).unwrap();
            let id = decisions.id(&wanted);
            decisions.settle(&id, &Value::Null, Some(now), now).unwrap();
            decisions.claim(&wanted, "another", now).unwrap();
            decisions.due(now, 10).unwrap();
            decisions.get(&id).unwrap().unwrap();
            decisions.end(&id, End::Expired, now).unwrap();
        }
        "edge queue" => {
            let attributes = json!({"FifoQueue": "true"});
            let made = account.make_json(&CREATE_QUEUE, json!({"QueueName": "edge.fifo", "Attributes": attributes}));
            let message = |text: &str| sqs::Message {
                body: text.to_owned(),
                group: "edge".to_owned(),
                deduplication: text.to_owned(),
            };
            let queue = made["QueueUrl"].as_str().unwrap();
            sqs::send_message(&account.client, queue, &message("a")).unwrap();
            sqs::send_message_batch(&account.client, queue, &[message("b")]).unwrap();
        }
        "log lines" => {
            account.make_json(&CREATE_LOG_GROUP, json!({"logGroupName": "secure"}));
            let (group, filter) = ("secure".to_owned(), "Failed".to_owned());
            let query = logs::LogQuery { group, filter, from_ms: 0, until_ms: 1 };
            logs::filter_log_events(&account.client, &query).unwrap();
        }
        other => panic!("nobody does the duty `{other}`"),
    }
}

#[test]
fn statements_are_narrow() {
    let mut sids = BTreeSet::new();
    let of_actions = every_action().into_iter().flat_map(vigie_aws::AwsAction::statements);
    for statement in of_actions.chain(duties().iter().flat_map(|duty| duty.statements)) {
        assert!(
            sids.insert(statement.sid) && statement.sid.bytes().all(|b| b.is_ascii_alphanumeric()),
            "{statement:?}"
        );
        for action in statement.actions {
            assert!(!action.contains('*') && operations_of(action).next().is_some(), "{action} is for no operation");
        }
        match statement.resources {
            Resources::Any { why } => assert!(!why.is_empty()),
            Resources::Arns(arns) => assert!(arns.iter().all(|arn| arn.starts_with("arn:${partition}:")), "{arns:?}"),
            Resources::List { .. } | Resources::Optional { .. } => {}
        }
    }
}

/// Fills in the template as Terraform does, the parts of its language that are used.
fn rendered(lists: &Value, texts: &Value) -> Value {
    let mut keep = true;
    let mut text = String::new();
    for line in policy_template().lines() {
        if let Some(condition) = line.strip_prefix("%{ if ") {
            keep = match condition.strip_prefix("length(") {
                Some(list) => !lists[list.split(')').next().unwrap()].as_array().unwrap().is_empty(),
                None => texts[condition.split(' ').next().unwrap()] != "",
            };
        } else if line == "%{ endif ~}" {
            keep = true;
        } else if keep {
            text.push_str(line);
        }
    }
    for (name, list) in lists.as_object().unwrap() {
        text = text.replace(&format!("${{jsonencode({name})}}"), &list.to_string());
    }
    for (name, value) in texts.as_object().unwrap() {
        text = text.replace(&format!("${{{name}}}"), value.as_str().unwrap());
    }
    assert!(!text.contains("${") && !text.contains("%{"), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_template_is_a_policy() {
    let arns = |kind: &str, count: usize| {
        (0..count).map(|number| format!("arn:aws:{kind}:eu-west-3:123456789012:one/{number:036}")).collect::<Vec<_>>()
    };
    let texts = |value: &str| {
        json!({"partition": "aws", "region": "eu-west-3", "account": "123456789012", "role_name": "vigie-responder",
            "topic_arn": value, "topic_key_arn": value, "table_arn": value, "edge_queue_arn": value})
    };
    let empty = json!({"waf_ip_set_arns": [], "nacl_arns": [], "log_group_arns": []});
    let full =
        json!({"waf_ip_set_arns": arns("wafv2", 4), "nacl_arns": arns("ec2", 3), "log_group_arns": arns("logs", 3)});
    let all_of_them = rendered(&full, &texts("arn:aws:sns:eu-west-3:123456789012:vigie"));
    let statements = all_of_them["Statement"].as_array().unwrap();
    let left = rendered(&empty, &texts(""));
    assert_eq!(statements.len() - left["Statement"].as_array().unwrap().len(), 7);
    // All inline policies of a role, spaces aside: 10,240.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert!(all_of_them.to_string().len() < 9_000, "{}", all_of_them.to_string().len());
    for statement in statements {
        let only_looks = |action: &Value| action.as_str().unwrap().starts_with("ec2:Describe");
        let looks = statement["Action"].as_array().unwrap().iter().all(only_looks);
        assert!(statement["Resource"] != "*" || looks, "{statement}");
    }
    let deny = statements.last().unwrap();
    assert_eq!(
        (&deny["Effect"], &deny["Resource"]),
        (&json!("Deny"), &json!("arn:aws:iam::123456789012:role/vigie-responder"))
    );
}

#[test]
fn the_page_names_every_action() {
    let page = permissions_page();
    for action in every_action() {
        assert!(page.contains(&format!("\n## {}\n", action.spec().kind)));
        for granted in granted(action.statements()) {
            assert!(page.contains(&format!("| `{granted}` |")), "{granted}");
        }
    }
}
