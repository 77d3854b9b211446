//! Version 0 of the API, as feeders of the last ten years speak it: `/api/alert`, `/api/case`, `/api/case/artifact`.
//!
//! What comes in is turned into what version 1 takes, and what goes out is made of what version 1 shows, so there is one
//! set of rules. Facts: the requests of thehive4py 1.8.1, and the documentation of TheHive 3 and 4.

mod alert;
mod artifact;
mod case;
mod search;
mod shape;

use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = alert::routes();
    routes.extend(artifact::routes());
    routes.extend(case::routes());
    routes.extend(search::routes());
    routes
}
