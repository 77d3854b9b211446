-- What a million alerts need.
--
-- A row's place is its time of making and, within a microsecond, its turn: 256 places each. It is the order of the queue in
-- one number, the same in the table, in each index and in the index of terms (next migration), so that pages, ranges of time
-- and cursors are ranges of it.

ALTER TABLE alerts ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
UPDATE alerts SET place = placed.place
FROM (SELECT id, turn + max(base - turn) OVER (ORDER BY turn) AS place
      FROM (SELECT id, CASE WHEN created < 0 THEN 0 WHEN created > 18014398509481984 THEN 18014398509481984
                       ELSE created END * 256 AS base,
                   row_number() OVER (ORDER BY created, rowid) AS turn
            FROM alerts) AS turns) AS placed
WHERE placed.id = alerts.id;
CREATE UNIQUE INDEX alerts_by_place ON alerts (place);

ALTER TABLE cases ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET place = placed.place
FROM (SELECT id, turn + max(base - turn) OVER (ORDER BY turn) AS place
      FROM (SELECT id, CASE WHEN created < 0 THEN 0 WHEN created > 18014398509481984 THEN 18014398509481984
                       ELSE created END * 256 AS base,
                   row_number() OVER (ORDER BY created, rowid) AS turn
            FROM cases) AS turns) AS placed
WHERE placed.id = cases.id;
CREATE UNIQUE INDEX cases_by_place ON cases (place);

-- A digest of what the index of terms holds of the row: most changes leave it as it is.
ALTER TABLE alerts ADD COLUMN terms TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN terms TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts DROP COLUMN words;
ALTER TABLE cases DROP COLUMN words;

-- The index of terms answers what these did, alone and together: status, rule, assignee, tag, and their orders by time.
DROP INDEX alerts_by_created;
DROP INDEX alerts_by_last_seen;
DROP INDEX alerts_by_severity;
DROP INDEX alerts_by_tenant_created;
DROP INDEX alerts_by_tenant_last_seen;
DROP INDEX alerts_by_tenant_severity;
DROP INDEX alerts_by_status_created;
DROP INDEX alerts_by_tenant_status_created;
DROP INDEX alerts_by_rule;
DROP INDEX alerts_by_assignee;
DROP INDEX alerts_by_case;
DROP INDEX alert_tags_by_tag;
DROP INDEX case_tags_by_tag;
-- The queue of a tenant; those of several are merged.
CREATE INDEX alerts_by_tenant ON alerts (tenant, place);
CREATE INDEX alerts_by_tenant_last_seen ON alerts (tenant, last_seen, place);
CREATE INDEX alerts_by_tenant_severity ON alerts (tenant, severity, place);
-- Counts by status.
CREATE INDEX alerts_by_tenant_status ON alerts (tenant, status);
CREATE INDEX alerts_by_case ON alerts (case_id) WHERE case_id IS NOT NULL;

DROP INDEX cases_by_created;
DROP INDEX cases_by_tenant_created;
DROP INDEX cases_by_tenant_last_seen;
DROP INDEX cases_by_tenant_severity;
DROP INDEX cases_by_tenant_status_created;
DROP INDEX cases_by_assignee;
CREATE INDEX cases_by_tenant ON cases (tenant, place);
CREATE INDEX cases_by_tenant_last_seen ON cases (tenant, last_seen, place);
CREATE INDEX cases_by_tenant_severity ON cases (tenant, severity, place);
CREATE INDEX cases_by_tenant_status ON cases (tenant, status);

-- What an alert's findings are about are observables too, one row for both. Alerts of before have theirs from here on.
INSERT INTO observables (id, tenant, alert, kind, data_type, value, address, role, ioc, unlike, tlp, pap, first_seen,
    last_seen, created, created_by, body)
SELECT lower(hex(randomblob(16))), e.tenant, e.alert, e.kind, e.kind, e.value, e.address, 'related', FALSE, FALSE, a.tlp, a.pap,
    a.first_seen, a.last_seen, a.updated, '', ''
FROM alert_entities AS e JOIN alerts AS a ON a.id = e.alert
WHERE a.origin_reference IS NULL AND NOT EXISTS
    (SELECT 1 FROM observables AS o WHERE o.alert = e.alert AND o.kind = e.kind AND o.value = e.value);
UPDATE observables SET role = coalesce((SELECT json_extract(entity.value, '$.role')
    FROM alerts AS a, json_each(a.body, '$.entities') AS entity
    WHERE a.id = observables.alert AND json_extract(entity.value, '$.kind') = observables.kind
        AND json_extract(entity.value, '$.value') = observables.value LIMIT 1), role)
WHERE body = '';
UPDATE observables SET body = (SELECT json_object('id', observables.id, 'tenant', observables.tenant,
    'alert', observables.alert, 'kind', observables.kind, 'value', observables.value, 'role', observables.role,
    'ioc', json('false'), 'warning', NULL, 'context', json('[]'), 'tlp', json_extract(a.body, '$.tlp'),
    'pap', json_extract(a.body, '$.pap'), 'tags', json('[]'), 'first_seen', json_extract(a.body, '$.first_seen'),
    'last_seen', json_extract(a.body, '$.last_seen'),
    'stamp', json_object('created', json_extract(a.body, '$.updated'), 'created_by', ''))
    FROM alerts AS a WHERE a.id = observables.alert)
WHERE body = '';
DROP TABLE alert_entities;

-- Whether it is on a case: what two cases share is looked for among few, and the rest of the value's rows are alerts'.
ALTER TABLE observables ADD COLUMN on_case BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE observables SET on_case = TRUE WHERE case_id IS NOT NULL;
DROP INDEX observables_by_value;
DROP INDEX observables_by_lower_value;
DROP INDEX observables_by_alert;
DROP INDEX observables_by_case;
CREATE INDEX observables_by_value ON observables (lower(value), on_case, tenant, case_id);
CREATE INDEX observables_by_address ON observables (address) WHERE address IS NOT NULL;
CREATE INDEX observables_by_alert ON observables (alert, kind) WHERE alert IS NOT NULL;
CREATE INDEX observables_by_case ON observables (case_id, created, id) WHERE case_id IS NOT NULL;
