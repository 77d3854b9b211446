//! What is planned for an alert.

use vigie_model::{Action, Alert, Severity, Timestamp};
use vigie_respond::{ActionEvent, Outcome, RateLimits, take_effect, transition};

use crate::sample::{World, alert, block, case, later, now, playbook};

fn attack(title: &str) -> Alert {
    alert(title, Severity::High, &[], &["source ip 203.0.113.7", "target host web-1"])
}

fn statuses(actions: &[Action]) -> Vec<&'static str> {
    actions.iter().map(|action| action.status.as_str()).collect()
}

fn run(action: Action, at: Timestamp) -> Action {
    let action = transition(action, ActionEvent::Start, "vigie", "", at).unwrap();
    transition(action, ActionEvent::Succeed, "vigie", "", at).unwrap()
}

fn outcome() -> Outcome {
    Outcome { note: String::new(), undo: serde_json::Value::Null }
}

#[test]
fn an_action_tells_all_about_itself() {
    let mut world = World { case: Some(case(4, "Intrusion")), ..World::default() };
    let actions = world.plan(&[block("b", "none", "24h")], &attack("SSH brute force"), now());
    let action = &actions[0];
    assert_eq!(statuses(&actions), ["approved"]);
    assert_eq!(action.summary, "block 203.0.113.7 on this host for 24 h");
    assert_eq!(action.expires_after_s, Some(86_400));
    assert_eq!(action.parameters["ip"], "203.0.113.7");
    assert!(action.blast_radius.contains("dropped") && action.undo.contains("inet vigie"));
    assert_eq!(action.trigger.case, world.case.as_ref().map(|case| case.id));
    assert_eq!(action.steps[0].by, "playbook:b");
    assert_eq!(action.steps[0].note, "answers the alert `SSH brute force`");
    world.dry_run = true;
    let simulated = world.plan(&[block("b", "none", "24h")], &attack("SSH brute force"), now());
    assert_eq!((statuses(&simulated), simulated[0].id), (vec!["simulated"], action.id));
}

#[test]
fn a_replay_plans_nothing_new() {
    let mut world = World::default();
    let playbooks = [block("b", "analyst", "24h")];
    world.known = world.plan(&playbooks, &attack("a"), now());
    assert_eq!(statuses(&world.known), ["awaiting_approval"]);
    assert_eq!(world.plan(&playbooks, &attack("a"), later(1)), []);
    // Merging the alert into a case does not make it another action.
    world.case = Some(case(1, "c"));
    assert_eq!(world.plan(&playbooks, &attack("a"), later(1)), []);
}

#[test]
fn playbooks_that_ask_for_the_same_make_one_action() {
    let world = World::default();
    let playbooks = [block("z", "none", "1h"), block("a", "analyst", "7d"), block("m", "none", "2h")];
    let actions = world.plan(&playbooks, &attack("a"), now());
    assert_eq!(statuses(&actions), ["approved"]);
    // Nobody allowed seven days without an analyst.
    assert_eq!((actions[0].expires_after_s, actions[0].steps[0].by.as_str()), (Some(7_200), "playbook:m"));
    let reversed: Vec<_> = playbooks.into_iter().rev().collect();
    assert_eq!(world.plan(&reversed, &attack("a"), now()), actions);
}

#[test]
fn a_block_in_force_is_extended_and_not_doubled() {
    let mut world = World::default();
    let playbooks = [block("b", "none", "24h")];
    let first = run(world.plan(&playbooks, &attack("one"), now()).remove(0), now());
    world.in_force = vec![take_effect(&first, &outcome(), &[], now()).unwrap()];
    world.known = vec![first];
    // Two hours later it would hold 22 h longer than what is left is worth: 2 h of 24 h is under a tenth.
    assert_eq!(world.plan(&playbooks, &attack("two"), later(2)), []);
    let extended = world.plan(&playbooks, &attack("two"), later(12));
    assert_eq!(statuses(&extended), ["approved"]);
    assert_eq!(extended[0].summary, "extend: block 203.0.113.7 on this host for 24 h");
    assert!(extended[0].steps[0].note.contains("already, so it is extended"), "{:?}", extended[0].steps);
    let held = take_effect(&run(extended[0].clone(), later(12)), &outcome(), &world.in_force, later(12)).unwrap();
    assert_eq!((held.id, held.expires), (world.in_force[0].id, Some(later(36))));
}

#[test]
fn what_is_on_its_way_for_another_alert_is_not_asked_again() {
    let mut world = World::default();
    let careful = [block("b", "analyst", "24h")];
    world.known = world.plan(&careful, &attack("one"), now());
    assert_eq!(world.plan(&careful, &attack("two"), now()), []);
    // But a playbook that needs no approval does not wait for an analyst.
    assert_eq!(statuses(&world.plan(&[block("b", "none", "24h")], &attack("two"), now())), ["approved"]);
}

#[test]
fn a_dry_run_behaves_as_the_real_thing() {
    let mut world = World { dry_run: true, ..World::default() };
    let playbooks = [block("b", "none", "24h")];
    world.known = world.plan(&playbooks, &attack("one"), now());
    assert_eq!(world.plan(&playbooks, &attack("two"), later(23)), []);
    assert_eq!(statuses(&world.plan(&playbooks, &attack("two"), later(24))), ["simulated"]);
    // What was only simulated does not keep the real thing from being done for another alert.
    world.dry_run = false;
    assert_eq!(statuses(&world.plan(&playbooks, &attack("two"), later(1))), ["approved"]);
}

#[test]
fn who_comes_back_after_the_end_is_blocked_again() {
    let mut world = World::default();
    let playbooks = [block("b", "none", "1h")];
    let first = run(world.plan(&playbooks, &attack("one"), now()).remove(0), now());
    world.known = vec![transition(first.clone(), ActionEvent::Expire, "vigie", "", later(1)).unwrap()];
    assert_eq!(world.plan(&playbooks, &attack("one"), later(2)), [], "nothing happened since");
    let mut alert = attack("one");
    alert.last_seen = later(2);
    let again = world.plan(&playbooks, &alert, later(2));
    assert_eq!(statuses(&again), ["approved"]);
    assert_ne!(again[0].id, first.id);
    assert_eq!(world.plan(&playbooks, &alert, later(3))[0].id, again[0].id);
    // What a person took back stays so.
    world.known = vec![transition(first, ActionEvent::Undo, "ann", "", later(1)).unwrap()];
    assert_eq!(world.plan(&playbooks, &alert, later(2)), []);
}

#[test]
fn the_hourly_limit_refuses_what_is_over_it() {
    let texts: Vec<String> = (1..=5).map(|index| format!("source ip 203.0.113.{index}")).collect();
    let entities: Vec<&str> = texts.iter().map(String::as_str).collect();
    let alert = alert("scan", Severity::High, &[], &entities);
    let mut world = World { limits: RateLimits { per_hour: 3, ..RateLimits::default() }, ..World::default() };
    world.used.add("host.block_ip", 1);
    let actions = world.plan(&[block("b", "none", "1h")], &alert, now());
    assert_eq!(statuses(&actions), ["approved", "approved", "refused", "refused", "refused"]);
    assert!(actions[4].steps[1].note.contains("limit of 3 host.block_ip actions an hour"), "{:?}", actions[4].steps);
    let used = vigie_respond::RateUse::count(&alert.tenant, &actions, later(0));
    assert_eq!(used.of("host.block_ip"), 2);
    assert_eq!(vigie_respond::RateUse::count(&alert.tenant, &actions, later(1)).of("host.block_ip"), 0);
}

#[test]
fn messages_go_once_to_each_receiver() {
    let mail = |name: &str, to: &str| {
        playbook(
            name,
            &format!(
                "name: m\ntrigger: {{severity: low}}\nactions:\n  - {{do: notify.email, with: {{to: {to}}}, approval: none}}\n"
            ),
        )
    };
    let mut world = World::default();
    let playbooks = [mail("a", "x@example.org"), mail("b", "y@example.org"), mail("c", "x@example.org")];
    let actions = world.plan(&playbooks, &attack("one"), now());
    let to: Vec<&str> = actions.iter().map(|action| action.summary.as_str()).collect();
    assert_eq!(to, ["e-mail x@example.org: one", "e-mail y@example.org: one"]);
    assert_eq!(actions[0].parameters["about"]["title"], "one");
    // A second alert is news.
    world.known = actions;
    assert_eq!(world.plan(&playbooks, &attack("two"), now()).len(), 2);
}

#[test]
fn conditions_hold_or_do_not() {
    let world = World::default();
    let alert = alert("SSH brute force", Severity::Medium, &["attack.t1110.001"], &["source ip 203.0.113.7"]);
    let check = |trigger: &str, expected: bool| {
        let text = format!("name: m\ntrigger: {trigger}\nactions: [{{do: notify.email}}]\n");
        assert_eq!(!world.plan(&[playbook("p", &text)], &alert, now()).is_empty(), expected, "{trigger}");
    };
    check("{severity: medium}", true);
    check("{severity: high}", false);
    check("{rules: ['ssh *', other]}", true);
    check("{rules: other}", false);
    check("{tags: attack.t1110}", true);
    check("{tags: attack.t1111}", false);
    check("{entities: [ip, source.ip]}", true);
    check("{entities: [ip, host]}", false);
    check("{entities: target.ip}", false);
    check("{tenants: [globex, acme]}", true);
    check("{tenants: globex}", false);
    check("{count: 1}", true);
    check("{count: 2}", false);
    check("{case: false}", true);
    check("{case: true}", false);
    check("{severity: low, tags: nothing}", false);
}
