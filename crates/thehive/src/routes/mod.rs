//! The handlers, one file for each kind of object.

pub(crate) mod alert;
pub(crate) mod attachment;
pub(crate) mod case;
pub(crate) mod case_template;
mod comment;
mod cortex;
mod custom_field;
mod log;
mod misp;
pub(crate) mod observable;
mod observable_type;
mod organisation;
pub(crate) mod page;
mod page_template;
mod part_share;
pub(crate) mod procedure;
mod profile;
mod query;
mod session;
mod status;
pub(crate) mod task;
mod user;

pub use attachment::{ATTACHMENTS_MAX, free_name};

use crate::route::Route;

/// Every route of this door. Nothing is served that is not in this table.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(alert::routes());
    routes.extend(attachment::routes());
    routes.extend(case::routes());
    routes.extend(case_template::routes());
    routes.extend(comment::routes());
    routes.extend(cortex::routes());
    routes.extend(custom_field::routes());
    routes.extend(log::routes());
    routes.extend(observable::routes());
    routes.extend(misp::routes());
    routes.extend(observable_type::routes());
    routes.extend(organisation::routes());
    routes.extend(page::routes());
    routes.extend(page_template::routes());
    routes.extend(procedure::routes());
    routes.extend(profile::routes());
    routes.extend(query::routes());
    routes.extend(session::routes());
    routes.extend(status::routes());
    routes.extend(task::routes());
    routes.extend(user::routes());
    routes.extend(crate::v0::routes());
    routes
}
