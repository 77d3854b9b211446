//! CloudWatch alarms.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html> for events, and
//! the message that an alarm's own SNS action sends.

use serde_json::Value;
use vigie_model::Timestamp;

use super::decide::is_instance_id;
use super::edge::{self, Door};
use super::finding::{at, is_account, list, text};
use super::plan::{CloudPlan, CloudSubject, Verdict};
use super::{AlarmResponse, AlarmRule, CloudPolicy, LogSource};
use crate::{EC2_ISOLATE_INSTANCE, EC2_SNAPSHOT, NeverTouch};

/// An alarm that changed its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Whether it rings now: `ALARM`.
    pub rings: bool,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// When it changed.
    pub at: Timestamp,
    /// That time as AWS wrote it.
    pub at_text: String,
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The metric's dimensions, by name.
    pub dimensions: Vec<(String, String)>,
}

/// Which log lines to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuestion {
    /// Where.
    pub log_group: String,
    /// Which, as CloudWatch Logs filters them; empty for all.
    pub filter: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// How many lines must name an address.
    pub at_least: u32,
}

/// What is done about an alarm.
#[derive(Debug, Clone, PartialEq)]
pub enum AlarmAnswer {
    /// This.
    Plan(Box<CloudPlan>),
    /// The log is read first; [`block_log_sources`] goes on from there.
    Ask(LogQuestion),
}

impl Alarm {
    /// Reads an alarm; `None` where the value is something else.
    ///
    /// # Errors
    /// The field that is missing or wrong, and what was expected.
    pub(super) fn read(value: &Value) -> Option<Result<Self, (&'static str, &'static str)>> {
        if text(value, "detail-type") == Some("CloudWatch Alarm State Change") {
            return Some(Self::of_event(value));
        }
        (text(value, "alarmName").is_some() && text(value, "newStateValue").is_some()).then(|| Self::of_message(value))
    }

    fn of_event(event: &Value) -> Result<Self, (&'static str, &'static str)> {
        let mut dimensions = Vec::new();
        for metric in list(event, "detail.configuration.metrics") {
            if let Some(fields) = at(metric, "metricStat.metric.dimensions").and_then(Value::as_object) {
                let pairs = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
                dimensions.extend(pairs);
            }
        }
        let at_text = text(event, "detail.state.timestamp").or_else(|| text(event, "time")).unwrap_or_default();
        Self {
            name: text(event, "detail.alarmName").unwrap_or_default().to_owned(),
            rings: text(event, "detail.state.value") == Some("ALARM"),
            reason: text(event, "detail.state.reason").unwrap_or_default().to_owned(),
            at: time(at_text).ok_or(("detail.state.timestamp", "a time such as 2026-03-01T12:00:00.000+0000"))?,
            at_text: at_text.to_owned(),
            account: text(event, "account").unwrap_or_default().to_owned(),
            region: text(event, "region").unwrap_or_default().to_owned(),
            dimensions,
        }
        .checked("detail.alarmName")
    }

    fn of_message(message: &Value) -> Result<Self, (&'static str, &'static str)> {
        let pairs = list(message, "trigger.dimensions")
            .iter()
            .filter_map(|pair| Some((text(pair, "name")?.to_owned(), text(pair, "value")?.to_owned())));
        let at_text = text(message, "stateChangeTime").unwrap_or_default();
        // `arn:aws:cloudwatch:eu-west-3:111122223333:alarm:name`: the field `Region` is a name for people.
        let region = text(message, "alarmArn").and_then(|arn| arn.split(':').nth(3)).unwrap_or_default();
        Self {
            name: text(message, "alarmName").unwrap_or_default().to_owned(),
            rings: text(message, "newStateValue") == Some("ALARM"),
            reason: text(message, "newStateReason").unwrap_or_default().to_owned(),
            at: time(at_text).ok_or(("StateChangeTime", "a time such as 2026-03-01T12:00:00.000+0000"))?,
            at_text: at_text.to_owned(),
            account: text(message, "aWSAccountId")
                .or_else(|| text(message, "awsAccountId"))
                .unwrap_or_default()
                .to_owned(),
            region: region.to_owned(),
            dimensions: pairs.collect(),
        }
        .checked("AlarmName")
    }

    fn checked(self, name: &'static str) -> Result<Self, (&'static str, &'static str)> {
        if self.name.is_empty() {
            return Err((name, "the alarm's name"));
        }
        if !is_account(&self.account) {
            return Err(("account", "an account id"));
        }
        if self.region.is_empty() {
            return Err(("region", "a Region such as eu-west-3"));
        }
        Ok(self)
    }

    fn subject(&self) -> CloudSubject {
        CloudSubject {
            // Each time that it rings is told of.
            id: format!("alarm {} of {}", self.name, self.at_text),
            kind: "CloudWatch Alarm".to_owned(),
            updated: self.at_text.clone(),
            title: one_line(&format!("{}: {}", self.name, self.reason)),
            account: self.account.clone(),
            region: self.region.clone(),
            severity: None,
            role: None,
        }
    }
}

fn one_line(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

/// Reads a time; CloudWatch writes `+0000` where RFC 3339 wants `+00:00`.
fn time(text: &str) -> Option<Timestamp> {
    let text = match text.strip_suffix("+0000") {
        Some(bare) => format!("{bare}Z"),
        None => text.to_owned(),
    };
    text.parse().ok()
}

/// Returns what is done about an alarm: what the first rule for its name says.
pub fn answer_alarm(alarm: &Alarm, policy: &CloudPolicy) -> AlarmAnswer {
    let mut plan = CloudPlan::about(alarm.subject());
    if !alarm.rings {
        plan.verdict = Verdict::Leave("the alarm does not ring any more".to_owned());
        return AlarmAnswer::Plan(Box::new(plan.close("")));
    }
    let Some(rule) = policy.alarms.iter().find(|rule| rule.fits(&alarm.name)) else {
        plan.verdict = Verdict::Tell("no rule names this alarm (setting alarms)".to_owned());
        return AlarmAnswer::Plan(Box::new(plan.close("")));
    };
    match rule.response {
        AlarmResponse::Notify => plan.verdict = Verdict::Tell("the rule for this alarm only notifies".to_owned()),
        AlarmResponse::IsolateInstance => isolate(&mut plan, alarm),
        AlarmResponse::BlockLogSources => return AlarmAnswer::Ask(question(alarm, rule)),
    }
    AlarmAnswer::Plan(Box::new(plan.close("the alarm names nothing that can be acted on")))
}

fn question(alarm: &Alarm, rule: &AlarmRule) -> LogQuestion {
    LogQuestion {
        log_group: rule.log_group.clone().unwrap_or_default(),
        filter: rule.filter.clone(),
        from: alarm.at.minus(rule.lookback),
        // Lines arrive late: those of the minute after the alarm belong to it.
        to: alarm.at.plus(std::time::Duration::from_mins(1)),
        at_least: rule.at_least,
    }
}

fn isolate(plan: &mut CloudPlan, alarm: &Alarm) {
    let ids: Vec<&str> = alarm
        .dimensions
        .iter()
        .filter(|(name, value)| name == "InstanceId" && is_instance_id(value))
        .map(|(_, value)| value.as_str())
        .collect();
    for id in &ids {
        plan.add(&EC2_SNAPSHOT, id, None, "evidence is kept before anything is changed".to_owned());
    }
    for id in ids {
        plan.add(
            &EC2_ISOLATE_INSTANCE,
            id,
            None,
            format!("the rule for the alarm {} isolates its instance", alarm.name),
        );
    }
    if plan.steps.is_empty() {
        plan.notes.push("the alarm's metric has no dimension InstanceId, so no instance is isolated".to_owned());
    }
}

/// Returns what is done about an alarm whose log lines were read: the addresses that enough of them name are blocked.
pub fn block_log_sources(
    alarm: &Alarm,
    question: &LogQuestion,
    sources: &[LogSource],
    policy: &CloudPolicy,
    never_touch: &NeverTouch,
) -> CloudPlan {
    let mut plan = CloudPlan::about(alarm.subject());
    let list = policy.widen(never_touch);
    let (enough, few): (Vec<&LogSource>, Vec<&LogSource>) =
        sources.iter().partition(|source| source.lines >= question.at_least);
    for source in enough {
        let why = format!("{} lines in {} name it as their source", source.lines, question.log_group);
        edge::block(&mut plan, &[source.address], Door::Network, policy, &list, &why);
    }
    if !few.is_empty() {
        plan.notes.push(format!("{} addresses with fewer than {} lines are left alone", few.len(), question.at_least));
    }
    plan.close("no log line names a source")
}
