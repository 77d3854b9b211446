//! Observables in a CSV file (RFC 4180): a line of column names, then an observable on each line.

use std::fmt;

use vigie_model::{ObservableKind, Tlp};

use crate::extract::{extract, refang};

/// How long a CSV file may be, in bytes: 8 MiB.
pub const CSV_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many observables one CSV file brings.
pub const CSV_ROWS_MAX: usize = 10_000;
/// How many errors are told of.
pub const CSV_ERRORS_MAX: usize = 100;

const COLUMNS: [&str; 6] = ["dataType", "data", "tags", "tlp", "ioc", "message"];
const TLPS: [(&str, Tlp); 5] = [
    ("clear", Tlp::Clear),
    ("green", Tlp::Green),
    ("amber", Tlp::Amber),
    ("amber+strict", Tlp::AmberStrict),
    ("red", Tlp::Red),
];

/// An observable on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvObservable {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// What people call its type.
    pub data_type: String,
    /// Its value.
    pub data: String,
    /// Free words.
    pub tags: Vec<String>,
    /// With whom it may be shared; `None` where the line does not say.
    pub tlp: Option<Tlp>,
    /// Whether it is an indicator of compromise.
    pub ioc: bool,
    /// What is known of it, in words.
    pub message: Option<String>,
}

/// What is wrong with a CSV file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CsvError {
    /// The line, from 1.
    pub line: u64,
    /// The column's name, where it is one column that is wrong.
    pub column: Option<&'static str>,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Returns the observables of a CSV file, and what is wrong with the other lines.
///
/// The columns are `dataType`, `data`, `tags`, `tlp`, `ioc` and `message` in any order; only `data` must be there. A type
/// that is not given is found out, where the value says it. Cells are separated by commas, semicolons or tabs, whichever
/// the first line has most of; tags by `|`, or by semicolons or commas where those do not separate cells. TLP is a number from 0 to 4
/// or its name; `ioc` is true, yes or 1, or false, no, 0 or nothing.
pub fn read_csv(bytes: &[u8]) -> (Vec<CsvObservable>, Vec<CsvError>) {
    let whole = |reason: &str| (Vec::new(), vec![CsvError { line: 1, column: None, reason: reason.to_owned() }]);
    if bytes.len() > CSV_BYTES_MAX {
        return whole("the file is too long: at most 8 MiB");
    }
    let Ok(text) = std::str::from_utf8(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)) else {
        return whole("the file is no UTF-8 text: save it as CSV UTF-8");
    };
    // The reader counts a line that ends in both from after the first of them.
    let text = text.replace("\r\n", "\n");
    let separator = separator_of(text.lines().next().unwrap_or_default());
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(separator).flexible(true).has_headers(true).trim(csv::Trim::All);
    let mut reader = reader.from_reader(text.as_bytes());
    let places = match reader.headers().map(Places::of) {
        Ok(Ok(places)) => places,
        Ok(Err(reason)) => return whole(&reason),
        Err(_) => return whole("the line of column names cannot be read"),
    };
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for record in reader.records() {
        if errors.len() >= CSV_ERRORS_MAX {
            break;
        }
        // Text that is UTF-8, of any number of cells: there is nothing left that could be wrong with a line.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() >= CSV_ROWS_MAX {
            let reason = format!("too many lines: at most {CSV_ROWS_MAX}; send the rest by itself");
            errors.push(CsvError { line, column: None, reason });
            break;
        }
        match row(&places, &record, line, separator) {
            Ok(row) => rows.push(row),
            Err((column, reason)) => errors.push(CsvError { line, column: Some(column), reason }),
        }
    }
    (rows, errors)
}

fn separator_of(first: &str) -> u8 {
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    // The comma wins a tie, and a file of one column.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// In which cell each column is.
struct Places([Option<usize>; COLUMNS.len()]);

impl Places {
    fn of(names: &csv::StringRecord) -> Result<Self, String> {
        let mut places = [None; COLUMNS.len()];
        for (cell, name) in names.iter().enumerate() {
            let Some(column) = COLUMNS.iter().position(|column| column.eq_ignore_ascii_case(name)) else {
                let name: String = name.chars().take(40).collect();
                return Err(format!(
                    "there is no column `{name}`: the first line names some of {}",
                    COLUMNS.join(", ")
                ));
            };
            if places[column].replace(cell).is_some() {
                return Err(format!("the column {} is there twice", COLUMNS[column]));
            }
        }
        if places[1].is_none() {
            return Err(format!("the column data is missing: the first line names some of {}", COLUMNS.join(", ")));
        }
        Ok(Self(places))
    }

    fn cell<'a>(&self, record: &'a csv::StringRecord, column: &str) -> &'a str {
        let place = COLUMNS.iter().position(|known| *known == column).and_then(|column| self.0[column]);
        place.and_then(|place| record.get(place)).unwrap_or_default()
    }
}

type Wrong = (&'static str, String);

fn row(places: &Places, record: &csv::StringRecord, line: u64, separator: u8) -> Result<CsvObservable, Wrong> {
    let data = places.cell(record, "data");
    if data.is_empty() {
        return Err(("data", "empty: give a value".to_owned()));
    }
    let data_type = match places.cell(record, "dataType") {
        "" => guessed(data)?,
        word if word.eq_ignore_ascii_case("file") => {
            return Err(("dataType", "a file cannot be in a CSV file: give its hash, or filename as type".to_owned()));
        }
        word => word.to_owned(),
    };
    let tags = places.cell(record, "tags").split(|letter| match letter {
        '|' => true,
        ';' | ',' => u8::try_from(letter) != Ok(separator),
        _ => false,
    });
    let tags = tags.map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let message = Some(places.cell(record, "message")).filter(|text| !text.is_empty()).map(str::to_owned);
    let tlp = tlp_of(places.cell(record, "tlp"))?;
    Ok(CsvObservable {
        line,
        data_type,
        data: data.to_owned(),
        tags,
        tlp,
        ioc: flag(places.cell(record, "ioc"))?,
        message,
    })
}

fn tlp_of(text: &str) -> Result<Option<Tlp>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let word = text.to_ascii_lowercase();
    let word = word.strip_prefix("tlp:").unwrap_or(&word);
    let number = word.parse::<usize>().ok().and_then(|number| TLPS.get(number));
    let found = number.or_else(|| TLPS.iter().find(|(name, _)| *name == word || (*name == "clear" && word == "white")));
    match found {
        Some((_, tlp)) => Ok(Some(*tlp)),
        None => Err(("tlp", format!("`{}` is no TLP: expected 0 to 4 or a name such as amber", shortened(text)))),
    }
}

fn flag(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "x" => Ok(true),
        "" | "false" | "no" | "0" => Ok(false),
        _ => Err(("ioc", format!("`{}` is neither yes nor no: expected true or false", shortened(text)))),
    }
}

/// Returns the type of a value that is all of one observable.
fn guessed(data: &str) -> Result<String, Wrong> {
    let whole = refang(data);
    let is_whole = |(kind, value): &(ObservableKind, String)| {
        value.eq_ignore_ascii_case(&whole) || (*kind == ObservableKind::Ip && whole.parse::<std::net::IpAddr>().is_ok())
    };
    let found = extract(data).into_iter().find(is_whole);
    found.map(|(kind, _)| kind.as_str().to_owned()).ok_or_else(|| {
        ("dataType", format!("empty, and `{}` does not say what it is: give a type such as ip", shortened(data)))
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, rows: &[&str], errors: &[&str]) {
        let (read, wrong) = read_csv(text.as_bytes());
        let read: Vec<String> = read
            .iter()
            .map(|row| {
                let message = row.message.as_deref().unwrap_or("-");
                let tags = row.tags.join("+");
                let tlp = row.tlp.map_or("-".to_owned(), |tlp| format!("{tlp:?}"));
                format!("{} {}={} [{tags}] {tlp} {} {message}", row.line, row.data_type, row.data, row.ioc)
            })
            .collect();
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(
            (read, wrong),
            (
                rows.iter().map(|row| (*row).to_owned()).collect(),
                errors.iter().map(|error| (*error).to_owned()).collect()
            ),
            "{text:?}"
        );
    }

    #[test]
    fn all_columns_in_any_order() {
        check(
            "dataType,data,tags,tlp,ioc,message\nip,203.0.113.7,\"c2; seen|vip\",red,yes,\"said \"\"hi\"\"\nand more\"\ndomain,evil.example,,,,\n",
            &["2 ip=203.0.113.7 [c2+seen+vip] Red true said \"hi\"\nand more", "4 domain=evil.example [] - false -"],
            &[],
        );
        check(
            "\u{feff}IOC;Data;TAGS\r\n1; evil[.]example ; a,b|c \r\n",
            &["2 domain=evil[.]example [a+b+c] - true -"],
            &[],
        );
        check("data\ttlp\nx@example.com\t3\n", &["2 mail=x@example.com [] AmberStrict false -"], &[]);
        check("data\n::FFFF:203.0.113.7\n\n , \n", &["2 ip=::FFFF:203.0.113.7 [] - false -"], &[]);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        check(
            "data,dataType,tlp,ioc\nx,,1,\n,ip,,\n1.2.3.4,ip,9,\n1.2.3.4,ip,,maybe\na.exe,file,,\nok,other,TLP:WHITE,0",
            &["7 other=ok [] Clear false -"],
            &[
                "line 2, column dataType: empty, and `x` does not say what it is: give a type such as ip",
                "line 3, column data: empty: give a value",
                "line 4, column tlp: `9` is no TLP: expected 0 to 4 or a name such as amber",
                "line 5, column ioc: `maybe` is neither yes nor no: expected true or false",
                "line 6, column dataType: a file cannot be in a CSV file: give its hash, or filename as type",
            ],
        );
        let known = "the first line names some of dataType, data, tags, tlp, ioc, message";
        check("data,dta\nx,y", &[], &[&format!("line 1: there is no column `dta`: {known}")]);
        check("", &[], &[&format!("line 1: the column data is missing: {known}")]);
        check("data,Data\n", &[], &["line 1: the column data is there twice"]);
        assert_eq!(read_csv(b"data\n\xff").1[0].to_string(), "line 1: the file is no UTF-8 text: save it as CSV UTF-8");
    }

    #[test]
    fn a_file_has_an_end() {
        let lines = |count: usize| format!("data,dataType\n{}", "x,other\n".repeat(count));
        assert_eq!(read_csv(lines(CSV_ROWS_MAX).as_bytes()).1, []);
        let (rows, errors) = read_csv(lines(CSV_ROWS_MAX + 1).as_bytes());
        assert_eq!((rows.len(), errors[0].line), (CSV_ROWS_MAX, 10_002));
        assert_eq!(read_csv(format!("data\n{}", "?\n".repeat(200)).as_bytes()).1.len(), CSV_ERRORS_MAX);
        assert_eq!(
            read_csv(&vec![b' '; CSV_BYTES_MAX + 1]).1[0].to_string(),
            "line 1: the file is too long: at most 8 MiB"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(0_u8.., 0..200), head in "(data|dataType|tlp|ioc|[,;\t\"\n]){0,9}") {
            let file = [head.as_bytes(), b"\n", &bytes].concat();
            let (rows, errors) = read_csv(&file);
            proptest::prop_assert!(rows.iter().all(|row| !row.data.is_empty() && !row.data_type.is_empty() && row.line > 0));
            proptest::prop_assert!(errors.iter().all(|error| error.line > 0));
        }
    }
}
