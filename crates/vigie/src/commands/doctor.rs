//! `vigie doctor`: what is slow, full, silent or broken in a running server.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::Value;

use super::{Failure, Verdict};
use crate::cli::{DoctorArguments, Format, print_json, printable};
use crate::client::Client;

pub(super) fn run(arguments: &DoctorArguments) -> Result<Verdict, Failure> {
    let diagnosis = Client::new(&arguments.connection).get("/api/v1/doctor")?;
    let symptoms = diagnosis["symptoms"].as_array().map_or(&[][..], Vec::as_slice);
    match arguments.format {
        Format::Json => print_json(&diagnosis),
        Format::Jsonl => {
            for symptom in symptoms {
                println!("{symptom}");
            }
        }
        Format::Table => {
            // Sentences do not fit into columns.
            for symptom in symptoms {
                println!("{}", said(symptom));
            }
            if symptoms.is_empty() {
                println!("nothing is slow, full, silent or broken");
            }
        }
    }
    Ok(if diagnosis["healthy"].as_bool().unwrap_or(false) { Verdict::Good } else { Verdict::Bad })
}

/// Returns a symptom as two lines for a person. What a log may have brought in cannot move the cursor.
fn said(symptom: &Value) -> String {
    let part = |name: &str| printable(symptom[name].as_str().unwrap_or_default());
    format!("{:<8}  {}: {}\n          {}", part("level"), part("part"), part("what"), part("advice"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symptom_is_two_lines() {
        let symptom = serde_json::json!({
            "level": "warning", "part": "log", "what": "it is\u{1b}[31m full", "advice": "make room",
        });
        assert_eq!(said(&symptom), "warning   log: it is [31m full\n          make room");
    }
}
