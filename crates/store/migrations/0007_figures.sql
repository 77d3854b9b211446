-- What the first page counts, read from indexes alone: rows are wide, and there are a million of them.

-- Alerts of a span of time, by day, severity, status and rule.
CREATE INDEX alerts_for_figures ON alerts (tenant, place, created, severity, status, rule, count, acknowledged, closed);
-- What is not closed, by severity.
DROP INDEX alerts_by_tenant_status;
CREATE INDEX alerts_by_tenant_status ON alerts (tenant, status, severity);
DROP INDEX cases_by_tenant_status;
CREATE INDEX cases_by_tenant_status ON cases (tenant, status, severity);
-- Who alerts are about, by the part played.
DROP INDEX observables_by_alert;
CREATE INDEX observables_by_alert ON observables (alert, kind, role, value) WHERE alert IS NOT NULL;
