//! Tells the story at the terminal: to standard output for a person, to standard error where a program reads the summary.

use std::collections::HashSet;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use vigie_model::Severity;
use vigie_server::Running;

use super::scenario::Chapter;
use super::summary::Summary;
use crate::cli::{Format, printable};
use crate::commands::Failure;

/// The voice of the demo. Clones speak with one voice.
#[derive(Clone)]
pub(super) struct Narrator {
    said: Arc<Mutex<HashSet<String>>>,
    to_stderr: bool,
    colour: bool,
}

impl Narrator {
    /// Returns a narrator for a format: `table` is for people.
    pub(super) fn new(format: Format) -> Self {
        let colour = format == Format::Table && io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { said: Arc::default(), to_stderr: format != Format::Table, colour }
    }

    /// Says where the server is.
    pub(super) fn opening(&mut self, running: &Running, folder: &Path) {
        self.say(&format!("A server is up on http://{}, its data in {}.", running.http(), folder.display()));
        self.say("Response is a dry run: what would be done is planned and checked, and nothing is done.");
    }

    /// Says that the normal day begins.
    pub(super) fn day(&mut self, records: usize) {
        self.say(&format!(
            "\nA normal day: {records} records from hosts, the web server, the network, AWS and Windows."
        ));
    }

    /// Says what the attacker does.
    pub(super) fn chapter(&mut self, chapter: &Chapter) {
        let time = chapter.time.to_string();
        self.say(&format!("\n{} UTC  {}", &time[11..19], self.bold(&chapter.text)));
    }

    /// Says that an alert was raised, once for each.
    pub(super) fn alert(&mut self, id: &str, severity: Severity, title: &str) {
        if self.first_time(id) {
            self.say(&format!("          {} {}", self.severity(severity), printable(title)));
        }
    }

    /// Says that a case was opened, or has a new title.
    pub(super) fn case(&mut self, number: u64, title: &str) {
        if self.first_time(&format!("case {number} {title}")) {
            self.say(&format!("          {} case {number}: {}", self.paint("36;1", "case    "), printable(title)));
        }
    }

    /// Says that an action was planned.
    pub(super) fn action(&mut self, status: &str, summary: &str) {
        if self.first_time(&format!("action {status} {summary}")) {
            self.say(&format!("          {} {status}: {}", self.paint("35", "answer  "), printable(summary)));
        }
    }

    /// Shows how far the server has come, on one line of a terminal.
    pub(super) fn progress(&mut self, stored: u64, sent: u64) {
        if self.colour && stored < sent {
            let mut out = io::stdout().lock();
            let written =
                write!(out, "\r          {stored} of {sent} records searchable\u{1b}[K\r").and_then(|()| out.flush());
            // A terminal that went away is no reason to stop.
            drop(written);
        }
    }

    /// Shows what came of it.
    pub(super) fn closing(&mut self, summary: &Summary) {
        self.say(&summary.to_string());
    }

    /// Says how to sign in and how to end it.
    pub(super) async fn stays_up(&mut self, running: &mut Running) -> Result<(), Failure> {
        self.say(&format!("\nThe server stays up on http://{}", running.http()));
        if let Some(link) = running.app().sign_in_link("admin").await? {
            self.say(&format!("Look at all of it: http://{}{link}", running.http()));
            self.say("The link signs you in once.");
        }
        if let Some(admin) = running.take_first_admin() {
            self.say(&format!("Later, sign in as `{}` with the password `{}`.", admin.name, admin.expose_password()));
        }
        self.say("Ctrl-C ends it.");
        Ok(())
    }

    fn first_time(&self, what: &str) -> bool {
        self.said.lock().expect("no one panics while holding this lock").insert(what.to_owned())
    }

    fn say(&self, line: &str) {
        let line = format!("{line}\n");
        let written = if self.to_stderr {
            io::stderr().lock().write_all(line.as_bytes())
        } else {
            io::stdout().lock().write_all(line.as_bytes())
        };
        // A reader that went away is no reason to stop.
        drop(written);
    }

    fn severity(&self, severity: Severity) -> String {
        let (colour, word) = match severity {
            Severity::Critical => ("31;1", "critical"),
            Severity::High => ("31", "high    "),
            Severity::Medium => ("33", "medium  "),
            Severity::Low => ("34", "low     "),
            Severity::Informational => ("2", "info    "),
        };
        self.paint(colour, word)
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
