//! The policy allows what is called, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vigie_aws::add_own_network;
use vigie_aws::every_action;
use vigie_aws::{Resources, Statement, duties, iam_actions_of, operations_of, permissions_page, policy_template};
use vigie_aws_fake::Moto;
use vigie_respond::NeverTouch;

use crate::on_moto;
use crate::sample::Account;

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
        let taken: BTreeSet<&str> = used
            .iter()
            .flat_map(|operation| iam_actions_of(operation).unwrap_or_else(|| panic!("nobody reviewed {operation}")))
            .copied()
            .collect();
        assert_eq!(granted(action.statements()), taken, "{kind}");
    }
    let mut own = NeverTouch::default();
    add_own_network(&mut own, &account.client).unwrap();
    assert!(own.entries().iter().any(|entry| entry.network.to_string() == "10.1.0.0/16"), "{own:?}");
    let called: BTreeSet<String> = account.client.calls().iter().map(|(operation, _)| operation.to_string()).collect();
    for action in granted(duties()[0].statements) {
        assert!(operations_of(action).any(|operation| called.contains(operation)), "{action}");
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
