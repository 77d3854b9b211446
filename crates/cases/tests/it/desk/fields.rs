//! Values of custom fields.

use serde_json::{Value, json};
use vigie_cases::{FIELD_TEXT_CHARS_MAX, FIELDS_MAX, GivenField, field_value, set_fields, unfilled};
use vigie_model::{CustomField, FieldId, FieldType, Stamp, Timestamp};

fn field(name: &str, kind: FieldType, options: &[Value]) -> CustomField {
    CustomField {
        id: FieldId::derive([name]),
        name: name.into(),
        display_name: name.into(),
        group: "default".into(),
        description: String::new(),
        kind,
        mandatory: name.starts_with("must"),
        options: options.to_vec(),
        stamp: Stamp::new("ann", Timestamp::EPOCH),
    }
}

fn given(name: &str, value: Value, position: Option<u32>) -> GivenField {
    GivenField { name: name.into(), value, position }
}

/// What a value becomes: as the model writes it, or what is wrong with it.
fn check(kind: FieldType, options: &[Value], value: &Value, expected: &str) {
    let became = match field_value(&field("f", kind, options), value) {
        Ok(value) => serde_json::to_string(&value).unwrap(),
        Err(error) => error.to_string(),
    };
    assert_eq!(became, expected, "{kind:?} {value}");
}

#[test]
fn values_are_of_the_fields_type() {
    use FieldType::{Boolean, Date, Float, Integer, String, Url};
    for kind in [String, Integer, Boolean, Date, Float, Url] {
        check(kind, &[], &Value::Null, "null");
        check(kind, &[], &json!([]), &format!("customFields.f: expected {}", wanted(kind)));
    }
    check(String, &[], &json!("<b>"), r#"{"string":"<b>"}"#);
    check(String, &[], &json!(1), "customFields.f: expected a text");
    check(Integer, &[], &json!(-7), r#"{"integer":-7}"#);
    check(Integer, &[], &json!(7.0), r#"{"integer":7}"#);
    check(Integer, &[], &json!(7.5), "customFields.f: expected a whole number");
    check(Integer, &[], &json!(1e300), "customFields.f: expected a whole number");
    check(Boolean, &[], &json!(true), r#"{"boolean":true}"#);
    check(Boolean, &[], &json!("true"), "customFields.f: expected true or false");
    check(Date, &[], &json!(1_795_307_554_000_i64), r#"{"date":"2026-11-22T00:32:34.000000Z"}"#);
    check(Date, &[], &json!(i64::MAX), r#"{"date":"9999-12-30T22:00:00.000000Z"}"#);
    check(Float, &[], &json!(1), r#"{"float":1.0}"#);
    check(Url, &[], &json!("https://example.com"), r#"{"url":"https://example.com"}"#);
    check(
        Url,
        &[],
        &json!("javascript:alert(1)"),
        "customFields.f: expected a URL that begins with http://, https://, ftp:// or mailto:",
    );
    check(Integer, &[json!(1), json!(2)], &json!(1.0), r#"{"integer":1}"#);
    check(Integer, &[json!(1), json!(2)], &json!(3), "customFields.f: expected one of [1,2]");
    check(String, &[json!("red")], &json!("Red"), r#"customFields.f: expected one of ["red"]"#);
}

fn wanted(kind: FieldType) -> &'static str {
    match kind {
        FieldType::String => "a text",
        FieldType::Integer => "a whole number",
        FieldType::Boolean => "true or false",
        FieldType::Date => "milliseconds since 1970",
        FieldType::Float => "a number",
        FieldType::Url => "a URL",
    }
}

#[test]
fn texts_end_somewhere() {
    let text = field("f", FieldType::String, &[]);
    assert!(field_value(&text, &json!("x".repeat(FIELD_TEXT_CHARS_MAX))).is_ok());
    let error = field_value(&text, &json!("x".repeat(FIELD_TEXT_CHARS_MAX + 1))).unwrap_err();
    assert_eq!(error.to_string(), "customFields.f: too long: at most 10000 characters");
}

#[test]
fn fields_are_set_one_by_one_and_keep_their_order() {
    let known: Vec<CustomField> = ["a", "b", "must-c"].iter().map(|name| field(name, FieldType::String, &[])).collect();
    let names = |fields: &[vigie_model::NamedValue]| {
        fields.iter().map(|field| (field.name.clone(), field.position)).collect::<Vec<_>>()
    };
    let first = set_fields(&[], &[given("b", json!("1"), None), given("a", json!("2"), None)], &known).unwrap();
    assert_eq!(names(&first), [("b".into(), 0), ("a".into(), 1)]);
    let second = set_fields(&first, &[given("A", json!("3"), None), given("must-c", json!(null), None)], &known);
    let second = second.unwrap();
    assert_eq!(names(&second), [("b".into(), 0), ("a".into(), 1), ("must-c".into(), 2)], "the others stay");
    assert_eq!(unfilled(&second, &known), ["must-c"]);
    let third = set_fields(&second, &[given("must-c", json!("x"), Some(0)), given("b", json!(null), Some(9))], &known);
    let third = third.unwrap();
    assert_eq!(names(&third), [("must-c".into(), 0), ("a".into(), 1), ("b".into(), 9)]);
    assert_eq!((third[2].value.as_ref(), unfilled(&third, &known).len()), (None, 0), "null takes the value away");
    let unknown = set_fields(&[], &[given("d", json!(1), None)], &known).unwrap_err().to_string();
    assert_eq!(unknown, "customFields: there is no custom field `d`: known are a, b, must-c");
}

#[test]
fn there_are_so_many_fields() {
    let known: Vec<CustomField> =
        (0..=FIELDS_MAX).map(|number| field(&number.to_string(), FieldType::Integer, &[])).collect();
    let all: Vec<GivenField> = known.iter().map(|field| given(&field.name, json!(1), None)).collect();
    assert!(set_fields(&[], &all[..FIELDS_MAX], &known).is_ok());
    assert!(set_fields(&[], &all, &known).is_err());
}
