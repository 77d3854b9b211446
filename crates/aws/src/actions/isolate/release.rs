//! Letting an instance go: what we changed, and nothing else.

use vigie_respond::ExecuteError;

use super::record::{Record, Rule, is_ours};
use crate::AwsError;
use crate::actions::Context;
use crate::services::ec2::{
    Instance, associate_profile_call, delete_network_acl_entry_call, delete_tags_call, describe_instance,
    describe_network_acls, modify_interface_groups_call, profile_associations, protect_call, start_instance_call,
};

struct Release<'a> {
    instance: &'a Instance,
    record: &'a Record,
    context: &'a Context<'a>,
    what: String,
    told: Vec<String>,
}

/// Lets an instance go, and returns the note.
pub(super) fn release(id: &str, record: &Record, context: &Context<'_>) -> Result<String, ExecuteError> {
    let what = format!("let the instance {id} go");
    let found = describe_instance(context.client, id).map_err(|error| error.into_execute_error(&what))?;
    let gone = found.as_ref().is_none_or(Instance::is_gone);
    let nobody = Instance {
        id: id.to_owned(),
        state: "terminated".to_owned(),
        vpc: String::new(),
        tags: std::collections::BTreeMap::new(),
        interfaces: Vec::new(),
        volumes: Vec::new(),
    };
    let instance = found.as_ref().unwrap_or(&nobody);
    let mut release = Release { instance, record, context, what, told: Vec::new() };
    // The subnet lives on without the instance.
    release.remove_rules()?;
    if gone {
        return Ok(noted(format!("{id} is terminated"), &release.told));
    }
    release.all_steps()?;
    Ok(noted(format!("{id} is let go"), &release.told))
}

fn noted(note: String, told: &[String]) -> String {
    std::iter::once(note).chain(told.iter().cloned()).collect::<Vec<_>>().join("; ")
}

impl Release<'_> {
    fn failed(&self) -> impl Fn(AwsError) -> ExecuteError + use<> {
        let what = self.what.clone();
        move |error| error.into_execute_error(&what)
    }

    fn all_steps(&mut self) -> Result<(), ExecuteError> {
        self.restore_groups()?;
        self.attach_profile()?;
        if !self.record.state.protected {
            match self.context.client.send(&protect_call(&self.instance.id, false)) {
                Ok(_) => {}
                Err(error @ (AwsError::Rejected { .. } | AwsError::Denied { .. })) => {
                    self.told.push(format!("it may still be protected from termination: {error}"));
                }
                Err(error) => return Err(self.failed()(error)),
            }
        }
        if self.record.state.stop {
            self.start()?;
        }
        // The tags go last: as long as something is left to do, they tell what.
        let keys: Vec<&String> = self.instance.tags.keys().filter(|key| is_ours(key)).collect();
        if !keys.is_empty() {
            self.context.client.send(&delete_tags_call(&self.instance.id, &keys)).map_err(self.failed())?;
        }
        Ok(())
    }

    fn remove_rules(&mut self) -> Result<(), ExecuteError> {
        for rule in &self.record.state.rules {
            let acls = match describe_network_acls(self.context.client, &[&rule.acl]) {
                Err(error) if error.is_not_found() => continue,
                other => other.map_err(self.failed())?,
            };
            let entries = acls.iter().flat_map(|acl| &acl.entries);
            let there = entries.filter(|entry| entry.number == rule.number && entry.direction == rule.direction);
            match there.map(|entry| rule.is(entry)).next() {
                None => {}
                Some(false) => {
                    self.told.push(format!("rule {} of {} is somebody else's now, and stays", rule.number, rule.acl));
                }
                Some(true) => {
                    let call = delete_network_acl_entry_call(&rule.acl, rule.number, rule.direction);
                    match self.context.client.send(&call) {
                        Err(error) if !error.is_not_found() => return Err(self.failed()(error)),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// All interfaces are tried, and the first error is told after the last.
    fn restore_groups(&mut self) -> Result<(), ExecuteError> {
        let mut first_error = None;
        for (id, groups) in &self.record.groups {
            let Some(interface) = self.instance.interfaces.iter().find(|interface| interface.id == *id) else {
                self.told.push(format!("the interface {id} is not attached any more: its groups were {groups:?}"));
                continue;
            };
            if interface.groups == *groups {
                continue;
            }
            if interface.groups != [self.record.state.quarantine.as_str()] {
                self.told.push(format!(
                    "the interface {id} got other groups meanwhile ({}), and keeps them",
                    interface.groups.join(", ")
                ));
                continue;
            }
            if let Err(error) = self.context.client.send(&modify_interface_groups_call(id, groups)) {
                first_error.get_or_insert(error);
            }
        }
        for interface in &self.instance.interfaces {
            if interface.groups == [self.record.state.quarantine.as_str()]
                && !self.record.groups.contains_key(&interface.id)
            {
                self.told.push(format!("the interface {} was not put into quarantine by us, and stays", interface.id));
            }
        }
        first_error.map_or(Ok(()), |error| Err(self.failed()(error)))
    }

    fn attach_profile(&mut self) -> Result<(), ExecuteError> {
        let Some(profile) = &self.record.state.profile else { return Ok(()) };
        let now = profile_associations(self.context.client, &self.instance.id).map_err(self.failed())?;
        match now.first() {
            Some(association) if association.profile == *profile => return Ok(()),
            Some(association) => {
                self.told.push(format!("it got the profile {} meanwhile, and keeps it", association.profile));
                return Ok(());
            }
            None => {}
        }
        match self.context.client.send(&associate_profile_call(&self.instance.id, profile)) {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => {
                self.told.push(format!("its profile {profile} does not exist any more"));
                Ok(())
            }
            Err(error) if error.code() == Some("IncorrectState") => Err(ExecuteError::Unavailable {
                what: self.what.clone(),
                reason: format!("its profile is still being detached: {error}"),
            }),
            Err(error) => Err(self.failed()(error)),
        }
    }

    fn start(&mut self) -> Result<(), ExecuteError> {
        match self.instance.state.as_str() {
            "stopped" => {
                self.context.client.send(&start_instance_call(&self.instance.id)).map(drop).map_err(self.failed())
            }
            "stopping" => {
                Err(ExecuteError::Unavailable { what: self.what.clone(), reason: "it is still stopping".to_owned() })
            }
            _ => Ok(()),
        }
    }
}

impl Rule {
    /// Returns whether an entry is this rule.
    pub(super) fn is(&self, entry: &crate::services::ec2::AclEntry) -> bool {
        entry.number == self.number
            && entry.direction == self.direction
            && entry.verdict == crate::services::ec2::Verdict::Deny
            && entry.every_protocol
            && entry.network == Some(self.network)
    }
}
