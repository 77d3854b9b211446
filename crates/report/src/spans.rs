//! Mean times.

use vigie_model::{Action, Alert, Timestamp};

use crate::count::{done_at, is_message};
use crate::figures::{Span, Times};

/// Returns the mean times over these alerts. What ended before it began counts as no time at all: clocks differ.
pub(crate) fn times(alerts: &[Alert], actions: &[&Action]) -> Times {
    let over = |begin: fn(&Alert) -> Timestamp, end: &dyn Fn(&Alert) -> Option<Timestamp>| {
        span(alerts.iter().filter_map(|alert| Some(end(alert)?.since(begin(alert)).as_micros() as u64)).collect())
    };
    Times {
        detect: over(|alert| alert.first_seen, &|alert| Some(alert.created)),
        acknowledge: over(|alert| alert.created, &|alert| alert.acknowledged),
        respond: over(|alert| alert.created, &|alert| first_done(alert, actions)),
        close: over(|alert| alert.created, &|alert| alert.closed),
    }
}

/// Returns when the first action for an alert or its case was carried out; a message is no answer to an attack.
fn first_done(alert: &Alert, actions: &[&Action]) -> Option<Timestamp> {
    let answers = |action: &&&Action| {
        let by_case = action.trigger.alert.is_none() && alert.case.is_some() && action.trigger.case == alert.case;
        (action.trigger.alert == Some(alert.id) || by_case) && !is_message(action)
    };
    actions.iter().filter(answers).filter_map(|action| done_at(action)).min()
}

fn span(mut micros: Vec<u64>) -> Span {
    micros.sort_unstable();
    let count = micros.len() as u64;
    let seconds = |micros: u64| (micros + 500_000) / 1_000_000;
    let (Some(longest), Some(count_above_zero)) = (micros.last(), std::num::NonZeroU64::new(count)) else {
        return Span::default();
    };
    let sum: u128 = micros.iter().map(|micros| u128::from(*micros)).sum();
    let mean = (sum / u128::from(count_above_zero.get())) as u64;
    let middle = micros.len() / 2;
    let median = if micros.len() % 2 == 1 { micros[middle] } else { micros[middle - 1].midpoint(micros[middle]) };
    Span {
        alerts: count,
        mean_s: Some(seconds(mean)),
        median_s: Some(seconds(median)),
        longest_s: Some(seconds(*longest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: &[u64], expected: (Option<u64>, Option<u64>, Option<u64>)) {
        let found = span(seconds.iter().map(|seconds| seconds * 1_000_000).collect());
        assert_eq!((found.mean_s, found.median_s, found.longest_s), expected);
        assert_eq!(found.alerts, seconds.len() as u64);
    }

    #[test]
    fn means() {
        check(&[], (None, None, None));
        check(&[0], (Some(0), Some(0), Some(0)));
        check(&[10, 20, 90], (Some(40), Some(20), Some(90)));
        check(&[4, 1, 2, 3], (Some(3), Some(3), Some(4)));
        check(&[u64::MAX / 2_000_000, u64::MAX / 2_000_000], {
            let big = Some(u64::MAX / 2_000_000);
            (big, big, big)
        });
    }
}
