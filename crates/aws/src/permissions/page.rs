//! The reference page of the responder's rights.

use std::fmt::Write as _;

use super::{NEVER_ON_OWN_ROLE, Resources, Statement, by_purpose, operations_of};

/// Returns the page `docs/reference/aws-permissions.md`.
pub fn permissions_page() -> String {
    let mut page = "\
# What the AWS responder may do

Made by `cargo xtask gen` from the statements beside each action's code. The policy is
`infra/modules/responder/policy.json.tftpl`. A test calls every action and fails where the policy lacks what was called, or
grants what nothing calls. No statement allows an action with a `*` in it.

"
    .to_owned();
    let own: Vec<String> = NEVER_ON_OWN_ROLE.iter().map(|action| format!("`{action}`")).collect();
    let _ = writeln!(page, "Denied on the responder's own role, whatever else is allowed: {}.", own.join(", "));
    for (purpose, statements) in by_purpose() {
        let _ = write!(
            page,
            "\n## {purpose}\n\n| IAM action | For the operations | On | If | Why |\n|---|---|---|---|---|\n"
        );
        for statement in statements {
            for action in statement.actions {
                page.push_str(&row(action, statement));
            }
        }
    }
    page
}

fn row(action: &str, statement: &Statement) -> String {
    let operations: Vec<String> = operations_of(action)
        .map(|operation| format!("`{}`", operation.split_once(':').map_or(operation, |(_, name)| name)))
        .collect();
    let on = match statement.resources {
        Resources::Any { why } => format!("`*`: {why}"),
        Resources::Arns(arns) => coded(arns),
        Resources::List { variable } => format!("each of `{variable}`"),
        Resources::Optional { variable, endings } => {
            let arns: Vec<String> = endings.iter().map(|ending| format!("`{variable}`{ending}")).collect();
            arns.join("<br>")
        }
    };
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| format!("{} `{}` {}", condition.operator, condition.key, coded(condition.values)))
        .collect();
    format!("| `{action}` | {} | {on} | {} | {} |\n", operations.join(", "), conditions.join("<br>"), statement.why)
}

fn coded(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join("<br>")
}
