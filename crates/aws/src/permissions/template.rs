//! The responder's policy as a template of Terraform.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{NEVER_ON_OWN_ROLE, Resources, Statement, by_purpose};

/// Returns the responder's policy as a template of Terraform (`templatefile`). Its variables: `partition`, `region`,
/// `account`, `role_name`, `topic_arn`, `topic_key_arn`, `table_arn`, `edge_queue_arn` (texts) and `waf_ip_set_arns`,
/// `nacl_arns`, `log_group_arns` (lists). A statement about an empty one is left out.
pub fn policy_template() -> String {
    let mut statements: Vec<&Statement> = by_purpose().into_iter().flat_map(|(_, statements)| statements).collect();
    // Those that may be left out come first: no comma is left over at the end.
    statements.sort_by_key(|statement| condition_of(statement).is_none());
    let mut template = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n".to_owned();
    for statement in statements {
        let text = format!("{},\n", indented(&document(statement)));
        match condition_of(statement) {
            Some(condition) => {
                let _ = write!(template, "%{{ if {condition} ~}}\n{text}%{{ endif ~}}\n");
            }
            None => template.push_str(&text),
        }
    }
    template.push_str(&indented(&guard()));
    template.push_str("\n  ]\n}\n");
    template
}

/// Returns when a statement has something to be about, in Terraform's language.
fn condition_of(statement: &Statement) -> Option<String> {
    match statement.resources {
        Resources::Any { .. } | Resources::Arns(_) => None,
        Resources::List { variable } => Some(format!("length({variable}) > 0")),
        Resources::Optional { variable, .. } => Some(format!("{variable} != \"\"")),
    }
}

fn document(statement: &Statement) -> Value {
    let mut document = json!({"Sid": statement.sid, "Effect": "Allow", "Action": statement.actions});
    document["Resource"] = match statement.resources {
        Resources::Any { .. } => json!("*"),
        Resources::Arns(arns) => json!(arns),
        // The quotes go when it is written: Terraform writes the list.
        Resources::List { variable } => json!(format!("${{jsonencode({variable})}}")),
        Resources::Optional { variable, endings } => {
            endings.iter().map(|ending| format!("${{{variable}}}{ending}")).collect()
        }
    };
    let mut conditions = Map::new();
    for condition in statement.conditions {
        let values = conditions.entry(condition.operator).or_insert_with(|| json!({}));
        values[condition.key] = json!(condition.values);
    }
    if !conditions.is_empty() {
        document["Condition"] = Value::Object(conditions);
    }
    document
}

fn guard() -> Value {
    json!({
        "Sid": "NeverItsOwnRole",
        "Effect": "Deny",
        "Action": NEVER_ON_OWN_ROLE,
        "Resource": "arn:${partition}:iam::${account}:role/${role_name}",
    })
}

/// Returns a statement as it stands in the list.
fn indented(statement: &Value) -> String {
    let fields: Vec<String> = ["Sid", "Effect", "Action", "Resource", "Condition"]
        .iter()
        .filter_map(|name| {
            let value = statement.get(*name)?;
            let text = serde_json::to_string_pretty(value).unwrap_or_default().replace('\n', "\n      ");
            let text = match text.strip_prefix("\"${jsonencode(") {
                Some(_) => text.trim_matches('"').to_owned(),
                None => text,
            };
            Some(format!("      \"{name}\": {text}"))
        })
        .collect();
    format!("    {{\n{}\n    }}", fields.join(",\n"))
}
