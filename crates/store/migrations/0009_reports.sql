-- Reports that are made on a schedule, and those that were made. The bytes of a report lie with the other files, by SHA-256.

CREATE TABLE report_schedules (
    id     TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    next   BIGINT NOT NULL,
    body   TEXT NOT NULL
);
CREATE INDEX report_schedules_by_tenant ON report_schedules (tenant, id);
CREATE INDEX report_schedules_by_next ON report_schedules (next);

CREATE TABLE reports (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    created     BIGINT NOT NULL,
    html_sha256 TEXT NOT NULL,
    pdf_sha256  TEXT NOT NULL,
    body        TEXT NOT NULL
);
CREATE INDEX reports_by_tenant ON reports (tenant, created, id);
CREATE INDEX reports_by_created ON reports (created, id);
CREATE INDEX reports_by_html ON reports (html_sha256);
CREATE INDEX reports_by_pdf ON reports (pdf_sha256);
