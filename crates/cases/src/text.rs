//! Text from outside, made fit for one line.

/// Returns the text on one line: control characters are spaces, and what is longer than `chars_max` ends in `…`.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let mut line: String = text
        .trim()
        .chars()
        .take(chars_max)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if text.trim().chars().nth(chars_max).is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// Returns `a, b and c`, or `a, b and 3 more` where there are more than `named_max`.
pub(crate) fn list(items: &[String], named_max: usize) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        _ if items.len() > named_max => {
            format!("{} and {} more", items[..named_max].join(", "), items.len() - named_max)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns `1 alert`, `2 alerts`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Returns a time as people read it: `2026-03-01 12:00:00 UTC`.
pub(crate) fn moment(time: vigie_model::Timestamp) -> String {
    let text = time.to_string();
    format!("{} {} UTC", &text[..10], &text[11..19])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_hold_no_control_characters() {
        assert_eq!(one_line("a\u{1b}[31m\nb", 100), "a [31m b");
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "abcde…");
    }

    #[test]
    fn lists_read_well() {
        let items = |number: usize| (1..=number).map(|index| index.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&items(1), 3), "1");
        assert_eq!(list(&items(3), 3), "1, 2 and 3");
        assert_eq!(list(&items(5), 3), "1, 2, 3 and 2 more");
    }
}
