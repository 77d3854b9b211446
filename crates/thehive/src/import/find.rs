//! Looking up what is here already.

use vigie_model::{Filter, Selection, Value};
use vigie_store::{Object, Store, StoreError, Tx};

use super::naming::EVERYWHERE;

/// How many values are looked for in one statement.
const VALUES: usize = 500;
/// More rows than any statement here finds: several objects may have one name.
const ROWS_MAX: u64 = 1_000_000;

/// Returns the objects of which a field is one of these values.
pub(super) async fn by_field<T: Object>(tx: &mut Tx, field: &str, values: Vec<Value>) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for selection in selections(field, values) {
        found.extend(tx.select(EVERYWHERE, &selection).await?);
    }
    Ok(found)
}

/// Returns the objects of which a field is one of these values, as of before the current change.
pub(super) async fn stored_by_field<T: Object>(
    store: &Store,
    field: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for selection in selections(field, values) {
        found.extend(store.select(EVERYWHERE, &selection).await?);
    }
    Ok(found)
}

fn selections(field: &str, values: Vec<Value>) -> Vec<Selection> {
    let one_of = |values: &[Value]| Filter::OneOf { name: field.to_owned(), values: values.to_vec() };
    values.chunks(VALUES).map(|values| Selection::of(one_of(values), ROWS_MAX)).collect()
}

/// Returns texts as values to look for.
pub(super) fn texts(texts: impl IntoIterator<Item = impl ToString>) -> Vec<Value> {
    texts.into_iter().map(|text| Value::Text(text.to_string())).collect()
}

/// Returns whether two names are one, as the database compares them.
pub(super) fn named(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
