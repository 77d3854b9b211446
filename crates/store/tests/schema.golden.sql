CREATE INDEX actions_by_alert ON actions (alert);

CREATE INDEX actions_by_case ON actions (case_id);

CREATE INDEX actions_by_created ON actions (created, id);

CREATE INDEX actions_by_status ON actions (status, created);

CREATE INDEX actions_by_tenant_created ON actions (tenant, created, id);

CREATE INDEX alerts_by_case ON alerts (case_id) WHERE case_id IS NOT NULL;

CREATE INDEX alerts_by_hits ON alerts (rule, created, tenant, status, verdict, count, last_seen);

CREATE INDEX alerts_by_order ON alerts (place, severity, last_seen);

CREATE UNIQUE INDEX alerts_by_origin ON alerts (tenant, origin_reference, origin_source, origin_kind)
    WHERE origin_reference IS NOT NULL;

CREATE UNIQUE INDEX alerts_by_place ON alerts (place);

CREATE INDEX alerts_by_tenant ON alerts (tenant, place);

CREATE INDEX alerts_by_tenant_last_seen ON alerts (tenant, last_seen, place);

CREATE INDEX alerts_by_tenant_rule ON alerts (tenant, rule, place, created, count);

CREATE INDEX alerts_by_tenant_severity ON alerts (tenant, severity, place, created, status, count, acknowledged, closed);

CREATE INDEX alerts_by_tenant_status ON alerts (tenant, status, severity);

CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE INDEX attachments_by_alert ON attachments (alert);

CREATE INDEX attachments_by_case ON attachments (case_id);

CREATE INDEX attachments_by_created ON attachments (tenant, created, id);

CREATE INDEX attachments_by_observable ON attachments (observable);

CREATE INDEX attachments_by_sha256 ON attachments (sha256);

CREATE INDEX attachments_by_task_log ON attachments (task_log);

CREATE INDEX audit_by_object ON audit (object_id, sequence);

CREATE INDEX audit_by_tenant ON audit (tenant, sequence);

CREATE INDEX batches_by_expires ON batches (expires);

CREATE INDEX case_alerts_by_case ON case_alerts (case_id, added);

CREATE INDEX case_links_by_case ON case_links (case_id, created, id);

CREATE INDEX case_links_by_linked ON case_links (linked);

CREATE INDEX case_links_by_tenant ON case_links (tenant, created, id);

CREATE UNIQUE INDEX case_templates_by_name ON case_templates (tenant, lower(name));

CREATE UNIQUE INDEX cases_by_place ON cases (place);

CREATE INDEX cases_by_tenant ON cases (tenant, place);

CREATE INDEX cases_by_tenant_last_seen ON cases (tenant, last_seen, place);

CREATE INDEX cases_by_tenant_severity ON cases (tenant, severity, place);

CREATE INDEX cases_by_tenant_status ON cases (tenant, status, severity);

CREATE INDEX cases_restricted ON cases (tenant) WHERE restricted;

CREATE INDEX comments_by_alert ON comments (alert, created, id);

CREATE INDEX comments_by_case ON comments (case_id, created, id);

CREATE INDEX comments_by_created ON comments (tenant, created, id);

CREATE UNIQUE INDEX custom_fields_by_name ON custom_fields (lower(name));

CREATE INDEX dead_letters_by_arrival ON dead_letters (arrival, id);

CREATE INDEX dead_letters_by_code ON dead_letters (tenant, source, code);

CREATE INDEX dead_letters_by_tenant ON dead_letters (tenant, arrival, id);

CREATE INDEX decisions_by_action ON decisions (action);

CREATE INDEX decisions_by_state ON decisions (state, expires);

CREATE INDEX decisions_by_tenant ON decisions (tenant, since, id);

CREATE INDEX field_values_by_alert ON field_values (alert, name);

CREATE INDEX field_values_by_case ON field_values (case_id, name);

CREATE INDEX field_values_by_value ON field_values (name, lower(value));

CREATE INDEX findings_by_alert ON findings (alert, time, id);

CREATE INDEX indicators_by_list ON indicators (tenant, list);

CREATE INDEX indicators_by_tenant ON indicators (tenant, id);

CREATE INDEX indicators_by_value ON indicators (lower(value), tenant);

CREATE INDEX jobs_by_created ON jobs (tenant, created, id);

CREATE INDEX jobs_by_observable ON jobs (observable, created, id);

CREATE INDEX legal_holds_by_tenant ON legal_holds (tenant, created, id);

CREATE INDEX memberships_by_tenant ON memberships (tenant, user_id);

CREATE INDEX notice_rules_by_trigger ON notice_rules (tenant, trigger_on);

CREATE INDEX observable_tags_by_tag ON observable_tags (lower(tag), observable);

CREATE UNIQUE INDEX observable_types_by_name ON observable_types (lower(name));

CREATE INDEX observables_by_address ON observables (address) WHERE address IS NOT NULL;

CREATE INDEX observables_by_alert ON observables (alert, kind, role, value) WHERE alert IS NOT NULL;

CREATE INDEX observables_by_case ON observables (case_id, created, id) WHERE case_id IS NOT NULL;

CREATE INDEX observables_by_created ON observables (tenant, created, id);

CREATE INDEX observables_by_last_seen ON observables (tenant, last_seen, id);

CREATE INDEX observables_by_value ON observables (lower(value), on_case, tenant, case_id);

CREATE INDEX outbox_by_due ON outbox (state, due);

CREATE INDEX page_templates_by_tenant ON page_templates (tenant, created, id);

CREATE INDEX pages_by_case ON pages (case_id, created, id);

CREATE INDEX pages_by_created ON pages (tenant, created, id);

CREATE INDEX procedures_by_alert ON procedures (alert, created, id);

CREATE INDEX procedures_by_case ON procedures (case_id, created, id);

CREATE INDEX procedures_by_created ON procedures (tenant, created, id);

CREATE UNIQUE INDEX profiles_by_name ON profiles (lower(name));

CREATE INDEX report_schedules_by_next ON report_schedules (next);

CREATE INDEX report_schedules_by_tenant ON report_schedules (tenant, id);

CREATE INDEX reports_by_created ON reports (created, id);

CREATE INDEX reports_by_html ON reports (html_sha256);

CREATE INDEX reports_by_pdf ON reports (pdf_sha256);

CREATE INDEX reports_by_tenant ON reports (tenant, created, id);

CREATE INDEX sessions_by_expires ON sessions (expires);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE INDEX shares_by_tenant ON shares (tenant, case_id);

CREATE INDEX suppressed_findings_by_suppression ON suppressed_findings (suppression, taken, id);

CREATE INDEX suppressions_by_expires ON suppressions (expires);

CREATE INDEX task_logs_by_case ON task_logs (case_id, created, id);

CREATE INDEX task_logs_by_created ON task_logs (tenant, created, id);

CREATE INDEX task_logs_by_task ON task_logs (task, created, id);

CREATE INDEX tasks_by_case ON tasks (case_id, position);

CREATE INDEX tasks_by_tenant_created ON tasks (tenant, created, id);

CREATE INDEX timeline_by_case ON timeline (case_id, time, id);

CREATE UNIQUE INDEX users_by_name ON users (lower(name));

CREATE TABLE actions (
    id       TEXT NOT NULL PRIMARY KEY,
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    alert    TEXT,
    case_id  TEXT,
    playbook TEXT,
    kind     TEXT NOT NULL,
    target   TEXT,
    summary  TEXT NOT NULL,
    status   TEXT NOT NULL,
    created  BIGINT NOT NULL,
    updated  BIGINT NOT NULL,
    body     TEXT NOT NULL
);

CREATE TABLE alert_tags (
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    tag   TEXT NOT NULL,
    PRIMARY KEY (alert, tag)
);

CREATE VIRTUAL TABLE alert_terms USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2');

CREATE TABLE 'alert_terms_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'alert_terms_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'alert_terms_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'alert_terms_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE alerts (
    id           TEXT NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL REFERENCES tenants (id),
    rule         TEXT NOT NULL,
    rule_title   TEXT NOT NULL,
    -- What all generations of a tenant's rule and key share: the id of its generation 0, which no alert has.
    series       TEXT NOT NULL,
    generation   BIGINT NOT NULL,
    title        TEXT NOT NULL,
    severity     INTEGER NOT NULL,
    status       TEXT NOT NULL,
    assignee     TEXT,
    verdict      TEXT,
    tlp          INTEGER NOT NULL,
    pap          INTEGER NOT NULL,
    count        BIGINT NOT NULL,
    first_seen   BIGINT NOT NULL,
    last_seen    BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    last_finding BIGINT NOT NULL,
    acknowledged BIGINT,
    closed       BIGINT,
    case_id      TEXT REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    version      BIGINT NOT NULL,
    body         TEXT NOT NULL, origin_kind TEXT, origin_source TEXT, origin_reference TEXT, flag BOOLEAN NOT NULL DEFAULT FALSE, unfollowed BOOLEAN NOT NULL DEFAULT FALSE, label TEXT, imported BIGINT, created_by TEXT NOT NULL DEFAULT '', updated_by TEXT, place BIGINT NOT NULL DEFAULT 0, terms TEXT NOT NULL DEFAULT '',
    UNIQUE (series, generation)
);

CREATE TABLE api_keys (
    id          TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    tenants     TEXT NOT NULL,
    created     BIGINT NOT NULL,
    expires     BIGINT,
    revoked     BOOLEAN NOT NULL,
    secret_hash TEXT NOT NULL
, user_id TEXT REFERENCES users (id) ON DELETE CASCADE);

CREATE TABLE attachments (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    alert      TEXT REFERENCES alerts (id) ON DELETE CASCADE,
    case_id    TEXT REFERENCES cases (id) ON DELETE CASCADE,
    task_log   TEXT REFERENCES task_logs (id) ON DELETE CASCADE,
    observable TEXT REFERENCES observables (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    sha256     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    body       TEXT NOT NULL
);

CREATE TABLE audit (
    sequence  BIGINT NOT NULL PRIMARY KEY,
    at        BIGINT NOT NULL,
    tenant    TEXT,
    actor     TEXT NOT NULL,
    verb      TEXT NOT NULL,
    object    TEXT NOT NULL,
    object_id TEXT NOT NULL,
    details   TEXT NOT NULL,
    previous  TEXT NOT NULL,
    hash      TEXT NOT NULL
, details_hash TEXT, salt TEXT, erased BIGINT, actor_hash TEXT, actor_salt TEXT, actor_erased BIGINT, resealed BIGINT);

CREATE TABLE batches (
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    id      TEXT NOT NULL,
    result  TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE case_alerts (
    alert   TEXT NOT NULL PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    added   BIGINT NOT NULL
);

CREATE TABLE case_links (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    case_id    TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    linked     TEXT REFERENCES cases (id) ON DELETE CASCADE,
    url        TEXT,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    body       TEXT NOT NULL
);

CREATE TABLE case_tags (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    tag     TEXT NOT NULL,
    PRIMARY KEY (case_id, tag)
);

CREATE TABLE case_templates (
    id           TEXT NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL REFERENCES tenants (id),
    name         TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created      BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    updated      BIGINT,
    body         TEXT NOT NULL
);

CREATE VIRTUAL TABLE case_terms USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2');

CREATE TABLE 'case_terms_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'case_terms_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'case_terms_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'case_terms_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE case_users (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    -- In lower case.
    name    TEXT NOT NULL,
    PRIMARY KEY (case_id, name)
);

CREATE TABLE cases (
    id           TEXT NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL REFERENCES tenants (id),
    number       BIGINT NOT NULL,
    title        TEXT NOT NULL,
    severity     INTEGER NOT NULL,
    status       TEXT NOT NULL,
    assignee     TEXT,
    verdict      TEXT,
    tlp          INTEGER NOT NULL,
    pap          INTEGER NOT NULL,
    first_seen   BIGINT NOT NULL,
    last_seen    BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    acknowledged BIGINT,
    closed       BIGINT,
    version      BIGINT NOT NULL,
    body         TEXT NOT NULL, flag BOOLEAN NOT NULL DEFAULT FALSE, label TEXT, impact TEXT, restricted BOOLEAN NOT NULL DEFAULT FALSE, created_by TEXT NOT NULL DEFAULT '', updated_by TEXT, ended BIGINT, place BIGINT NOT NULL DEFAULT 0, terms TEXT NOT NULL DEFAULT '',
    UNIQUE (tenant, number)
);

CREATE TABLE "comments" (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    alert      TEXT REFERENCES alerts (id) ON DELETE CASCADE,
    case_id    TEXT REFERENCES cases (id) ON DELETE CASCADE,
    author     TEXT NOT NULL,
    text       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL,
    CHECK ((alert IS NULL) <> (case_id IS NULL))
);

CREATE TABLE custom_fields (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE dead_letters (
    id       TEXT NOT NULL PRIMARY KEY,
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    source   TEXT NOT NULL,
    position TEXT NOT NULL,
    arrival  BIGINT NOT NULL,
    code     TEXT NOT NULL,
    reason   TEXT NOT NULL,
    body     TEXT NOT NULL
);

CREATE TABLE decisions (
    id      TEXT NOT NULL PRIMARY KEY,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    action  TEXT NOT NULL REFERENCES actions (id),
    kind    TEXT NOT NULL,
    target  TEXT,
    since   BIGINT NOT NULL,
    expires BIGINT,
    state   TEXT NOT NULL,
    body    TEXT NOT NULL
);

CREATE TABLE field_values (
    alert   TEXT REFERENCES alerts (id) ON DELETE CASCADE,
    case_id TEXT REFERENCES cases (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    -- The value as text; of a date its microseconds, of a flag true or false.
    value   TEXT NOT NULL,
    number  DOUBLE PRECISION
);

CREATE TABLE findings (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    alert       TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    rule        TEXT NOT NULL,
    time        BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    body        TEXT NOT NULL
);

CREATE TABLE indicators (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    list        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    value       TEXT NOT NULL,
    confidence  INTEGER NOT NULL,
    tlp         INTEGER NOT NULL,
    valid_from  BIGINT,
    valid_until BIGINT,
    tags        TEXT NOT NULL,
    comment     TEXT NOT NULL
);

CREATE TABLE jobs (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    observable TEXT NOT NULL REFERENCES observables (id) ON DELETE CASCADE,
    analyzer   TEXT NOT NULL,
    server     TEXT NOT NULL,
    status     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE legal_holds (
    id      TEXT NOT NULL PRIMARY KEY,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    created BIGINT NOT NULL,
    body    TEXT NOT NULL
);

CREATE TABLE memberships (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    profile    TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, tenant)
);

CREATE TABLE notice_rules (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    name       TEXT NOT NULL,
    enabled    BOOLEAN NOT NULL,
    trigger_on TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE observable_tags (
    observable TEXT NOT NULL REFERENCES observables (id) ON DELETE CASCADE,
    tag        TEXT NOT NULL,
    PRIMARY KEY (observable, tag)
);

CREATE TABLE observable_types (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE "observables" (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    alert      TEXT REFERENCES alerts (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    case_id    TEXT REFERENCES cases (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    kind       TEXT NOT NULL,
    data_type  TEXT NOT NULL,
    value      TEXT NOT NULL,
    -- An address as 32 hex digits of its IPv6 form, so that a network is a range of texts.
    address    TEXT,
    attachment TEXT,
    role       TEXT NOT NULL,
    ioc        BOOLEAN NOT NULL,
    unlike     BOOLEAN NOT NULL,
    sighted    BIGINT,
    warning    TEXT,
    tlp        INTEGER NOT NULL,
    pap        INTEGER NOT NULL,
    message    TEXT,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL, on_case BOOLEAN NOT NULL DEFAULT FALSE,
    CHECK ((alert IS NULL) <> (case_id IS NULL))
);

CREATE TABLE outbox (
    key        TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    channel    TEXT NOT NULL,
    action     TEXT,
    body       TEXT NOT NULL,
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    due        BIGINT NOT NULL,
    lease      TEXT,
    lease_ends BIGINT,
    last_error TEXT,
    created    BIGINT NOT NULL,
    ended      BIGINT
);

CREATE TABLE page_templates (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    title      TEXT NOT NULL,
    category   TEXT NOT NULL,
    position   INTEGER NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE pages (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    case_id    TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    category   TEXT NOT NULL,
    position   INTEGER NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE procedures (
    id         TEXT NOT NULL PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    alert      TEXT REFERENCES alerts (id) ON DELETE CASCADE,
    case_id    TEXT REFERENCES cases (id) ON DELETE CASCADE,
    technique  TEXT NOT NULL,
    tactic     TEXT,
    occurred   BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL,
    CHECK ((alert IS NULL) <> (case_id IS NULL))
);

CREATE TABLE profiles (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);

CREATE TABLE report_schedules (
    id     TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    next   BIGINT NOT NULL,
    body   TEXT NOT NULL
);

CREATE TABLE reports (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    created     BIGINT NOT NULL,
    html_sha256 TEXT NOT NULL,
    pdf_sha256  TEXT NOT NULL,
    body        TEXT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);

CREATE TABLE settings (
    key     TEXT NOT NULL PRIMARY KEY,
    value   TEXT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE shares (
    id         TEXT NOT NULL PRIMARY KEY,
    -- With whom it is shared.
    tenant     TEXT NOT NULL REFERENCES tenants (id),
    owner      TEXT NOT NULL REFERENCES tenants (id),
    case_id    TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    profile    TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    body       TEXT NOT NULL,
    UNIQUE (case_id, tenant)
);

CREATE TABLE suppressed_findings (
    id          TEXT NOT NULL PRIMARY KEY,
    suppression TEXT NOT NULL,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    rule        TEXT NOT NULL,
    time        BIGINT NOT NULL,
    taken       BIGINT NOT NULL,
    body        TEXT NOT NULL
);

CREATE TABLE suppression_counts (
    suppression TEXT NOT NULL REFERENCES suppressions (id) ON DELETE CASCADE,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    count       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    PRIMARY KEY (suppression, tenant)
);

CREATE TABLE suppressions (
    id      TEXT NOT NULL PRIMARY KEY,
    -- Empty for one that holds for all tenants.
    tenant  TEXT REFERENCES tenants (id),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    body    TEXT NOT NULL
);

CREATE TABLE task_logs (
    id          TEXT NOT NULL PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id),
    case_id     TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    task        TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    text        TEXT NOT NULL,
    date        BIGINT NOT NULL,
    on_timeline BIGINT,
    created     BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    updated     BIGINT,
    body        TEXT NOT NULL
);

CREATE TABLE tasks (
    id       TEXT NOT NULL PRIMARY KEY,
    tenant   TEXT NOT NULL REFERENCES tenants (id),
    case_id  TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    title    TEXT NOT NULL,
    status   TEXT NOT NULL,
    assignee TEXT,
    position INTEGER NOT NULL,
    created  BIGINT NOT NULL,
    ended    BIGINT,
    body     TEXT NOT NULL
, task_group TEXT NOT NULL DEFAULT 'default', mandatory BOOLEAN NOT NULL DEFAULT FALSE, flag BOOLEAN NOT NULL DEFAULT FALSE, due BIGINT, started BIGINT, created_by TEXT NOT NULL DEFAULT '', updated BIGINT);

CREATE TABLE tenants (
    id      TEXT NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL,
    created BIGINT NOT NULL
, created_by TEXT NOT NULL DEFAULT '', updated BIGINT, body TEXT NOT NULL DEFAULT '');

CREATE TABLE timeline (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    id      TEXT NOT NULL,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    time    BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (case_id, id)
);

CREATE TABLE users (
    id       TEXT NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    role     TEXT NOT NULL,
    tenants  TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created  BIGINT NOT NULL,
    password TEXT NOT NULL
, display TEXT NOT NULL DEFAULT '', email TEXT, created_by TEXT NOT NULL DEFAULT '', updated BIGINT, body TEXT NOT NULL DEFAULT '');

CREATE TRIGGER alert_terms_gone AFTER DELETE ON alerts
BEGIN
    DELETE FROM alert_terms WHERE rowid = old.place;
END;

CREATE TRIGGER case_terms_gone AFTER DELETE ON cases
BEGIN
    DELETE FROM case_terms WHERE rowid = old.place;
END;
