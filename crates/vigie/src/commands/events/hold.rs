//! `vigie events hold`: what retention must leave alone.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};

use crate::cli::{Format, HoldCommand, PlaceArguments, Table, print_json, print_rows};
use crate::client::Client;
use crate::commands::{Failure, Verdict};

const HOLDS: &str = "/api/v1/events/holds";

pub(super) fn run(command: &HoldCommand) -> Result<Verdict, Failure> {
    match command {
        HoldCommand::List { connection, format } => {
            print_rows(*format, &list(&Client::new(connection))?, table);
        }
        HoldCommand::Place(arguments) => place(arguments)?,
        HoldCommand::Lift { id, dry_run, connection, format } => {
            let client = Client::new(connection);
            if *dry_run {
                let text = id.to_string();
                let holds = list(&client)?;
                let hold = holds.into_iter().find(|hold| hold["id"] == text.as_str());
                let hold =
                    hold.ok_or_else(|| format!("there is no hold `{text}`: `vigie events hold list` names them"))?;
                println!("would lift:");
                show(*format, hold);
            } else {
                show(*format, client.delete(&format!("{HOLDS}/{id}"))?);
            }
        }
    }
    Ok(Verdict::Good)
}

fn place(arguments: &PlaceArguments) -> Result<(), Failure> {
    let PlaceArguments { tenant, from, until, reason, .. } = arguments;
    let hold = json!({"tenant": tenant, "from": from, "until": until, "reason": reason});
    if arguments.dry_run {
        println!("would place:");
        show(arguments.format, hold);
        return Ok(());
    }
    show(arguments.format, Client::new(&arguments.connection).post(HOLDS, &hold)?);
    Ok(())
}

fn list(client: &Client) -> Result<Vec<Value>, Failure> {
    match client.get(HOLDS)? {
        Value::Array(holds) => Ok(holds),
        other => Err(format!("the server answered {other}, not a list of holds").into()),
    }
}

fn show(format: Format, hold: Value) {
    match format {
        Format::Table => print!("{}", table(&[hold])),
        Format::Json | Format::Jsonl => print_json(&hold),
    }
}

fn table(holds: &[Value]) -> Table {
    let mut table = Table::new(&["id", "tenant", "from", "until", "reason"]);
    for hold in holds {
        let cell = |name: &str| hold[name].as_str().unwrap_or("-").to_owned();
        table.row(["id", "tenant", "from", "until", "reason"].map(cell));
    }
    table
}
