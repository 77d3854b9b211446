//! The handlers, one file for each kind of object.

pub(crate) mod alert;
pub(crate) mod attachment;
mod comment;
pub(crate) mod observable;
pub(crate) mod procedure;
mod query;
mod status;

use crate::route::Route;

/// Every route of this door. Nothing is served that is not in this table.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(alert::routes());
    routes.extend(attachment::routes());
    routes.extend(comment::routes());
    routes.extend(observable::routes());
    routes.extend(procedure::routes());
    routes.extend(query::routes());
    routes.extend(status::routes());
    routes
}
