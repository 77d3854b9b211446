//! Tables for people, JSON for programs.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use clap::ValueEnum;
use serde::Serialize;
use vigie_model::is_unseen;

/// How something is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for a person.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
}

/// Returns a text on one line in which nothing moves the cursor, hides, or turns the direction of writing: a space stands
/// for each such character. Terminals know colours and titles, and some the direction too.
pub fn printable(text: &str) -> String {
    text.replace(is_unseen, " ")
}

/// Rows under headings, printed in columns.
#[derive(Debug, Clone, Default)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns an empty table.
    pub fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, one cell for each heading. What a log may have brought in cannot move the cursor.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([self.headings[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.headings.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        writeln!(f, "{}", line(&mut self.headings.iter().copied()))?;
        for row in &self.rows {
            writeln!(f, "{}", line(&mut row.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

/// Prints one JSON document.
pub fn print_json(value: &impl Serialize) {
    println!("{}", serde_json::to_string_pretty(value).expect("our own types become JSON"));
}

/// Prints a list in the format asked for; `table` makes the rows for people.
pub fn print_rows<T: Serialize>(format: Format, rows: &[T], table: impl FnOnce(&[T]) -> Table) {
    match format {
        Format::Table => print!("{}", table(rows)),
        Format::Json => print_json(&rows),
        Format::Jsonl => {
            for row in rows {
                println!("{}", serde_json::to_string(row).expect("our own types become JSON"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_hostile_characters_are_harmless() {
        let mut table = Table::new(&["id", "title"]);
        table.row(["1".into(), "a\u{1b}[31mb\nc".into()]);
        table.row(["1000".into(), "invoice\u{202e}fdp.exe\u{feff}".into()]);
        assert_eq!(table.to_string(), "id    title\n1     a [31mb c\n1000  invoice fdp.exe\n");
    }
}
