-- What alerts of a filter are sorted by, read without the alerts: these are wide, and thousands may match.
CREATE INDEX alerts_by_order ON alerts (place, severity, last_seen);
