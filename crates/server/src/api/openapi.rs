//! The description of the API, made from the handlers and their bodies.

use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use super::problem::{FieldError, ProblemBody};
use super::{
    actions, alert_groups, alerts, alerts_bulk, assignees, attachments, audit, case_file, case_history, case_parts,
    case_similar, cases, dead_letters, detection, doctor, erase, events, health, holds, inbound, indicators, ingest,
    likeness, live, notice_rules, observables_csv, overview, people, report_archive, report_schedules, report_style,
    reports, rules, session, setup, sla, suppressions, task_logs,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vigie",
        description = "A security operations centre in one binary. Programs send `Authorization: Bearer vigie_…`; browsers sign \
            in and keep a cookie. Errors are problem details (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        session::login, session::by_link, session::logout, session::me, setup::setup, setup::finish, setup::sample, people::change_own_password,
        ingest::ingest, ingest::sources, inbound::take, dead_letters::list, dead_letters::counts,
        events::search, events::get, events::histogram, events::top, events::aggregate, events::live_events,
        events::fields, events::field_notes,
        holds::list, holds::place, holds::lift, holds::retention,
        alerts::list, alerts::get, alerts::findings, likeness::similar, likeness::cases, alerts::edit,
        alerts::acknowledge, alerts::assign, alerts::close, alerts::reopen, alerts_bulk::bulk, alert_groups::groups,
        assignees::assignees,
        cases::list, cases::open, case_file::get, cases::edit, cases::merge, cases::acknowledge, cases::assign, cases::close,
        cases::reopen,
        case_parts::tasks, case_parts::observables, case_parts::new_task, case_parts::change_task,
        case_parts::new_comment, case_parts::new_note, case_parts::new_observable, case_parts::change_observable, case_parts::delete_observable,
        observables_csv::import, attachments::list, attachments::add, attachments::bytes, attachments::remove,
        case_similar::similar, case_history::history, task_logs::list, task_logs::add,
        indicators::list, indicators::lists, indicators::import, indicators::delete_list,
        actions::list, actions::kinds, actions::order_action, actions::get, actions::approve, actions::reject,
        actions::run, actions::undo, actions::plan_alert, actions::decisions, actions::never_touch,
        rules::rules, rules::rule, rules::hits, rules::days, rules::check_rule, rules::test_rule, rules::draft_a_rule,
        rules::save, rules::delete,
        suppressions::list, suppressions::show, suppressions::place, suppressions::lift,
        detection::reload, detection::playbooks, doctor::doctor,
        reports::weekly, reports::weekly_figures, reports::monthly, reports::monthly_figures, reports::incident,
        reports::incident_numbers, report_archive::list, report_archive::create, report_archive::get, report_style::get,
        report_style::set, report_schedules::list, report_schedules::create, report_schedules::update,
        report_schedules::delete, report_schedules::run,
        sla::get, sla::set, sla::of_case,
        audit::list, audit::verify,
        people::users, people::add_user, people::change_user, people::keys, people::add_key, people::revoke_key,
        people::tenants, people::add_tenant, erase::erase,
        notice_rules::list, notice_rules::add, notice_rules::replace, notice_rules::remove,
        overview::overview, overview::sources, live::live,
        health::healthz, health::readyz, health::metrics, document,
    ),
    components(schemas(ProblemBody, FieldError)),
    security(("key" = []), ("session" = [])),
)]
struct Description;

/// The media type of problems.
const PROBLEM: &str = "application/problem+json";

/// Returns the description of the API, OpenAPI 3.1.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_default();
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("vigie_<id>_<secret>").build();
    components.add_security_scheme("key", SecurityScheme::Http(key));
    let cookie = ApiKeyValue::new(crate::auth::COOKIE_PLAIN);
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    for (path, item) in &mut description.paths.paths {
        let methods = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in methods {
            let Some(operation) = operation else { continue };
            operation.operation_id = Some(operation_id(method, path));
            describe_problems(operation);
        }
    }
    description
}

/// Returns the name of an operation, which no other has: programs that make code of the description call it so. Handlers of
/// different objects are called alike, so their names will not do.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1").replace(['{', '}'], "");
    format!("{method}{}", path.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"))
}

/// Whatever goes wrong is told as a problem, under the media type of RFC 9457 §6.1. An operation names the problems that
/// are its own; those that any may have (no key, a body that cannot be read, too many requests) stand under `default`.
fn describe_problems(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let is_problem = status.starts_with(['4', '5']);
        if is_problem && let Some(content) = response.content.shift_remove("application/json") {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    let other = ResponseBuilder::new().description("What went wrong.").content(PROBLEM, content).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(other));
}

/// Returns this description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "server", responses((status = 200, description = "The description.", body = Object)))]
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(openapi())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What is served is described, and what is described is served.
    #[test]
    fn routes_and_description_agree() {
        let served: BTreeSet<String> = super::super::routes()
            .iter()
            .filter(|route| {
                let is_page = super::super::console::VIEWS.contains(&route.path);
                !is_page && !super::super::console::FILES.contains(&route.path)
            })
            .map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path))
            .collect();
        let document = serde_json::to_value(super::openapi()).unwrap();
        let described: BTreeSet<String> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
            })
            .collect();
        assert_eq!(served, described);
    }

    /// Two operations of one name are one to programs that make code of the description.
    #[test]
    fn operations_have_names_of_their_own() {
        let document = serde_json::to_value(super::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
        let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}
