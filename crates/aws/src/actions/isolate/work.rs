//! Isolating, step by step.

use std::collections::BTreeMap;

use vigie_model::Action;
use vigie_respond::ExecuteError;

use super::record::{AT, BY, REASON, Record, State};
use super::{NEVER, cut, kept, tag_value};
use crate::actions::{Context, why};
use crate::services::ec2::{
    Association, Instance, SecurityGroup, create_network_acl_entry_call, create_tags_call, describe_instance,
    describe_security_groups, describe_subnet_acl, disassociate_profile_call, is_protected,
    modify_interface_groups_call, profile_associations, protect_call, quarantine_groups, stop_instance_call,
};
use crate::{AwsError, SharedSubnet};

/// The tag that Auto Scaling gives its instances.
const AUTO_SCALING: &str = "aws:autoscaling:groupName";

/// One isolation under way.
struct Work<'a> {
    instance: &'a Instance,
    context: &'a Context<'a>,
    what: String,
    /// What the note adds.
    told: Vec<String>,
}

/// Isolates an instance. Returns what it was like before, and the note.
pub(super) fn isolate(id: &str, action: &Action, context: &Context<'_>) -> Result<(Record, String), ExecuteError> {
    let what = format!("isolate the instance {id}");
    let rejected = |reason: &str| ExecuteError::Rejected { what: what.clone(), reason: reason.to_owned() };
    let instance = describe_instance(context.client, id)
        .map_err(|error| error.into_execute_error(&what))?
        .ok_or_else(|| rejected("there is no such instance in this account and Region"))?;
    if instance.is_gone() {
        return Err(rejected("it is terminated: there is nothing left to isolate"));
    }
    if instance.tags.get(NEVER).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false")) {
        return Err(rejected(&format!("its tag {NEVER} says that it is never isolated")));
    }
    let mut work = Work { instance: &instance, context, what, told: Vec::new() };
    let record = work.all_steps(action)?;
    if let Some(group) = instance.tags.get(AUTO_SCALING) {
        work.told.push(format!(
            "the Auto Scaling group {group} may take it for unhealthy and terminate it: detach it there to keep it"
        ));
    }
    let mut note = format!(
        "{id} is isolated: {} of its interfaces are in the quarantine group {} alone",
        instance.interfaces.len(),
        record.state.quarantine
    );
    for told in &work.told {
        note.push_str("; ");
        note.push_str(told);
    }
    Ok((record, note))
}

impl Work<'_> {
    fn all_steps(&mut self, action: &Action) -> Result<Record, ExecuteError> {
        let group = self.quarantine_group()?;
        let associations = profile_associations(self.context.client, &self.instance.id).map_err(self.failed())?;
        let before = Record::from_tags(&self.instance.tags);
        // Whoever may write tags could have put a record there, to be handed groups and a role when the instance is let
        // go. What can be seen therefore goes before what is written, and a record counts only once there is something
        // to see of what it tells.
        let is_begun = self.instance.interfaces.iter().any(|interface| interface.groups == [group.id.as_str()]);
        let mut record = match &before {
            Some(record) if is_begun => record.clone(),
            other => {
                let mut record = self.first_look(&associations)?;
                record.state.protected &= other.as_ref().is_none_or(|other| other.state.protected);
                record
            }
        };
        record.state.quarantine.clone_from(&group.id);
        if let Some(association) = associations.first() {
            record.state.profile = Some(association.profile.clone());
        }
        for interface in self.instance.interfaces.iter().filter(|interface| interface.groups != [group.id.as_str()]) {
            record.groups.insert(interface.id.clone(), interface.groups.clone());
        }
        (self.context.remember)(&kept(&self.instance.id, &record))?;
        if before.as_ref() != Some(&record) {
            self.write_down(&record, action)?;
        }
        self.protect(&record)?;
        self.change_groups(&group.id)?;
        self.cut_off(&record)?;
        self.detach_profile(&associations)?;
        if record.state.stop && matches!(self.instance.state.as_str(), "running" | "pending") {
            self.stop()?;
        }
        Ok(record)
    }

    fn failed(&self) -> impl Fn(AwsError) -> ExecuteError + use<> {
        let what = self.what.clone();
        move |error| error.into_execute_error(&what)
    }

    /// Finds the quarantine group, and checks that it cuts everything off: a rule in it would be a hole.
    fn quarantine_group(&self) -> Result<SecurityGroup, ExecuteError> {
        let unable = |reason: String| ExecuteError::Unable { what: self.what.clone(), reason };
        let vpc = &self.instance.vpc;
        let found = match self.context.settings.quarantine_groups.get(vpc) {
            Some(id) => describe_security_groups(self.context.client, &[id]).map_err(self.failed())?,
            None => quarantine_groups(self.context.client, vpc).map_err(self.failed())?,
        };
        let Some(group) = found.into_iter().min_by(|a, b| a.id.cmp(&b.id)) else {
            return Err(unable(format!(
                "{vpc} has no quarantine group: make a security group without rules there, with the tag \
                 vigie:quarantine=true"
            )));
        };
        if group.vpc != *vpc {
            return Err(unable(format!(
                "the quarantine group {} is in {}, the instance in {vpc}: correct `quarantine_groups`",
                group.id, group.vpc
            )));
        }
        if group.ingress_rules + group.egress_rules > 0 {
            return Err(unable(format!(
                "the quarantine group {} has {} ingress and {} egress rules: remove them, it must have none",
                group.id, group.ingress_rules, group.egress_rules
            )));
        }
        Ok(group)
    }

    fn first_look(&mut self, associations: &[Association]) -> Result<Record, ExecuteError> {
        let protected = is_protected(self.context.client, &self.instance.id).map_err(self.failed())?;
        let cut = cut::plan(self.context.client, self.instance).map_err(self.failed())?;
        let stop = !cut.open.is_empty() && self.context.settings.shared_subnet == SharedSubnet::Stop;
        if !cut.open.is_empty() && !stop {
            self.told.push(format!("connections that are open stay open until they are idle: {}", cut.open.join(", ")));
        }
        let state = State {
            quarantine: String::new(),
            protected,
            profile: associations.first().map(|association| association.profile.clone()),
            stop: stop && matches!(self.instance.state.as_str(), "running" | "pending"),
            rules: cut.rules,
        };
        Ok(Record { groups: BTreeMap::new(), state })
    }

    fn write_down(&self, record: &Record, action: &Action) -> Result<(), ExecuteError> {
        let mut tags = record.to_tags();
        tags.insert(BY.to_owned(), tag_value(&action.id.to_string()));
        tags.insert(AT.to_owned(), self.context.now.to_string());
        tags.insert(REASON.to_owned(), tag_value(why(action)));
        self.context.client.send(&create_tags_call(&self.instance.id, &tags)).map(drop).map_err(self.failed())
    }

    /// Some kinds of instance (Spot) take no protection; they are isolated all the same.
    fn protect(&mut self, record: &Record) -> Result<(), ExecuteError> {
        if record.state.protected {
            return Ok(());
        }
        match self.context.client.send(&protect_call(&self.instance.id, true)) {
            Ok(_) => Ok(()),
            Err(error @ (AwsError::Rejected { .. } | AwsError::Denied { .. })) => {
                self.told.push(format!("it is not protected from termination: {error}"));
                Ok(())
            }
            Err(error) => Err(self.failed()(error)),
        }
    }

    /// All interfaces are tried, and the first error is told after the last: one that fails must not leave four open.
    fn change_groups(&self, quarantine: &str) -> Result<(), ExecuteError> {
        let mut first_error = None;
        for interface in &self.instance.interfaces {
            if interface.groups == [quarantine] {
                continue;
            }
            if let Err(error) = self.context.client.send(&modify_interface_groups_call(&interface.id, &[quarantine])) {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), |error| Err(self.failed()(error)))
    }

    fn cut_off(&mut self, record: &Record) -> Result<(), ExecuteError> {
        for rule in &record.state.rules {
            let call = create_network_acl_entry_call(&rule.acl, rule.number, rule.direction, rule.network);
            match self.context.client.send(&call) {
                Ok(_) => {}
                Err(error) if error.code() == Some("NetworkAclEntryAlreadyExists") => {
                    if !self.is_ours(rule)? {
                        self.told.push(format!("rule {} of {} was taken meanwhile", rule.number, rule.acl));
                    }
                }
                Err(error @ (AwsError::Rejected { .. } | AwsError::NotFound { .. })) => {
                    self.told.push(format!("connections that are open stay open until they are idle: {error}"));
                }
                Err(error) => return Err(self.failed()(error)),
            }
        }
        Ok(())
    }

    fn is_ours(&self, rule: &super::record::Rule) -> Result<bool, ExecuteError> {
        for interface in &self.instance.interfaces {
            let acl = describe_subnet_acl(self.context.client, &interface.subnet).map_err(self.failed())?;
            if let Some(acl) = acl.filter(|acl| acl.id == rule.acl) {
                return Ok(acl.entries.iter().any(|entry| rule.is(entry)));
            }
        }
        Ok(false)
    }

    fn detach_profile(&mut self, associations: &[Association]) -> Result<(), ExecuteError> {
        for association in associations {
            match self.context.client.send(&disassociate_profile_call(&association.id)) {
                Ok(_) => self.told.push(format!(
                    "its profile {} is detached, and credentials that it has got work until they expire",
                    association.profile
                )),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(self.failed()(error)),
            }
        }
        Ok(())
    }

    /// An instance that cannot be stopped (instance store) is isolated all the same.
    fn stop(&mut self) -> Result<(), ExecuteError> {
        match self.context.client.send(&stop_instance_call(&self.instance.id)) {
            Ok(_) => self.told.push("it is stopped, since it shares its subnet with others".to_owned()),
            Err(error @ AwsError::Rejected { .. }) => self.told.push(format!("it is not stopped: {error}")),
            Err(error) => return Err(self.failed()(error)),
        }
        Ok(())
    }
}
