//! `vigie aws plan`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};
use vigie_aws::{Settings, find_action};
use vigie_model::{Action, TenantId};
use vigie_respond::{
    AlarmAnswer, CloudEvent, CloudPlan, CloudPolicy, LogQuestion, NeverTouch, answer_alarm, answer_finding,
    spell_duration,
};

use super::{Failure, Verdict, line, now, read_event, settings, shown};
use crate::cli::{AwsPlanArguments, Format, print_json};

pub(super) fn run(arguments: &AwsPlanArguments) -> Result<Verdict, Failure> {
    let (policy, account) = settings(&arguments.settings)?;
    let plans: Vec<Planned> =
        read_event(&arguments.finding)?.iter().map(|event| Planned::of(event, &policy, &account)).collect();
    match arguments.format {
        Format::Json => match plans.as_slice() {
            [single] => print_json(&single.document),
            several => print_json(&several.iter().map(|plan| &plan.document).collect::<Vec<_>>()),
        },
        Format::Jsonl => plans.iter().for_each(|plan| println!("{}", plan.document)),
        Format::Table => plans.iter().for_each(|plan| print!("{}", plan.text)),
    }
    Ok(Verdict::Good)
}

/// A plan for programs and for people.
struct Planned {
    document: Value,
    text: String,
}

impl Planned {
    fn of(event: &CloudEvent, policy: &CloudPolicy, account: &Settings) -> Self {
        match event {
            // What is ours in the account is known to AWS alone: `run --dry-run` asks.
            CloudEvent::Finding(finding) => {
                Self::of_plan(&answer_finding(finding, policy, &NeverTouch::default()), account)
            }
            CloudEvent::Alarm(alarm) => match answer_alarm(alarm, policy) {
                AlarmAnswer::Plan(plan) => Self::of_plan(&plan, account),
                AlarmAnswer::Ask(question) => Self::of_question(&alarm.name, &question),
            },
        }
    }

    fn of_plan(plan: &CloudPlan, account: &Settings) -> Self {
        let tenant = TenantId::new("aws").expect("a name that tenants may have");
        let actions = plan.actions(&tenant, true, now());
        let calls: Vec<Value> = actions.iter().map(|action| calls(action, account)).collect();
        let document = plan.to_json(|index| calls.get(index).cloned().unwrap_or_default());
        Self { text: text(plan, &calls), document }
    }

    fn of_question(alarm: &str, question: &LogQuestion) -> Self {
        let document = json!({
            "about": {"id": format!("alarm {alarm}"), "kind": "CloudWatch Alarm"},
            "verdict": "ask",
            "reason": "the log lines behind the alarm are read first, and the addresses that they name are blocked",
            "actions": [],
            "log": {
                "group": question.log_group, "filter": question.filter, "from": question.from, "to": question.to,
                "at_least": question.at_least,
            },
        });
        let LogQuestion { log_group, from, to, at_least, .. } = question;
        let reads = format!("  reads {log_group} from {from} to {to} and blocks whom at least {at_least} lines name");
        let text = line(&format!("alarm {alarm}")) + &line(&reads);
        Self { document, text }
    }
}

/// The calls of an action, or why it cannot be planned with these settings.
fn calls(action: &Action, account: &Settings) -> Value {
    let Some(kind) = find_action(&action.kind) else { return Value::Null };
    match kind.plan(action, account) {
        Ok(calls) => calls.iter().map(shown).collect(),
        Err(error) => json!([{"problem": error.to_string()}]),
    }
}

fn text(plan: &CloudPlan, calls: &[Value]) -> String {
    let about = &plan.subject;
    let role = about.role.map_or_else(String::new, |role| format!(", ours is the {role}"));
    let mut lines = vec![format!("{} ({}{role})", about.kind, about.region), format!("  {}", about.title)];
    if let Some(reason) = plan.reason() {
        lines.push(format!("  nothing is done: {reason}"));
    }
    for (step, calls) in plan.steps.iter().zip(calls) {
        let target = step.target.as_deref().unwrap_or("people");
        let span = step.expires.map_or_else(String::new, |span| format!(" for {}", spell_duration(span)));
        lines.push(format!("  {} {target}{span}", step.spec.kind));
        lines.push(format!("      why:  {}", step.why));
        lines.push(format!("      undo: {}", step.spec.undo.as_str()));
        for call in calls.as_array().map(Vec::as_slice).unwrap_or_default() {
            lines.push(match call["problem"].as_str() {
                Some(problem) => format!("      missing: {problem}"),
                None => format!(
                    "      call: {}:{} {}",
                    call["service"].as_str().unwrap_or_default(),
                    call["operation"].as_str().unwrap_or_default(),
                    call["parameters"]
                ),
            });
        }
    }
    lines.extend(plan.spared.iter().map(|spared| format!("  left alone: {}: {}", spared.address, spared.reason)));
    lines.extend(plan.notes.iter().map(|note| format!("  note: {note}")));
    lines.iter().map(|text| line(text)).collect()
}
