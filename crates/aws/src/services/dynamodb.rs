//! DynamoDB: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{AwsError, Call, Client, Input, Operation, Reply, Service};

/// Reads an item by its key.
pub static GET_ITEM: Operation = Operation::read(Service::DynamoDb, "GetItem");
/// Writes an item whole. Every write here has a condition, so a repeat that was done already is refused.
pub static PUT_ITEM: Operation = Operation::write(Service::DynamoDb, "PutItem");
/// Changes an item; with a condition likewise.
pub static UPDATE_ITEM: Operation = Operation::write(Service::DynamoDb, "UpdateItem");
/// Reads items by an index.
pub static QUERY: Operation = Operation::read(Service::DynamoDb, "Query");

/// A value in a table. The other types of DynamoDB are not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// `S`.
    Text(String),
    /// `N`, whole numbers only.
    Number(i64),
    /// `SS`; DynamoDB knows no empty set.
    Texts(BTreeSet<String>),
    /// `BOOL`.
    Flag(bool),
}

impl Attribute {
    /// Returns a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "S": text }),
            Self::Number(number) => json!({ "N": number.to_string() }),
            Self::Texts(texts) => json!({ "SS": texts }),
            Self::Flag(flag) => json!({ "BOOL": flag }),
        }
    }

    /// Reads a value; `None` where its type is none of ours.
    fn from_json(value: &Value) -> Option<Self> {
        let (kind, value) = value.as_object()?.iter().next()?;
        match kind.as_str() {
            "S" => Some(Self::Text(value.as_str()?.to_owned())),
            "N" => value.as_str()?.parse().ok().map(Self::Number),
            "SS" => {
                let texts: Option<BTreeSet<String>> =
                    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect();
                texts.map(Self::Texts)
            }
            "BOOL" => value.as_bool().map(Self::Flag),
            _ => None,
        }
    }
}

/// An item of a table, or a key of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item(BTreeMap<String, Attribute>);

impl Item {
    /// Returns the same item with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: Attribute) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Returns a text, where there is one of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Attribute::Text(text) => Some(text),
            Attribute::Number(_) | Attribute::Texts(_) | Attribute::Flag(_) => None,
        }
    }

    /// Returns a number, where there is one of this name.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Attribute::Number(number) => Some(*number),
            Attribute::Text(_) | Attribute::Texts(_) | Attribute::Flag(_) => None,
        }
    }

    /// Returns a set of texts; an empty one where there is none of this name.
    pub fn texts(&self, name: &str) -> BTreeSet<String> {
        match self.0.get(name) {
            Some(Attribute::Texts(texts)) => texts.clone(),
            Some(Attribute::Text(_) | Attribute::Number(_) | Attribute::Flag(_)) | None => BTreeSet::new(),
        }
    }

    fn to_json(&self) -> Value {
        self.0.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>().into()
    }

    /// Reads an item. Attributes whose types are none of ours are left out.
    fn from_json(value: &Value) -> Option<Self> {
        let read = |(name, value): (&String, &Value)| Some((name.clone(), Attribute::from_json(value)?));
        Some(Self(value.as_object()?.iter().filter_map(read).collect()))
    }
}

/// An expression with what its `:values` stand for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expression<'a> {
    /// The words: `attribute_not_exists(#id) OR #state = :ended`. `#state` is the attribute `state`: hundreds of names are
    /// words of DynamoDB's own, so every name is written with `#`.
    pub text: &'a str,
    /// What each `:value` stands for.
    pub values: &'a [(&'a str, Attribute)],
}

/// Adds what the words stand for. Several expressions of one call share it; DynamoDB refuses what is not used and what is
/// empty.
fn bind(input: &mut Map<String, Value>, expressions: &[&Expression<'_>]) {
    let (mut names, mut values) = (Map::new(), Map::new());
    for expression in expressions {
        for part in expression.text.split('#').skip(1) {
            let end = part.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(part.len());
            let name = part.get(..end).unwrap_or_default();
            names.insert(format!("#{name}"), json!(name));
        }
        values.extend(expression.values.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())));
    }
    for (key, map) in [("ExpressionAttributeNames", names), ("ExpressionAttributeValues", values)] {
        if !map.is_empty() {
            input.insert(key.to_owned(), Value::Object(map));
        }
    }
}

fn send(client: &Client, operation: &'static Operation, input: Map<String, Value>) -> Result<Reply, AwsError> {
    client.send(&Call { operation, input: Input::Json(Value::Object(input)) })
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the item of a key as it is at this moment, or `None`.
///
/// # Errors
/// As [`Client::send`].
pub fn get_item(client: &Client, table: &str, key: &Item) -> Result<Option<Item>, AwsError> {
    let input = object([("TableName", json!(table)), ("Key", key.to_json()), ("ConsistentRead", json!(true))]);
    let reply = send(client, &GET_ITEM, input)?;
    Ok(reply.json()?.get("Item").and_then(Item::from_json))
}

/// Writes an item in place of the one with its key, if the condition holds.
///
/// # Errors
/// As [`Client::send`]; [`AwsError::Conflict`] where the condition does not hold.
pub fn put_item(client: &Client, table: &str, item: &Item, condition: &Expression<'_>) -> Result<(), AwsError> {
    let mut input =
        object([("TableName", json!(table)), ("Item", item.to_json()), ("ConditionExpression", json!(condition.text))]);
    bind(&mut input, &[condition]);
    send(client, &PUT_ITEM, input).map(drop)
}

/// Changes the item of a key, if the condition holds. Returns the item as it is then; an empty one in a dry run.
///
/// # Errors
/// As [`Client::send`]; [`AwsError::Conflict`] where the condition does not hold.
pub fn update_item(
    client: &Client,
    table: &str,
    key: &Item,
    update: &Expression<'_>,
    condition: &Expression<'_>,
) -> Result<Item, AwsError> {
    let mut input = object([
        ("TableName", json!(table)),
        ("Key", key.to_json()),
        ("UpdateExpression", json!(update.text)),
        ("ConditionExpression", json!(condition.text)),
        ("ReturnValues", json!("ALL_NEW")),
    ]);
    bind(&mut input, &[update, condition]);
    let reply = send(client, &UPDATE_ITEM, input)?;
    Ok(reply.json()?.get("Attributes").and_then(Item::from_json).unwrap_or_default())
}

/// Where items are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a> {
    /// The table.
    pub table: &'a str,
    /// Its index.
    pub name: &'a str,
}

/// Some items, and where the others begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The items, in the order of the index.
    pub items: Vec<Item>,
    /// What to pass for the items after these; `None` after the last.
    pub next: Option<Item>,
}

/// Returns at most `limit` items of an index for which the condition on its keys holds, in its order.
///
/// # Errors
/// As [`Client::send`].
pub fn query(
    client: &Client,
    index: Index<'_>,
    condition: &Expression<'_>,
    limit: u32,
    from: Option<&Item>,
) -> Result<Page, AwsError> {
    let mut input = object([
        ("TableName", json!(index.table)),
        ("IndexName", json!(index.name)),
        ("KeyConditionExpression", json!(condition.text)),
        ("Limit", json!(limit)),
    ]);
    if let Some(from) = from {
        input.insert("ExclusiveStartKey".to_owned(), from.to_json());
    }
    bind(&mut input, &[condition]);
    let value = send(client, &QUERY, input)?.json()?;
    let items = value.get("Items").and_then(Value::as_array).into_iter().flatten();
    Ok(Page {
        items: items.filter_map(Item::from_json).collect(),
        next: value.get("LastEvaluatedKey").and_then(Item::from_json),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_words() {
        let mut input = Map::new();
        let update =
            Expression { text: "SET #held_at = :now, #count=#count + :one", values: &[(":now", Attribute::Number(1))] };
        bind(&mut input, &[&update, &Expression { text: "(#state = :x)", values: &[] }]);
        let names = json!({"#held_at": "held_at", "#count": "count", "#state": "state"});
        assert_eq!(
            Value::Object(input),
            json!({"ExpressionAttributeNames": names, "ExpressionAttributeValues": {":now": {"N": "1"}}})
        );
    }

    #[test]
    fn attributes_come_back_as_they_went() {
        let texts = Attribute::Texts(["a".to_owned(), "b".to_owned()].into());
        for (attribute, json) in [
            (Attribute::text("é\"\n"), json!({"S": "é\"\n"})),
            (Attribute::Number(-5), json!({"N": "-5"})),
            (texts, json!({"SS": ["a", "b"]})),
            (Attribute::Flag(true), json!({"BOOL": true})),
        ] {
            assert_eq!(attribute.to_json(), json);
            assert_eq!(Attribute::from_json(&json), Some(attribute));
        }
        for other in [json!({"N": "1.5"}), json!({"N": 1}), json!({"L": []}), json!({"SS": [1]}), json!({}), json!(5)] {
            assert_eq!(Attribute::from_json(&other), None);
        }
        let item = Item::from_json(&json!({"a": {"S": "x"}, "b": {"M": {}}})).unwrap();
        assert_eq!(item, Item::default().with("a", Attribute::text("x")));
        assert_eq!((item.text("a"), item.number("a"), item.texts("a").len()), (Some("x"), None, 0));
    }
}
