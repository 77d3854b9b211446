//! What came of the demo, as the API tells it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::cli::{Table, printable};
use crate::client::{Client, ClientError};

/// How many observables of a case a person is shown.
const OBSERVABLES_SHOWN_MAX: usize = 12;
/// How many entries of a case's timeline a person is shown.
const TIMELINE_SHOWN_MAX: usize = 45;

/// What came of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Events that can be searched.
    pub events: u64,
    /// The sources that they came from, most first.
    pub sources: Vec<String>,
    /// Findings, over all alerts.
    pub findings: u64,
    /// Alerts, the worst first.
    pub alerts: Vec<AlertLine>,
    /// Cases, oldest first.
    pub cases: Vec<CaseLine>,
    /// Actions, oldest first.
    pub actions: Vec<ActionLine>,
    /// Where the report lies.
    pub report: PathBuf,
    /// Events a second, from the first record sent until the last was searchable and settled.
    pub events_per_second: u64,
}

/// An alert, on one line.
#[derive(Debug, Clone, Serialize)]
pub struct AlertLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// How many findings it holds.
    pub count: u64,
    /// The rule's id.
    pub rule: String,
    /// The number of the case that it is part of.
    pub case: Option<u64>,
}

/// A case, in short.
#[derive(Debug, Clone, Serialize)]
pub struct CaseLine {
    /// Its id.
    pub id: String,
    /// What people call it by.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// How many alerts it holds.
    pub alerts: usize,
    /// The sources of the events behind it.
    pub sources: Vec<String>,
    /// What is worth looking at, with its type.
    pub observables: Vec<String>,
    /// What happened when.
    pub timeline: Vec<String>,
}

/// An action, on one line.
#[derive(Debug, Clone, Serialize)]
pub struct ActionLine {
    /// Its id.
    pub id: String,
    /// What is done.
    pub kind: String,
    /// What it is done to.
    pub target: Option<String>,
    /// One line for a person.
    pub summary: String,
    /// Where it is in its life.
    pub status: String,
}

impl Summary {
    /// Asks the server for all of it.
    pub fn ask(client: &Client, report: PathBuf, elapsed: Duration) -> Result<Self, ClientError> {
        let events = client.get("/api/v1/events?limit=1")?["total"].as_u64().unwrap_or(0);
        let sources = client.get("/api/v1/events/top?field=source&limit=20")?;
        let alerts = rows(client.get("/api/v1/alerts?limit=1000")?);
        let listed = rows(client.get("/api/v1/cases?limit=1000")?);
        let mut cases = Vec::new();
        for case in &listed {
            let file = client.get(&format!("/api/v1/cases/{}", text(&case["id"])))?;
            cases.push(case_line(case, &file));
        }
        cases.sort_by_key(|case| case.number);
        let number_of = |id: &Value| cases.iter().find(|case| id.as_str() == Some(&case.id)).map(|case| case.number);
        let mut lines: Vec<AlertLine> =
            alerts.iter().map(|alert| alert_line(alert, number_of(&alert["case"]))).collect();
        lines.sort_by_key(|alert| (rank(&alert.severity), alert.title.clone()));
        let mut actions = rows(client.get("/api/v1/actions?limit=1000")?);
        actions.sort_by_key(|action| (text(&action["created"]), text(&action["kind"])));
        Ok(Self {
            events,
            sources: rows_named(&sources, "values").iter().map(|value| text(&value["value"])).collect(),
            findings: lines.iter().map(|alert| alert.count).sum(),
            alerts: lines,
            cases,
            actions: actions.iter().map(action_line).collect(),
            report,
            events_per_second: (events as f64 / elapsed.as_secs_f64().max(0.001)).round() as u64,
        })
    }
}

/// Returns the first entries, and how many more there are.
fn few(entries: &[String], shown_max: usize) -> Vec<String> {
    let mut shown: Vec<String> = entries.iter().take(shown_max).cloned().collect();
    if entries.len() > shown_max {
        shown.push(format!("… and {} more", entries.len() - shown_max));
    }
    shown
}

fn alert_line(alert: &Value, case: Option<u64>) -> AlertLine {
    AlertLine {
        id: text(&alert["id"]),
        title: text(&alert["title"]),
        severity: text(&alert["severity"]),
        count: alert["count"].as_u64().unwrap_or(0),
        rule: text(&alert["rule"]["id"]),
        case,
    }
}

fn case_line(case: &Value, file: &Value) -> CaseLine {
    let alerts = rows_named(file, "alerts");
    let mut sources: Vec<String> =
        alerts.iter().flat_map(|alert| rows_named(alert, "samples")).map(|event| text(&event["source"])).collect();
    sources.sort();
    sources.dedup();
    // When each alert was raised is our story; the case's is what the attacker did and what was done about it.
    let is_story = |entry: &&Value| entry["kind"] != "alert";
    // The console shows the reader's own time, so this says whose it is.
    let told =
        |entry: &Value| format!("{} UTC  {}", &text(&entry["time"]).replace('T', " ")[..19], text(&entry["text"]));
    let seen = |observable: &Value| format!("{}:{}", text(&observable["kind"]), text(&observable["value"]));
    CaseLine {
        id: text(&case["id"]),
        number: case["number"].as_u64().unwrap_or(0),
        title: text(&case["title"]),
        severity: text(&case["severity"]),
        alerts: alerts.len(),
        sources,
        observables: rows_named(file, "observables").iter().map(seen).collect(),
        timeline: rows_named(file, "timeline").iter().filter(is_story).map(told).collect(),
    }
}

fn action_line(action: &Value) -> ActionLine {
    ActionLine {
        id: text(&action["id"]),
        kind: text(&action["kind"]),
        target: action["target"]["value"].as_str().map(str::to_owned),
        summary: text(&action["summary"]),
        status: text(&action["status"]),
    }
}

fn rows(answer: Value) -> Vec<Value> {
    rows_named(&answer, "rows")
}

fn rows_named(value: &Value, name: &str) -> Vec<Value> {
    value[name].as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Worst first.
fn rank(severity: &str) -> std::cmp::Reverse<vigie_model::Severity> {
    std::cmp::Reverse(severity.parse().unwrap_or_default())
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.sources.join(", ");
        writeln!(f, "\n{} events from {} sources ({sources})", self.events, self.sources.len())?;
        writeln!(
            f,
            "{} findings, {} alerts, {} events a second\n",
            self.findings,
            self.alerts.len(),
            self.events_per_second
        )?;
        let mut alerts = Table::new(&["severity", "findings", "case", "alert"]);
        for alert in &self.alerts {
            let case = alert.case.map_or_else(|| "–".to_owned(), |number| number.to_string());
            alerts.row([alert.severity.clone(), alert.count.to_string(), case, alert.title.clone()]);
        }
        writeln!(f, "{alerts}")?;
        for case in &self.cases {
            writeln!(f, "Case {} ({}): {}", case.number, case.severity, printable(&case.title))?;
            writeln!(f, "  {} alerts from {}", case.alerts, case.sources.join(", "))?;
            writeln!(f, "  observables: {}", printable(&few(&case.observables, OBSERVABLES_SHOWN_MAX).join(", ")))?;
            for entry in few(&case.timeline, TIMELINE_SHOWN_MAX) {
                writeln!(f, "  {}", printable(&entry))?;
            }
            writeln!(f)?;
        }
        let mut actions = Table::new(&["status", "action"]);
        for action in &self.actions {
            actions.row([action.status.clone(), action.summary.clone()]);
        }
        writeln!(f, "{actions}")?;
        write!(f, "The report lies in {}", self.report.display())
    }
}
