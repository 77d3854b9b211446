-- What people keep on alerts and cases, and who may do what where.
--
-- Observables and comments hang on an alert or a case from here on. SQLite cannot loosen a column, so their tables are
-- made anew; the other tables only grow.

ALTER TABLE alerts ADD COLUMN origin_kind TEXT;
ALTER TABLE alerts ADD COLUMN origin_source TEXT;
ALTER TABLE alerts ADD COLUMN origin_reference TEXT;
ALTER TABLE alerts ADD COLUMN flag BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE alerts ADD COLUMN unfollowed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE alerts ADD COLUMN label TEXT;
ALTER TABLE alerts ADD COLUMN imported BIGINT;
ALTER TABLE alerts ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN updated_by TEXT;
CREATE UNIQUE INDEX alerts_by_origin ON alerts (tenant, origin_reference, origin_source, origin_kind)
    WHERE origin_reference IS NOT NULL;

ALTER TABLE cases ADD COLUMN flag BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cases ADD COLUMN label TEXT;
ALTER TABLE cases ADD COLUMN impact TEXT;
ALTER TABLE cases ADD COLUMN restricted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cases ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN updated_by TEXT;
-- When it ended, where somebody said so, or when it was closed.
ALTER TABLE cases ADD COLUMN ended BIGINT;
UPDATE cases SET ended = closed;
-- Few are: who asks for cases looks here first.
CREATE INDEX cases_restricted ON cases (tenant) WHERE restricted;

-- Who may open a case that is restricted.
CREATE TABLE case_users (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    -- In lower case.
    name    TEXT NOT NULL,
    PRIMARY KEY (case_id, name)
);

CREATE TABLE field_values (
    alert   TEXT REFERENCES alerts (id) ON DELETE CASCADE,
    case_id TEXT REFERENCES cases (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    -- The value as text; of a date its microseconds, of a flag true or false.
    value   TEXT NOT NULL,
    number  DOUBLE PRECISION
);
CREATE INDEX field_values_by_alert ON field_values (alert, name);
CREATE INDEX field_values_by_case ON field_values (case_id, name);
CREATE INDEX field_values_by_value ON field_values (name, lower(value));

-- The new table has its own ids: one for each value on each alert or case.
CREATE TABLE new_observables (
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
    body       TEXT NOT NULL,
    CHECK ((alert IS NULL) <> (case_id IS NULL))
);
INSERT INTO new_observables (id, tenant, case_id, kind, data_type, value, address, role, ioc, unlike, warning, tlp, pap,
    first_seen, last_seen, created, created_by, body)
SELECT lower(hex(randomblob(16))), tenant, case_id, kind, kind, value, address, role, ioc, FALSE, warning, 2, 2,
    first_seen, last_seen, first_seen, '', body
FROM observables;
UPDATE new_observables SET body = json_set(body, '$.id', id);
DROP TABLE observables;
ALTER TABLE new_observables RENAME TO observables;
CREATE INDEX observables_by_value ON observables (tenant, kind, value, case_id);
CREATE INDEX observables_by_alert ON observables (alert, created, id);
CREATE INDEX observables_by_case ON observables (case_id, created, id);
CREATE INDEX observables_by_last_seen ON observables (tenant, last_seen, id);
CREATE INDEX observables_by_created ON observables (tenant, created, id);
CREATE INDEX observables_by_lower_value ON observables (lower(value), case_id);

CREATE TABLE observable_tags (
    observable TEXT NOT NULL REFERENCES observables (id) ON DELETE CASCADE,
    tag        TEXT NOT NULL,
    PRIMARY KEY (observable, tag)
);
CREATE INDEX observable_tags_by_tag ON observable_tags (lower(tag), observable);

CREATE TABLE new_comments (
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
INSERT INTO new_comments (id, tenant, case_id, author, text, created, body)
SELECT id, tenant, case_id, json_extract(body, '$.author'), json_extract(body, '$.text'), created, body FROM comments;
DROP TABLE comments;
ALTER TABLE new_comments RENAME TO comments;
CREATE INDEX comments_by_alert ON comments (alert, created, id);
CREATE INDEX comments_by_case ON comments (case_id, created, id);
CREATE INDEX comments_by_created ON comments (tenant, created, id);

ALTER TABLE tasks ADD COLUMN task_group TEXT NOT NULL DEFAULT 'default';
ALTER TABLE tasks ADD COLUMN mandatory BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tasks ADD COLUMN flag BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tasks ADD COLUMN due BIGINT;
ALTER TABLE tasks ADD COLUMN started BIGINT;
ALTER TABLE tasks ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN updated BIGINT;

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
CREATE INDEX task_logs_by_task ON task_logs (task, created, id);
CREATE INDEX task_logs_by_case ON task_logs (case_id, created, id);
CREATE INDEX task_logs_by_created ON task_logs (tenant, created, id);

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
CREATE INDEX procedures_by_alert ON procedures (alert, created, id);
CREATE INDEX procedures_by_case ON procedures (case_id, created, id);
CREATE INDEX procedures_by_created ON procedures (tenant, created, id);

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
CREATE INDEX pages_by_case ON pages (case_id, created, id);
CREATE INDEX pages_by_created ON pages (tenant, created, id);

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
CREATE INDEX attachments_by_alert ON attachments (alert);
CREATE INDEX attachments_by_case ON attachments (case_id);
CREATE INDEX attachments_by_task_log ON attachments (task_log);
CREATE INDEX attachments_by_observable ON attachments (observable);
CREATE INDEX attachments_by_sha256 ON attachments (sha256);
CREATE INDEX attachments_by_created ON attachments (tenant, created, id);

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
CREATE INDEX case_links_by_case ON case_links (case_id, created, id);
CREATE INDEX case_links_by_linked ON case_links (linked);
CREATE INDEX case_links_by_tenant ON case_links (tenant, created, id);

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
CREATE INDEX shares_by_tenant ON shares (tenant, case_id);

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
CREATE UNIQUE INDEX case_templates_by_name ON case_templates (tenant, lower(name));

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
CREATE INDEX page_templates_by_tenant ON page_templates (tenant, created, id);

CREATE TABLE custom_fields (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);
CREATE UNIQUE INDEX custom_fields_by_name ON custom_fields (lower(name));

CREATE TABLE observable_types (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);
CREATE UNIQUE INDEX observable_types_by_name ON observable_types (lower(name));

CREATE TABLE profiles (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    created    BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated    BIGINT,
    body       TEXT NOT NULL
);
CREATE UNIQUE INDEX profiles_by_name ON profiles (lower(name));

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
CREATE INDEX jobs_by_observable ON jobs (observable, created, id);
CREATE INDEX jobs_by_created ON jobs (tenant, created, id);

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
CREATE INDEX notice_rules_by_trigger ON notice_rules (tenant, trigger_on);

-- Users and tenants become objects like the others. Times are written as our JSON writes them.
ALTER TABLE users ADD COLUMN display TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN updated BIGINT;
ALTER TABLE users ADD COLUMN body TEXT NOT NULL DEFAULT '';
UPDATE users SET body = json_object('id', id, 'name', name, 'role', role, 'tenants', json(tenants),
    'disabled', json(CASE WHEN disabled THEN 'true' ELSE 'false' END),
    'created', strftime('%Y-%m-%dT%H:%M:%S', created / 1000000, 'unixepoch') || printf('.%06dZ', created % 1000000));

CREATE TABLE memberships (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    profile    TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, tenant)
);
CREATE INDEX memberships_by_tenant ON memberships (tenant, user_id);
-- Whose role and tenants say it all is a member of those, so that lists of members show them.
INSERT INTO memberships (user_id, tenant, profile, is_default)
SELECT users.id, tenants.id,
    CASE users.role WHEN 'admin' THEN 'org-admin' WHEN 'analyst' THEN 'analyst' ELSE 'read-only' END, FALSE
FROM users, json_each(users.tenants, '$.only') AS listed JOIN tenants ON tenants.id = listed.value
WHERE users.role <> 'ingest';

ALTER TABLE api_keys ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX api_keys_by_user ON api_keys (user_id);

ALTER TABLE tenants ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN updated BIGINT;
ALTER TABLE tenants ADD COLUMN body TEXT NOT NULL DEFAULT '';
UPDATE tenants SET body = json_object('id', id, 'name', name,
    'created', strftime('%Y-%m-%dT%H:%M:%S', created / 1000000, 'unixepoch') || printf('.%06dZ', created % 1000000));

-- A row's hash may cover the digest of its details instead of the details, so that they can be erased and the chain
-- still holds.
ALTER TABLE audit ADD COLUMN details_hash TEXT;
ALTER TABLE audit ADD COLUMN salt TEXT;
ALTER TABLE audit ADD COLUMN erased BIGINT;
