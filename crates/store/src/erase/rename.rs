//! Where the JSON of an object says who.

use serde_json::Value;

use super::Person;
use super::mention::{places, put_in};

/// The fields that hold a user's name.
const NAMES: [&str; 7] = ["assignee", "author", "by", "created_by", "edited_by", "placed_by", "updated_by"];
/// The fields that hold parts which hold such fields.
const PARTS: [&str; 4] = ["desk", "stamp", "steps", "tasks"];
/// What goes before a name in the lines that Vigie itself writes to a timeline.
const BEFORE_NAMES: [&str; 2] = ["by ", "given to "];

/// Changes the person's name in an object. Returns whether it was there.
pub(super) fn in_object(value: &mut Value, person: &Person) -> bool {
    let mut changed = false;
    match value {
        Value::Array(items) => {
            for item in items {
                changed |= in_object(item, person);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                changed |= match name.as_str() {
                    name if NAMES.contains(&name) => in_name(value, person),
                    name if PARTS.contains(&name) => in_object(value, person),
                    "access" => in_access(value, person),
                    _ => false,
                };
            }
            if fields.get("channel").is_some_and(|channel| channel["to"].is_array()) {
                changed |= in_recipients(value, person);
            }
        }
        _ => {}
    }
    changed
}

/// A name, or an actor of the kind `user`.
fn in_name(value: &mut Value, person: &Person) -> bool {
    let name = match value {
        Value::Object(actor) if actor.get("kind").is_some_and(|kind| kind == "user") => actor.get_mut("name"),
        other => Some(other),
    };
    let Some(name) = name.filter(|name| name.as_str().is_some_and(|name| person.is(name))) else { return false };
    *name = Value::from(person.pseudonym.as_str());
    true
}

/// Who may open a case: the pseudonym stays on the list, so that the case does not become everybody's.
fn in_access(value: &mut Value, person: &Person) -> bool {
    let Some(names) = value.get_mut("users").and_then(Value::as_array_mut) else { return false };
    names.iter_mut().map(|name| in_name(name, person)).filter(|changed| *changed).count() > 0
}

/// To whom a rule writes: an address of nobody gets no mail. A rule that wrote to them alone is switched off, since one without
/// addresses writes to others.
fn in_recipients(rule: &mut Value, person: &Person) -> bool {
    let Some(to) = rule["channel"].get_mut("to").and_then(Value::as_array_mut) else { return false };
    let known = to.len();
    to.retain(|address| {
        let address = address.as_str().unwrap_or_default();
        let is_theirs =
            person.is(address) || person.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(address));
        !is_theirs
    });
    let (changed, is_empty) = (to.len() < known, to.is_empty());
    if changed && is_empty {
        rule["enabled"] = false.into();
    }
    changed
}

/// Changes the name in an entry of a timeline, and in its text where that is Vigie's.
pub(super) fn in_timeline(entry: &mut Value, person: &Person) -> bool {
    let changed = in_object(entry, person);
    if entry["kind"] == "note" || entry["stamp"].is_object() {
        return changed;
    }
    let Some(text) = entry["text"].as_str() else { return changed };
    let mut found = places(text, &person.name.to_ascii_lowercase());
    found.retain(|place| BEFORE_NAMES.iter().any(|before| text[..*place].ends_with(before)));
    if found.is_empty() {
        return changed;
    }
    entry["text"] = put_in(text, &found, person.name.len(), &person.pseudonym).into();
    true
}

/// Changes the name, and what else the person is called by, in every text.
pub(super) fn everywhere(value: &mut Value, person: &Person) -> bool {
    match value {
        Value::String(text) => {
            let Some(replaced) = person.mentions.replaced(text, &person.pseudonym) else { return false };
            *text = replaced;
            true
        }
        Value::Array(items) => {
            items.iter_mut().map(|item| everywhere(item, person)).filter(|changed| *changed).count() > 0
        }
        Value::Object(fields) => {
            fields.values_mut().map(|value| everywhere(value, person)).filter(|changed| *changed).count() > 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Erasure;
    use super::*;

    fn check(rename: fn(&mut Value, &Person) -> bool, value: Value, expected: Value) {
        let erasure = Erasure { name: "Ann".into(), pseudonym: "erased-1".into() };
        let person = Person { email: Some("ann@acme.example".into()), ..Person::new(&erasure, None) };
        let mut changed = value.clone();
        assert_eq!(rename(&mut changed, &person), value != expected, "{value}");
        assert_eq!(changed, expected);
        assert!(!rename(&mut changed, &person), "twice is once: {expected}");
    }

    #[test]
    fn names_go_where_they_say_who() {
        check(
            in_object,
            json!({"assignee": "ann", "rule": {"author": "ann"}, "desk": {"created_by": "ANN", "updated_by": "bob",
                "access": {"users": ["bob", "ann"]}}, "title": "ann"}),
            json!({"assignee": "erased-1", "rule": {"author": "ann"}, "desk": {"created_by": "erased-1", "updated_by": "bob",
                "access": {"users": ["bob", "erased-1"]}}, "title": "ann"}),
        );
        check(
            in_object,
            json!({"steps": [{"by": "bob"}, {"by": "ann"}], "placed_by": {"kind": "user", "name": "ann"}}),
            json!({"steps": [{"by": "bob"}, {"by": "erased-1"}], "placed_by": {"kind": "user", "name": "erased-1"}}),
        );
        check(
            in_object,
            json!({"placed_by": {"kind": "key", "name": "ann"}, "assignee": null, "by": "joann"}),
            json!({"placed_by": {"kind": "key", "name": "ann"}, "assignee": null, "by": "joann"}),
        );
    }

    #[test]
    fn a_rule_without_its_only_reader_is_off() {
        check(
            in_object,
            json!({"enabled": true, "channel": {"kind": "email", "to": ["Ann@acme.example"]}}),
            json!({"enabled": false, "channel": {"kind": "email", "to": []}}),
        );
        check(
            in_object,
            json!({"enabled": true, "channel": {"kind": "email", "to": ["ann", "bob"]}}),
            json!({"enabled": true, "channel": {"kind": "email", "to": ["bob"]}}),
        );
    }

    #[test]
    fn lines_of_a_timeline_are_changed_where_vigie_wrote_them() {
        check(
            in_timeline,
            json!({"kind": "case", "text": "case given to ann by ann: ann knows"}),
            json!({"kind": "case", "text": "case given to erased-1 by erased-1: ann knows"}),
        );
        let written = json!({"kind": "note", "text": "told by ann", "stamp": {"created_by": "bob"}});
        check(in_timeline, written.clone(), written);
    }

    #[test]
    fn letters_are_changed_everywhere() {
        check(
            everywhere,
            json!({"to": ["ann"], "text": "Ann has it, joann not"}),
            json!({"to": ["erased-1"], "text": "erased-1 has it, joann not"}),
        );
    }
}
