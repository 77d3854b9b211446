-- What is known to be harmless for a while, and the findings that it kept from becoming alerts.

CREATE TABLE suppressions (
    id      TEXT NOT NULL PRIMARY KEY,
    -- Empty for one that holds for all tenants.
    tenant  TEXT REFERENCES tenants (id),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    body    TEXT NOT NULL
);
CREATE INDEX suppressions_by_expires ON suppressions (expires);

-- A finding is here or in `findings`, never in both: what was decided when it was first taken in stays, so that a replay
-- changes nothing. The suppression may be gone by now.
CREATE TABLE suppressed_findings (
    id          TEXT NOT NULL PRIMARY KEY,
    suppression TEXT NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    rule        TEXT NOT NULL,
    time        BIGINT NOT NULL,
    taken       BIGINT NOT NULL,
    body        TEXT NOT NULL
);
CREATE INDEX suppressed_findings_by_suppression ON suppressed_findings (suppression, taken, id);

-- How many there were in all; the rows above are kept for a while only.
CREATE TABLE suppression_counts (
    suppression TEXT NOT NULL REFERENCES suppressions (id) ON DELETE CASCADE,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    count       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    PRIMARY KEY (suppression, tenant)
);

-- Hits and noise of rules are counted from the index alone: with a million alerts, their bodies are half a gigabyte. It is in
-- the order of the rules, so that nothing is sorted: a million take a quarter of a second, those of one rule a millisecond.
CREATE INDEX alerts_by_hits ON alerts (rule, created, tenant, status, verdict, count, last_seen);
