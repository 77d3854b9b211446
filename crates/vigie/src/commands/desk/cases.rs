//! `vigie cases`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::io::Read as _;

use serde_json::{Value, json};

use super::{Failure, Kind, Verdict, bare, change, closing, id_of, list, printed, table, text};
use crate::cli::{
    CasesCommand, CloseCaseArguments, CommentArguments, Format, MergeArguments, OneArguments, OpenArguments, print_json,
};
use crate::client::{Client, query_value};

/// How long a comment read from standard input may be.
const COMMENT_BYTES_MAX: u64 = 1024 * 1024;

pub(crate) fn run(command: &CasesCommand) -> Result<Verdict, Failure> {
    match command {
        CasesCommand::List(arguments) => list(Kind::Case, arguments),
        CasesCommand::Show(arguments) => show(arguments),
        CasesCommand::Open(arguments) => open(arguments),
        CasesCommand::Take(arguments) => change(Kind::Case, arguments, "acknowledge", &json!({})),
        CasesCommand::Assign(arguments) => {
            change(Kind::Case, &arguments.change, "assign", &json!({"assignee": arguments.to}))
        }
        CasesCommand::Comment(arguments) => comment(arguments),
        CasesCommand::Merge(arguments) => merge(arguments),
        CasesCommand::Close(arguments) => close(arguments),
        CasesCommand::Reopen(arguments) => change(Kind::Case, arguments, "reopen", &json!({})),
    }
}

fn show(arguments: &OneArguments) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.connection);
    let file = client.get(&path_of(&client, &arguments.id)?)?;
    if printed(arguments.format, &file) {
        return Ok(Verdict::Good);
    }
    let case = bare(file.clone());
    println!("#{} {}", text(&case["number"]), text(&case["title"]));
    for name in ["id", "tenant", "severity", "status", "assignee", "created", "closed"] {
        println!("  {name:<11} {}", text(&case[name]));
    }
    if case["resolution"].is_object() {
        let resolution = &case["resolution"];
        println!("  {:<11} {}: {}", "resolution", text(&resolution["verdict"]), text(&resolution["summary"]));
    }
    part(&file, "alerts", |row| format!("{} {} {}", text(&row["id"]), text(&row["severity"]), text(&row["title"])));
    part(&file, "observables", |row| {
        let ioc = if row["ioc"] == true { " (indicator)" } else { "" };
        format!("{} {}{ioc}", text(&row["kind"]), text(&row["value"]))
    });
    part(&file, "tasks", |row| format!("[{}] {}", text(&row["status"]), text(&row["title"])));
    part(&file, "comments", |row| {
        format!("{} {}: {}", text(&row["created"]), text(&row["author"]), text(&row["text"]))
    });
    part(&file, "timeline", |row| format!("{} {}", text(&row["time"]), text(&row["text"])));
    Ok(Verdict::Good)
}

fn part(file: &Value, name: &str, line: impl Fn(&Value) -> String) {
    let rows = file[name].as_array().map(Vec::as_slice).unwrap_or_default();
    if !rows.is_empty() {
        println!("{name}:");
        for row in rows {
            println!("  {}", line(row));
        }
    }
}

fn path_of(client: &Client, name: &str) -> Result<String, Failure> {
    Ok(format!("/api/v1/cases/{}", query_value(&id_of(Kind::Case, client, name)?)))
}

fn open(arguments: &OpenArguments) -> Result<Verdict, Failure> {
    if arguments.alerts.is_empty() && arguments.title.is_none() {
        return Err("a case needs alerts, or a --title".into());
    }
    let body = json!({"alerts": arguments.alerts, "title": arguments.title, "tenant": arguments.tenant});
    if arguments.dry_run {
        println!("dry run: nothing was opened; would open {body}");
        return Ok(Verdict::Good);
    }
    let case = bare(Client::new(&arguments.connection).post("/api/v1/cases", &body)?);
    show_row(arguments.format, &case);
    Ok(Verdict::Good)
}

fn show_row(format: Format, case: &Value) {
    match format {
        Format::Table => print!("{}", table(Kind::Case, std::slice::from_ref(case))),
        Format::Json => print_json(case),
        Format::Jsonl => println!("{case}"),
    }
}

fn comment(arguments: &CommentArguments) -> Result<Verdict, Failure> {
    let text = if arguments.text == "-" {
        let mut text = String::new();
        std::io::stdin().take(COMMENT_BYTES_MAX).read_to_string(&mut text)?;
        text
    } else {
        arguments.text.clone()
    };
    let client = Client::new(&arguments.case.connection);
    let path = path_of(&client, &arguments.case.id)?;
    let answer = client.post(&format!("{path}/comments"), &json!({"text": text}))?;
    if !printed(arguments.case.format, &answer) {
        println!("written");
    }
    Ok(Verdict::Good)
}

fn merge(arguments: &MergeArguments) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.case.connection);
    let path = path_of(&client, &arguments.case.id)?;
    let case = bare(client.get(&path)?);
    if arguments.dry_run {
        let count = arguments.alerts.len();
        println!(
            "dry run: nothing was changed; would merge {count} alerts into #{} {}",
            case["number"],
            text(&case["title"])
        );
        return Ok(Verdict::Good);
    }
    let body = json!({"alerts": arguments.alerts, "version": case["version"]});
    show_row(arguments.case.format, &bare(client.post(&format!("{path}/alerts"), &body)?));
    Ok(Verdict::Good)
}

fn close(arguments: &CloseCaseArguments) -> Result<Verdict, Failure> {
    let mut body = closing(&arguments.close);
    body["cancel_tasks"] = arguments.cancel_tasks.into();
    change(Kind::Case, &arguments.close.change, "close", &body)
}
