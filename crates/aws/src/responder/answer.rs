//! From an event to its answer.

use vigie_model::Timestamp;
use vigie_respond::{
    Alarm, AlarmAnswer, CloudEvent, CloudPlan, LogQuestion, NeverTouch, answer_alarm, answer_finding,
    block_log_sources, log_sources,
};

use super::{AnswerReport, Responder};
use crate::AwsError;
use crate::services::logs::{LogQuery, filter_log_events};

impl Responder {
    /// Plans the answer to an event. The log is read where an alarm asks for it, and what is ours in the Region is looked up
    /// where an address may be blocked.
    ///
    /// # Errors
    /// AWS could not be asked. Without knowing what is ours nobody is blocked, so nothing is planned.
    pub fn plan(&self, event: &CloudEvent) -> Result<CloudPlan, AwsError> {
        match event {
            CloudEvent::Finding(finding) => {
                let blind = answer_finding(finding, &self.policy, &NeverTouch::default());
                if !blind.blocks_addresses() {
                    return Ok(blind);
                }
                Ok(answer_finding(finding, &self.policy, &self.never_touch_from(&self.client_in(&finding.region))?))
            }
            CloudEvent::Alarm(alarm) => match answer_alarm(alarm, &self.policy) {
                AlarmAnswer::Plan(plan) => Ok(*plan),
                AlarmAnswer::Ask(question) => self.ask_log(alarm, &question),
            },
        }
    }

    fn ask_log(&self, alarm: &Alarm, question: &LogQuestion) -> Result<CloudPlan, AwsError> {
        let client = self.client_in(&alarm.region);
        let query = LogQuery {
            group: question.log_group.clone(),
            filter: question.filter.clone(),
            from_ms: question.from.as_micros() / 1_000,
            until_ms: question.to.as_micros() / 1_000,
        };
        let found = filter_log_events(&client, &query)?;
        let sources = log_sources(found.lines.iter().map(|line| line.message.as_str()));
        let never_touch = if sources.is_empty() { NeverTouch::default() } else { self.never_touch_from(&client)? };
        Ok(block_log_sources(alarm, question, &sources, &self.policy, &never_touch))
    }

    /// Answers an event: plans it, carries the plan out, and tells people.
    ///
    /// # Errors
    /// Nothing could be planned. What went wrong later is told by the report, step by step.
    pub fn answer(&self, event: &CloudEvent, now: Timestamp) -> Result<AnswerReport, AwsError> {
        let plan = self.plan(event)?;
        Ok(self.carry_out(plan, now))
    }
}
