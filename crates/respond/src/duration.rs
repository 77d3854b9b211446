//! Spans of time as people write them.

use std::time::Duration;

/// Reads a span of time: a whole number and `s`, `m`, `h` or `d`, such as `90s`, `30m`, `24h`, `7d`. At least a second,
/// at most 366 days.
///
/// # Errors
/// What is wrong with the text, as a phrase for a person.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{}` is not a duration: expected a number and s, m, h or d, such as `24h`", clip(text));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds_each: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - unit.len_utf8()];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let longest = Duration::from_hours(24 * 366);
    let span = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds_each)).map(Duration::from_secs);
    match span {
        Some(span) if span.is_zero() => Err(format!("`{text}` is no time at all: expected at least `1s`")),
        Some(span) if span <= longest => Ok(span),
        Some(_) | None => Err(format!("`{}` is too long: at most `366d`", clip(text))),
    }
}

/// Returns a span of time in words, in the largest unit that gives a whole number: `24 h`, `7 d`, `90 min`, `45 s`.
pub fn spell_duration(span: Duration) -> String {
    match span.as_secs() {
        0 => "0 s".to_owned(),
        seconds if seconds % 86_400 == 0 && seconds > 86_400 => format!("{} d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let seen = parse_duration(text).map(spell_duration);
        match expected {
            Ok(spelt) => assert_eq!(seen.as_deref(), Ok(spelt)),
            Err(part) => assert!(seen.as_ref().is_err_and(|error| error.contains(part)), "{text}: {seen:?}"),
        }
    }

    #[test]
    fn durations() {
        check("24h", Ok("24 h"));
        check("90s", Ok("90 s"));
        check("90m", Ok("90 min"));
        check("60m", Ok("1 h"));
        check("7d", Ok("7 d"));
        check("366d", Ok("366 d"));
        check("367d", Err("too long"));
        check("99999999999999999999d", Err("too long"));
        check("0h", Err("no time at all"));
        for text in ["", "h", "24", "1.5h", "-1h", "+1h", "24 h", "24hours", "1é"] {
            check(text, Err("is not a duration"));
        }
    }
}
