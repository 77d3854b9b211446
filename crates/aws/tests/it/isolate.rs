//! Isolation where something is in the way.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vigie_aws::Mode;
use vigie_aws_fake::{Account as FakeAccount, Fake, Fault, Trouble};
use vigie_respond::{ExecuteError, Outcome};

use crate::sample::{Account, client};

const ID: &str = "i-0123456789abcdef0";
const NEIGHBOUR: &str = "i-0123456789abcdef1";

/// Returns a stand-in with an instance of five interfaces in two subnets that are its own.
fn five_interfaces() -> (Fake, Account) {
    let fake = Fake::start();
    fake.account(|account| {
        account.add_group("sg-quarantine", "vpc-1", [0, 0]);
        account.groups.get_mut("sg-quarantine").unwrap().tags.insert("vigie:quarantine".into(), "true".into());
        account.add_group("sg-holes", "vpc-1", [0, 1]);
        account.add_group("sg-elsewhere", "vpc-2", [0, 0]);
        for number in 0..6 {
            account.add_group(&format!("sg-{number}"), "vpc-1", [2, 1]);
        }
        let subnets = ["subnet-1", "subnet-1", "subnet-1", "subnet-2", "subnet-2"];
        account.add_instance(ID, "vpc-1", &subnets, &["sg-0", "sg-1", "sg-2", "sg-3", "sg-4"]);
        account.instances.get_mut(ID).unwrap().profile = Some("arn:aws:iam::123456789012:instance-profile/web".into());
        account.instances.get_mut(ID).unwrap().tags.insert("Name".into(), "web".into());
        let odd = account.interfaces.get_mut("eni-0123456789abcdef0-3").unwrap();
        odd.groups = ["sg-5".to_owned()].into();
        account.add_acl("acl-1", &["subnet-1", "subnet-2"]);
    });
    let account = Account::new(&fake.url(), json!({}));
    (fake, account)
}

fn isolate(account: &Account) -> Result<Outcome, ExecuteError> {
    account.execute("ec2.isolate_instance", &json!({"instance": ID}))
}

fn release(account: &Account, undo: &Value) -> Outcome {
    account.undo("ec2.isolate_instance", undo).unwrap()
}

/// Everything that isolation may change, in a form that can be compared.
fn state(fake: &Fake) -> String {
    fake.account(|account| {
        let FakeAccount { acls, instances, interfaces, .. } = account;
        let mut acls = acls.clone();
        for acl in acls.values_mut() {
            acl.entries.sort_by_key(|entry| (entry.egress, entry.number));
        }
        format!("{acls:#?} {instances:#?} {interfaces:#?}")
    })
}

/// The groups of each interface, by the end of its id: `0:sg-1+sg-2 1:…`.
fn groups(fake: &Fake) -> String {
    fake.account(|account| {
        let groups = account.interfaces.iter().map(|(id, interface)| {
            let groups: Vec<&str> = interface.groups.iter().map(String::as_str).collect();
            format!("{}:{}", id.rsplit('-').next().unwrap(), groups.join("+"))
        });
        groups.collect::<Vec<_>>().join(" ")
    })
}

const QUARANTINED: &str = "0:sg-quarantine 1:sg-quarantine 2:sg-quarantine 3:sg-quarantine 4:sg-quarantine";

#[test]
fn five_interfaces_are_isolated_and_let_go() {
    let (fake, account) = five_interfaces();
    let before = state(&fake);
    let first = isolate(&account).unwrap();
    assert_eq!(groups(&fake), QUARANTINED);
    fake.account(|account| {
        let instance = &account.instances[ID];
        assert!(instance.protected && instance.profile.is_none() && instance.state == "running");
        // Five interfaces with five groups each do not fit into one tag.
        assert!(instance.tags.contains_key("vigie:original-groups-2"), "{:?}", instance.tags);
        assert_eq!(instance.tags["vigie:reason"], "test of ec2.isolate_instance");
        let rules: Vec<String> = account.acls["acl-1"]
            .entries
            .iter()
            .filter(|entry| !entry.allow)
            .map(|entry| format!("{} {} {}", entry.egress, entry.number, entry.network))
            .collect();
        assert_eq!(rules, ["false 1 0.0.0.0/0", "false 2 ::/0", "true 1 0.0.0.0/0", "true 2 ::/0"]);
    });
    assert!(!first.note.contains("stay open"), "{}", first.note);
    let isolated = state(&fake);
    let second = isolate(&account).unwrap();
    assert_eq!((second.undo, state(&fake)), (first.undo.clone(), isolated));
    for _ in 0..2 {
        release(&account, &first.undo);
        assert_eq!(state(&fake), before);
    }
}

/// Wherever it breaks off, a repeat completes it, and what it then returns takes everything back.
#[test]
fn a_repeat_completes_what_broke_off() {
    let (fake, account) = five_interfaces();
    isolate(&account).unwrap();
    let isolated = state(&fake);
    let writes =
        ["CreateTags", "ModifyNetworkInterfaceAttribute", "CreateNetworkAclEntry", "DisassociateIamInstanceProfile"];
    for operation in writes {
        for after in 0..5 {
            for trouble in [Trouble::Denied, Trouble::LostAnswer] {
                let (fake, account) = five_interfaces();
                let before = state(&fake);
                let fault = Fault { operation: operation.to_owned(), trouble: trouble.clone(), after, times: 1 };
                fake.fail(fault.clone());
                // With a late fault it is the second time that breaks off.
                let until_done = || (0..3).find_map(|_| isolate(&account).ok()).unwrap().undo;
                let undo = until_done();
                assert_eq!(until_done(), undo, "{fault:?}");
                assert_eq!(state(&fake), isolated, "{fault:?}");
                release(&account, &undo);
                assert_eq!(state(&fake), before, "{fault:?}");
            }
        }
    }
}

#[test]
fn letting_go_can_be_repeated_too() {
    let writes = [
        "DeleteNetworkAclEntry",
        "ModifyNetworkInterfaceAttribute",
        "AssociateIamInstanceProfile",
        "DeleteTags",
        "DescribeNetworkAcls",
    ];
    for operation in writes {
        for trouble in [Trouble::Denied, Trouble::LostAnswer] {
            let (fake, account) = five_interfaces();
            let before = state(&fake);
            let undo = isolate(&account).unwrap().undo;
            fake.fail(Fault { operation: operation.to_owned(), trouble: trouble.clone(), after: 0, times: 1 });
            let broke_off = account.undo("ec2.isolate_instance", &undo);
            assert!(trouble == Trouble::LostAnswer || broke_off.is_err(), "{operation}");
            release(&account, &undo);
            assert_eq!(state(&fake), before, "{operation} {trouble:?}");
        }
    }
}

/// What keeps an instance from being isolated: nothing is changed, and the error says what to do.
#[test]
fn refused() {
    type Change = fn(&mut FakeAccount, &mut vigie_aws::Settings);
    let cases: [(Change, &str); 12] = [
        (|a, _| drop(a.instances.remove(ID)), "no such instance"),
        (|a, _| a.instances.get_mut(ID).unwrap().state = "terminated".into(), "it is terminated"),
        (|a, _| a.instances.get_mut(ID).unwrap().state = "shutting-down".into(), "it is terminated"),
        (|a, _| tag(a, "vigie:never-isolate", ""), "never isolated"),
        (|a, _| tag(a, "vigie:never-isolate", "true"), "never isolated"),
        (|a, _| drop(a.groups.remove("sg-quarantine")), "vpc-1 has no quarantine group: make a security group"),
        (|_, s| use_group(s, "sg-holes"), "has 0 ingress and 1 egress rules: remove them"),
        (|_, s| use_group(s, "sg-elsewhere"), "is in vpc-2, the instance in vpc-1"),
        (|_, s| use_group(s, "sg-deleted"), "not found"),
        (|a, _| a.groups.get_mut("sg-quarantine").unwrap().ingress = 1, "has 1 ingress"),
        (|a, _| many_tags(a), "TagLimitExceeded"),
        (|a, _| a.groups.get_mut("sg-quarantine").unwrap().tags.clear(), "has no quarantine group"),
    ];
    for (change, expected) in cases {
        let (fake, mut account) = five_interfaces();
        fake.account(|fake| change(fake, &mut account.settings));
        let before = groups(&fake);
        let error = isolate(&account).unwrap_err();
        assert!(error.to_string().contains(expected) && !error.is_retryable(), "{error}");
        assert_eq!(groups(&fake), before);
    }
    let (fake, account) = five_interfaces();
    fake.account(|account| tag(account, "vigie:never-isolate", "false"));
    isolate(&account).unwrap();
    for wrong in [json!("i-1"), json!(7), json!("i-0123456789abcdefg"), Value::Null] {
        account.execute("ec2.isolate_instance", &json!({"instance": wrong})).unwrap_err();
    }
    let (fake, account) = five_interfaces();
    fake.fail(Fault::next("DescribeInstances", Trouble::Denied, 1));
    assert!(isolate(&account).unwrap_err().to_string().contains("not allowed"));
}

fn tag(account: &mut FakeAccount, key: &str, value: &str) {
    account.instances.get_mut(ID).unwrap().tags.insert(key.to_owned(), value.to_owned());
}

fn many_tags(account: &mut FakeAccount) {
    (0..48).for_each(|number| tag(account, &format!("tag-{number}"), ""));
}

fn use_group(settings: &mut vigie_aws::Settings, group: &str) {
    settings.quarantine_groups = [("vpc-1".to_owned(), group.to_owned())].into();
}

/// Where a network ACL would hit others, or cannot take the rules, connections stay open, and the note says so; or the
/// instance is stopped, where the settings want that.
#[test]
fn where_connections_cannot_be_cut() {
    type Change = fn(&mut FakeAccount);
    let cases: [(Change, &str); 4] = [
        (
            |a| a.add_instance(NEIGHBOUR, "vpc-1", &["subnet-2"], &["sg-0"]),
            "it shares subnet-2 with 1 other interfaces",
        ),
        (|a| a.acls.get_mut("acl-1").unwrap().subnets.push("subnet-3".into()), "is for other subnets too"),
        (|a| a.acls.get_mut("acl-1").unwrap().entries[0].number = 1, "has no free number below"),
        (|a| a.acl_quota = 2, "NetworkAclEntryLimitExceeded"),
    ];
    for (change, expected) in cases {
        let (fake, mut account) = five_interfaces();
        fake.account(change);
        let before = state(&fake);
        let outcome = isolate(&account).unwrap();
        assert!(outcome.note.contains("stay open") && outcome.note.contains(expected), "{}", outcome.note);
        assert!(groups(&fake).contains(QUARANTINED) || groups(&fake).contains("3:sg-quarantine 4:sg-quarantine"));
        release(&account, &outcome.undo);
        assert_eq!(state(&fake), before);
        if expected.contains("Limit") {
            continue;
        }
        account.settings.shared_subnet = vigie_aws::SharedSubnet::Stop;
        let outcome = isolate(&account).unwrap();
        assert!(outcome.note.contains("it is stopped") && !outcome.note.contains("stay open"), "{}", outcome.note);
        assert_eq!(fake.account(|account| account.instances[ID].state.clone()), "stopped");
        release(&account, &outcome.undo);
        assert_eq!(state(&fake), before);
    }
}

/// What somebody else changed since is theirs, and is told.
#[test]
fn only_what_we_changed_is_taken_back() {
    type Change = fn(&mut FakeAccount);
    let interface = |number: u8| format!("eni-0123456789abcdef0-{number}");
    let cases: [(Change, &str, &str); 6] = [
        (
            |a| a.interfaces.get_mut("eni-0123456789abcdef0-1").unwrap().groups = ["sg-5".to_owned()].into(),
            "got other groups meanwhile (sg-5), and keeps them",
            "1:sg-5",
        ),
        (
            |a| a.interfaces.get_mut("eni-0123456789abcdef0-2").unwrap().instance = None,
            "is not attached any more",
            "2:sg-quarantine",
        ),
        (|a| drop(a.interfaces.remove("eni-0123456789abcdef0-4")), "is not attached any more", "3:sg-5"),
        (
            |a| a.instances.get_mut(ID).unwrap().profile = Some("arn:aws:iam::1:instance-profile/other".into()),
            "got the profile arn:aws:iam::1:instance-profile/other meanwhile",
            "3:sg-5",
        ),
        (
            |a| a.acls.get_mut("acl-1").unwrap().entries.iter_mut().for_each(|e| e.protocol = "6".into()),
            "somebody else's",
            "3:sg-5",
        ),
        (|a| a.acls.clear(), "is let go", "3:sg-5"),
    ];
    for (change, told, expected) in cases {
        let (fake, account) = five_interfaces();
        let undo = isolate(&account).unwrap().undo;
        assert_eq!(undo["groups"][interface(3)], json!(["sg-5"]));
        fake.account(change);
        let note = release(&account, &undo).note;
        assert!(note.contains(told), "{note}");
        assert!(
            groups(&fake).contains(expected) && groups(&fake).contains("0:sg-0+sg-1+sg-2+sg-3+sg-4"),
            "{}",
            groups(&fake)
        );
    }
    // A group that was deleted meanwhile: the others go back, and the error names it.
    let (fake, account) = five_interfaces();
    let undo = isolate(&account).unwrap().undo;
    fake.account(|account| account.groups.remove("sg-5"));
    let error = account.undo("ec2.isolate_instance", &undo).unwrap_err();
    assert!(error.to_string().contains("sg-5"), "{error}");
    assert!(groups(&fake).ends_with("3:sg-quarantine 4:sg-0+sg-1+sg-2+sg-3+sg-4"), "{}", groups(&fake));
    // Detaching the profile takes AWS a moment.
    let (fake, account) = five_interfaces();
    let undo = isolate(&account).unwrap().undo;
    fake.fail(Fault::next("AssociateIamInstanceProfile", Trouble::Refused("IncorrectState".to_owned()), 1));
    assert!(account.undo("ec2.isolate_instance", &undo).unwrap_err().is_retryable());
    // An instance that is gone has nothing to give back but the rules.
    for state in ["terminated", "missing"] {
        let (fake, account) = five_interfaces();
        let undo = isolate(&account).unwrap().undo;
        fake.account(|account| match state {
            "missing" => drop(account.instances.remove(ID)),
            state => account.instances.get_mut(ID).unwrap().state = state.to_owned(),
        });
        assert!(release(&account, &undo).note.contains("is terminated"));
        assert_eq!(fake.account(|account| account.acls["acl-1"].entries.len()), 4);
    }
}

/// An interface that was attached after the isolation is isolated by a repeat, and let go like the others.
#[test]
fn an_interface_that_came_later() {
    let (fake, account) = five_interfaces();
    isolate(&account).unwrap();
    fake.account(|account| {
        let mut late = account.interfaces["eni-0123456789abcdef0-0"].clone();
        late.groups = ["sg-1".to_owned()].into();
        account.interfaces.insert("eni-late-5".to_owned(), late);
    });
    let undo = isolate(&account).unwrap().undo;
    assert!(groups(&fake).ends_with("5:sg-quarantine"));
    release(&account, &undo);
    assert!(groups(&fake).ends_with("5:sg-1") && groups(&fake).starts_with("0:sg-0+"));
}

/// Who may write tags could plant a record, to be handed groups and a role when the instance is let go.
#[test]
fn tags_are_not_believed_before_something_is_isolated() {
    let (fake, account) = five_interfaces();
    fake.account(|account| {
        account.instances.get_mut(ID).unwrap().profile = None;
        tag(account, "vigie:original-groups", r#"{"eni-0123456789abcdef0-0":["sg-5"]}"#);
        let state =
            r#"{"quarantine":"sg-quarantine","protected":true,"profile":"arn:aws:iam::1:instance-profile/admin"}"#;
        tag(account, "vigie:original-state", state);
    });
    let before = groups(&fake);
    let undo = isolate(&account).unwrap().undo;
    assert_eq!((undo.get("profile"), &undo["protected"]), (None, &json!(false)));
    release(&account, &undo);
    assert_eq!(groups(&fake), before);
    fake.account(|account| {
        assert_eq!(account.instances[ID].profile, None);
        assert_eq!(account.instances[ID].tags, BTreeMap::from([("Name".to_owned(), "web".to_owned())]));
    });
}

/// Where it cannot be kept how to take it back, nothing is done.
#[test]
fn nothing_is_done_that_cannot_be_remembered() {
    let (fake, account) = five_interfaces();
    let before = state(&fake);
    let cannot = |_: &Value| {
        Err(ExecuteError::Unavailable { what: "write it down".to_owned(), reason: "the table is away".to_owned() })
    };
    let outcome = account.execute_and("ec2.isolate_instance", &json!({"instance": ID}), &cannot);
    assert!(outcome.unwrap_err().is_retryable());
    assert_eq!(state(&fake), before);
}

/// Spot instances take no protection, and Auto Scaling heeds none; they are isolated all the same.
#[test]
fn without_protection() {
    let (fake, account) = five_interfaces();
    fake.account(|account| account.instances.get_mut(ID).unwrap().takes_protection = false);
    fake.account(|account| tag(account, "aws:autoscaling:groupName", "web"));
    let before = state(&fake);
    let outcome = isolate(&account).unwrap();
    assert!(outcome.note.contains("not protected from termination"), "{}", outcome.note);
    assert!(outcome.note.contains("the Auto Scaling group web may"), "{}", outcome.note);
    assert_eq!(groups(&fake), QUARANTINED);
    release(&account, &outcome.undo);
    assert_eq!(state(&fake), before);
}

#[test]
fn a_dry_run_changes_nothing() {
    let (fake, mut account) = five_interfaces();
    let before = state(&fake);
    account.client = client(&fake.url(), Mode::DryRun);
    let undo = isolate(&account).unwrap().undo;
    account.execute("ec2.snapshot", &json!({"instance": ID})).unwrap();
    release(&account, &undo);
    assert_eq!(state(&fake), before);
    let would = account.client.calls();
    let count = |name: &str| would.iter().filter(|(operation, _)| operation.name == name).count();
    assert_eq!((count("ModifyNetworkInterfaceAttribute"), count("CreateNetworkAclEntry")), (5, 4));
}

/// Snapshots come once for each action, also where the answer is lost.
#[test]
fn snapshots() {
    let (fake, account) = five_interfaces();
    let snapshot = |account: &Account| account.execute("ec2.snapshot", &json!({"instance": ID}));
    fake.fail(Fault::next("CreateSnapshots", Trouble::LostAnswer, 1));
    assert!(snapshot(&account).unwrap_err().is_retryable());
    assert!(snapshot(&account).unwrap().note.contains("taken already"));
    assert_eq!(fake.account(|account| account.snapshots.len()), 1);
    for (state, volumes, expected) in [("running", 0, "no EBS volume"), ("terminated", 1, "terminated")] {
        let (fake, account) = five_interfaces();
        fake.account(|account| {
            let instance = account.instances.get_mut(ID).unwrap();
            state.clone_into(&mut instance.state);
            instance.volumes.truncate(volumes);
        });
        let error = snapshot(&account).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
