//! The handlers, one file for each kind of object.

pub(crate) mod attachment;
mod cortex;
mod custom_field;
mod observable_type;
mod organisation;
mod profile;
mod query;
mod session;
mod status;
mod user;

use crate::route::Route;

/// Every route of this door. Nothing is served that is not in this table.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(attachment::routes());
    routes.extend(cortex::routes());
    routes.extend(custom_field::routes());
    routes.extend(observable_type::routes());
    routes.extend(organisation::routes());
    routes.extend(profile::routes());
    routes.extend(query::routes());
    routes.extend(session::routes());
    routes.extend(status::routes());
    routes.extend(user::routes());
    routes
}
