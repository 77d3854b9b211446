//! Every shape of a Windows event to the flat one that rules match: the system's fields by their names, and the event's own
//! data beside them.
//!
//! The XML that all shapes stem from: <https://learn.microsoft.com/windows/win32/wes/eventschema-schema>.

use serde_json::{Map, Value};

/// Elements of `System` whose text is the field, and the names of the flat shape.
const SYSTEM_TEXTS: [&str; 10] =
    ["EventID", "Version", "Level", "Task", "Opcode", "Keywords", "EventRecordID", "Channel", "Computer", "Message"];
/// Elements of `System` whose attribute is the field: element, attribute, flat name.
const SYSTEM_ATTRIBUTES: [(&str, &str, &str); 6] = [
    ("Provider", "Name", "Provider_Name"),
    ("Provider", "Guid", "Provider_Guid"),
    ("TimeCreated", "SystemTime", "TimeCreated"),
    ("Execution", "ProcessID", "Execution_ProcessID"),
    ("Execution", "ThreadID", "Execution_ThreadID"),
    ("Security", "UserID", "Security_UserID"),
];
/// Members of Winlogbeat's `winlog` and their flat names.
const WINLOG: [(&str, &str); 9] = [
    ("event_id", "EventID"),
    ("channel", "Channel"),
    ("computer_name", "Computer"),
    ("provider_name", "Provider_Name"),
    ("provider_guid", "Provider_Guid"),
    ("record_id", "EventRecordID"),
    ("task", "Task"),
    ("opcode", "Opcode"),
    ("keywords", "Keywords"),
];
/// Names that other flat shapes (NXLog, HELK) give to fields.
const FLAT: [(&str, &str); 8] = [
    ("Hostname", "Computer"),
    ("ComputerName", "Computer"),
    ("SourceName", "Provider_Name"),
    ("ProviderName", "Provider_Name"),
    ("EventTime", "TimeCreated"),
    ("@timestamp", "TimeCreated"),
    ("RecordNumber", "EventRecordID"),
    ("event_id", "EventID"),
];

/// Returns the flat form of an event in any shape.
pub(super) fn flatten(mut fields: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Object(event)) = fields.remove("Event") {
        return from_xml(event);
    }
    if matches!(fields.get("System"), Some(Value::Object(_))) {
        return from_xml(fields);
    }
    if let Some(Value::Object(winlog)) = fields.remove("winlog") {
        return from_winlogbeat(winlog, fields);
    }
    let mut flat = fields;
    for (name, ours) in FLAT {
        if !flat.contains_key(ours)
            && let Some(value) = flat.get(name).cloned()
        {
            flat.insert(ours.to_owned(), value);
        }
    }
    number_event_id(&mut flat);
    flat
}

fn from_xml(mut event: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    if let Some(Value::Object(system)) = event.remove("System") {
        for name in SYSTEM_TEXTS {
            if let Some(value) = system.get(name).map(text_of).filter(|value| !value.is_null()) {
                flat.insert(name.to_owned(), value);
            }
        }
        for (element, attribute, name) in SYSTEM_ATTRIBUTES {
            if let Some(value) = system.get(element).and_then(|value| attribute_of(value, attribute)) {
                flat.insert(name.to_owned(), value);
            }
        }
    }
    for name in ["EventData", "UserData"] {
        if let Some(value) = event.remove(name) {
            data(name, value, &mut flat);
        }
    }
    if let Some(message) = event.get("RenderingInfo").and_then(|info| info.get("Message")) {
        flat.insert("Message".to_owned(), text_of(message));
    }
    number_event_id(&mut flat);
    flat
}

fn from_winlogbeat(mut winlog: Map<String, Value>, mut outer: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, ours) in WINLOG {
        if let Some(value) = winlog.remove(name) {
            flat.insert(ours.to_owned(), value);
        }
    }
    for (name, ours) in [("@timestamp", "TimeCreated"), ("message", "Message")] {
        if let Some(value) = outer.remove(name) {
            flat.insert(ours.to_owned(), value);
        }
    }
    // Older versions keep the code only in the Elastic Common Schema's place.
    if !flat.contains_key("EventID")
        && let Some(code) = outer.get("event").and_then(|event| event.get("code"))
    {
        flat.insert("EventID".to_owned(), code.clone());
    }
    for name in ["event_data", "user_data"] {
        if let Some(value) = winlog.remove(name) {
            data(name, value, &mut flat);
        }
    }
    number_event_id(&mut flat);
    flat
}

/// Adds the event's own data: members by name; `Data` elements by their `Name`, or, where they have none, as they stand;
/// and, for `UserData`, what is inside its one element.
fn data(section: &str, value: Value, flat: &mut Map<String, Value>) {
    let Value::Object(members) = value else { return };
    for (name, value) in members {
        match (name.as_str(), value) {
            ("#attributes" | "@xmlns" | "xml_name", _) => {}
            ("Data", Value::Array(items)) => named_items(items, flat),
            ("Data", item @ Value::Object(_)) => named_items(vec![item], flat),
            (_, Value::Object(inner)) if section == "UserData" => {
                let inner = inner.into_iter().filter(|(name, _)| !is_attribute(name));
                add_all(inner.map(|(name, value)| (name, text_of(&value))), flat);
            }
            (_, value) => add_all([(name.clone(), text_of(&value))], flat),
        }
    }
}

fn named_items(items: Vec<Value>, flat: &mut Map<String, Value>) {
    let mut unnamed = Vec::new();
    for item in items {
        match attribute_of(&item, "Name") {
            Some(Value::String(name)) => add_all([(name, text_of(&item))], flat),
            _ => unnamed.push(text_of(&item)),
        }
    }
    match unnamed.len() {
        0 => {}
        1 => add_all(unnamed.pop().map(|only| ("Data".to_owned(), only)), flat),
        _ => add_all([("Data".to_owned(), Value::Array(unnamed))], flat),
    }
}

/// Adds fields, never in the place of the system's own.
fn add_all(fields: impl IntoIterator<Item = (String, Value)>, flat: &mut Map<String, Value>) {
    for (name, value) in fields {
        flat.entry(name).or_insert(value);
    }
}

fn is_attribute(name: &str) -> bool {
    name.starts_with(['#', '@'])
}

/// Returns the text of an element: itself, or its `#text` where it has attributes too. An element with attributes alone is
/// null.
fn text_of(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    for name in ["#text", "_", "$", "Text", "text"] {
        if let Some(text) = members.get(name) {
            return text.clone();
        }
    }
    if members.keys().all(|name| is_attribute(name)) { Value::Null } else { value.clone() }
}

/// Returns an attribute of an element, which converters write in three ways.
fn attribute_of(value: &Value, name: &str) -> Option<Value> {
    let attributes = value.get("#attributes").or_else(|| value.get("$")).and_then(|attributes| attributes.get(name));
    let found = attributes.or_else(|| value.get(format!("@{name}"))).or_else(|| value.get(name));
    match found {
        Some(found) => Some(found.clone()),
        // `"TimeCreated": "2026-…"`: the element is its only attribute.
        None => value.is_string().then(|| value.clone()).filter(|_| name != "Name"),
    }
}

/// Makes the event id a number where it is one, for rules compare it with numbers.
fn number_event_id(flat: &mut Map<String, Value>) {
    let number = match flat.get("EventID") {
        Some(Value::String(text)) => text.trim().parse::<u32>().ok(),
        _ => None,
    };
    if let Some(number) = number {
        flat.insert("EventID".to_owned(), number.into());
    }
}
