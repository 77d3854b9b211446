//! The handlers, one file for each kind of object.

pub(crate) mod attachment;
mod query;
mod status;

use crate::route::Route;

/// Every route of this door. Nothing is served that is not in this table.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(query::routes());
    routes.extend(attachment::routes());
    routes.extend(status::routes());
    routes
}
