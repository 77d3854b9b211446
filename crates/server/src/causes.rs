//! Errors for the log.

/// Returns an error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(problem) = cause {
        text.push_str(": ");
        text.push_str(&problem.to_string());
        cause = problem.source();
    }
    text
}
