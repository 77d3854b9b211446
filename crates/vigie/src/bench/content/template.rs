//! A record with gaps: made once, filled in for each event, so that generating costs little more than copying.

use fastrand::Rng;
use vigie_model::Timestamp;

/// What stands between two `$` in a template's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The time as the source writes it.
    Time,
    /// The time as Sysmon writes it inside an event: UTC, a blank, milliseconds.
    Utc,
    /// The event's own number, decimal.
    Serial,
    /// 16 hexadecimal digits, another value for each event.
    Hex,
    /// A port from 1024 upwards.
    Port,
    /// An address of `10.0.0.0/8`, another for nearly each event.
    Address,
}

const GAPS: [(&str, Gap); 6] = [
    ("time", Gap::Time),
    ("utc", Gap::Utc),
    ("serial", Gap::Serial),
    ("hex", Gap::Hex),
    ("port", Gap::Port),
    ("address", Gap::Address),
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<[u8]>),
    Gap(Gap),
}

/// A record with gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

impl Template {
    /// Reads a text in which `$time$`, `$utc$`, `$serial$`, `$hex$`, `$port$` and `$address$` are gaps. Any other `$` is itself.
    pub(super) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let after = &rest[at + 1..];
            let gap = GAPS.iter().find_map(|(name, gap)| Some((*gap, after.strip_prefix(name)?.strip_prefix('$')?)));
            plain.push_str(&rest[..at]);
            if let Some((gap, after)) = gap {
                parts.push(Part::Text(std::mem::take(&mut plain).into_bytes().into()));
                parts.push(Part::Gap(gap));
                rest = after;
            } else {
                plain.push('$');
                rest = after;
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain.into_bytes().into()));
        Self(parts)
    }

    /// Appends the record of an event.
    pub(super) fn write(&self, stamp: &Stamp, serial: u64, out: &mut Vec<u8>) {
        // Fibonacci hashing: neighbours in number are far apart in value, and no two are equal.
        let mixed = serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Gap(Gap::Time) => out.extend_from_slice(stamp.native.as_bytes()),
                Part::Gap(Gap::Utc) => out.extend_from_slice(stamp.utc.as_bytes()),
                Part::Gap(Gap::Serial) => decimal(serial, out),
                Part::Gap(Gap::Hex) => hexadecimal(mixed, out),
                Part::Gap(Gap::Port) => decimal(1_024 + (mixed >> 48) % 60_000, out),
                Part::Gap(Gap::Address) => address(mixed, out),
            }
        }
    }
}

/// A second, as a source writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) native: String,
    pub(super) utc: String,
}

impl Stamp {
    /// Returns a second in the form of `strftime(3)` that a source uses.
    pub(super) fn new(second: i64, form: &str) -> Self {
        let time = Timestamp::from_seconds(second).to_jiff();
        let utc = time.strftime("%Y-%m-%d %H:%M:%S.000").to_string();
        Self { native: time.strftime(form).to_string(), utc }
    }
}

fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn hexadecimal(number: u64, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend((0..16).rev().map(|place| DIGITS[(number >> (place * 4)) as usize & 15]));
}

fn address(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b"10");
    for shift in [56, 48, 40] {
        out.push(b'.');
        decimal((number >> shift) & 255, out);
    }
}

/// Returns one of the words.
pub(super) fn one_of<'a>(rng: &mut Rng, words: &[&'a str]) -> &'a str {
    words[rng.usize(..words.len())]
}

/// Returns the same choice again and again in these shares.
pub(super) fn weighted<'a, T>(rng: &mut Rng, choices: &'a [(u32, T)]) -> &'a T {
    let total: u32 = choices.iter().map(|(weight, _)| weight).sum();
    let mut drawn = rng.u32(..total);
    let chosen = choices.iter().find(|(weight, _)| {
        let here = drawn < *weight;
        drawn = drawn.wrapping_sub(*weight);
        here
    });
    &chosen.expect("the weights add up to the total").1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, serial: u64, expected: &str) {
        let stamp = Stamp::new(1_790_000_000, "%Y-%m-%dT%H:%M:%SZ");
        let mut out = Vec::new();
        Template::new(text).write(&stamp, serial, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn gaps_are_filled_and_the_rest_stays() {
        check("", 0, "");
        check("a $ b$$ $user$", 0, "a $ b$$ $user$");
        check("<$time$|$utc$>", 0, "<2026-09-21T14:13:20Z|2026-09-21 14:13:20.000>");
        check("$serial$,$serial$", 18_446_744_073_709_551_615, "18446744073709551615,18446744073709551615");
        check("$hex$ $port$ $address$", 0, "0000000000000000 1024 10.0.0.0");
        check("$hex$ $port$ $address$", 1, "9e3779b97f4a7c15 41527 10.158.55.121");
    }

    #[test]
    fn a_weight_is_how_often() {
        let mut rng = Rng::with_seed(1);
        let drawn = (0..10_000).filter(|_| *weighted(&mut rng, &[(1, 'a'), (0, 'b'), (3, 'c')]) == 'a').count();
        assert!((2_300..2_700).contains(&drawn), "{drawn}");
    }
}
