//! The incidents, each with its timeline, observables, actions, tasks and resolution.

use vigie_model::{Action, EntityRole, Observable, TimelineKind};

use crate::count::{in_order, is_message};
use crate::figures::{IncidentFigures, Stage, WeeklyFigures};
use crate::input::{CaseFile, WeeklyInput};
use crate::markup::Markup;
use crate::sections::{actions_table, badge, left_out};
use crate::words;

/// How many incidents are told in full; the others are one line each.
const INCIDENTS_MAX: usize = 15;
/// How many timeline entries an incident shows.
const TIMELINE_MAX: usize = 40;
/// How many observables an incident shows.
const OBSERVABLES_MAX: usize = 30;
/// How many actions an incident shows.
const ACTIONS_MAX: usize = 20;

pub(crate) fn incidents(page: &mut Markup, input: &WeeklyInput, figures: &WeeklyFigures) {
    page.element("<section class=\"incidents\"><h2>", words::INCIDENTS, "</h2>\n");
    if input.cases.is_empty() {
        page.element("<p>", words::NO_CASES, "</p>");
    }
    for (index, (file, incident)) in in_order(&input.cases).into_iter().zip(&figures.incidents).enumerate() {
        if index < INCIDENTS_MAX {
            in_full(page, file, incident);
        } else {
            page.raw("<p>").value(&words::incident_in_words(incident)).raw("</p>\n");
        }
    }
    page.raw("</section>\n");
}

fn in_full(page: &mut Markup, file: &CaseFile, incident: &IncidentFigures) {
    page.raw("<article class=\"incident\"><div class=\"title\"><h3>");
    page.text(&format!("#{} ", incident.number)).value(&incident.title).raw("</h3>");
    badge(page, incident.severity);
    let open = match incident.stage {
        Stage::Open => "<span class=\"stage open\">",
        Stage::Contained => "<span class=\"stage contained\">",
        Stage::Closed => "<span class=\"stage closed\">",
    };
    page.element(open, words::stage(incident.stage), "</span></div>\n<dl class=\"facts\">");
    fact(page, words::FIRST_SEEN, &words::moment(incident.first_seen));
    fact(page, words::OPENED, &words::moment(incident.opened));
    if let Some(closed) = incident.closed {
        fact(page, words::CLOSED, &words::moment(closed));
    }
    fact(page, words::WORKED_BY, incident.assignee.as_deref().unwrap_or(words::NOBODY));
    fact(page, words::ALERTS, &words::number(incident.alerts));
    page.raw("</dl>\n");
    if !file.case.description.trim().is_empty() {
        page.raw("<p>").value(&file.case.description).raw("</p>\n");
    }
    timeline(page, file);
    observables(page, file);
    let (messages, mut actions): (Vec<&Action>, Vec<&Action>) =
        file.actions.iter().partition(|action| is_message(action));
    if !file.actions.is_empty() {
        page.element("<h4>", words::ACTIONS, "</h4>\n");
    }
    if !actions.is_empty() {
        actions.sort_by_key(|action| (action.created, action.id));
        actions_table(page, &actions, ACTIONS_MAX);
    }
    if !messages.is_empty() {
        page.element("<p class=\"quiet\">", &words::messages_left_out(messages.len()), "</p>\n");
    }
    tasks(page, file);
    resolution(page, file);
    page.raw("</article>\n");
}

fn fact(page: &mut Markup, name: &str, value: &str) {
    page.element("<div><dt>", name, "</dt><dd>").value(value).raw("</dd></div>");
}

fn timeline(page: &mut Markup, file: &CaseFile) {
    let mut entries: Vec<_> = file.timeline.iter().collect();
    if entries.is_empty() {
        return;
    }
    entries.sort_by_key(|entry| (entry.time, entry.id));
    page.element("<h4>", words::TIMELINE, "</h4>\n<ol class=\"timeline\">\n");
    for entry in entries.iter().take(TIMELINE_MAX) {
        page.raw(match entry.kind {
            TimelineKind::Attack => "<li class=\"attack\">",
            TimelineKind::Alert => "<li class=\"alert\">",
            TimelineKind::Action => "<li class=\"action\">",
            TimelineKind::Case => "<li class=\"case\">",
            TimelineKind::Note => "<li class=\"note\">",
        });
        page.element("<time>", &words::moment(entry.time), "</time>");
        page.element("<span class=\"who\">", words::timeline_kind(entry.kind), "</span><span>").value(&entry.text);
        page.raw("</span></li>\n");
    }
    page.raw("</ol>\n");
    left_out(page, entries.len().saturating_sub(TIMELINE_MAX));
}

/// What the attacker is known by comes first: indicators, then by part played.
fn observables(page: &mut Markup, file: &CaseFile) {
    let mut observables: Vec<&Observable> = file.observables.iter().collect();
    if observables.is_empty() {
        return;
    }
    let rank = |role| match role {
        EntityRole::Source => 0,
        EntityRole::Actor => 1,
        EntityRole::Target => 2,
        EntityRole::Related => 3,
    };
    observables.sort_by(|one, other| {
        (!one.ioc, rank(one.role), one.kind, &one.value).cmp(&(!other.ioc, rank(other.role), other.kind, &other.value))
    });
    page.element("<h4>", words::OBSERVABLES, "</h4>\n");
    page.table("", &[words::TYPE, words::VALUE, words::ROLE, words::KNOWN]);
    for observable in observables.iter().take(OBSERVABLES_MAX) {
        page.element("<tr><td>", words::observable_kind(observable.kind), "</td><td><code>").value(&observable.value);
        page.element("</code></td><td>", words::role(observable.role), "</td><td>");
        if observable.ioc {
            page.element("<span class=\"ioc\">", words::MALICIOUS_SHORT, "</span> ");
        }
        let known: Vec<&str> =
            observable.warning.iter().chain(&observable.context).chain(&observable.tags).map(String::as_str).collect();
        page.value(&known.join(" · ")).raw("</td></tr>\n");
    }
    page.end_table();
    left_out(page, observables.len().saturating_sub(OBSERVABLES_MAX));
}

fn tasks(page: &mut Markup, file: &CaseFile) {
    let mut tasks: Vec<_> = file.tasks.iter().collect();
    if tasks.is_empty() {
        return;
    }
    tasks.sort_by_key(|task| (task.position, task.id));
    page.element("<h4>", words::TASKS, "</h4>\n<ul class=\"tasks\">");
    for task in tasks {
        page.element("<li><span class=\"who\">", words::task_status(task.status), "</span><span>").value(&task.title);
        page.raw("</span></li>\n");
    }
    page.raw("</ul>\n");
}

fn resolution(page: &mut Markup, file: &CaseFile) {
    if let Some(resolution) = &file.case.resolution {
        page.element("<h4>", words::RESOLUTION, "</h4>\n<p><b>").text(words::verdict(resolution.verdict)).raw(".</b> ");
        page.value(&resolution.summary).raw("</p>\n");
    }
}
