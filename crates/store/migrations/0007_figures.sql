-- What the first page counts, read from indexes alone: rows are wide, and there are a million of them.

-- Alerts of a tenant and severity over time: how many, how many of them open, how soon they were taken up and closed.
DROP INDEX alerts_by_tenant_severity;
CREATE INDEX alerts_by_tenant_severity ON alerts (tenant, severity, place, created, status, count, acknowledged, closed);
-- Alerts of a tenant and rule over time.
CREATE INDEX alerts_by_tenant_rule ON alerts (tenant, rule, place, created, count);
-- What is not closed, by severity.
DROP INDEX alerts_by_tenant_status;
CREATE INDEX alerts_by_tenant_status ON alerts (tenant, status, severity);
DROP INDEX cases_by_tenant_status;
CREATE INDEX cases_by_tenant_status ON cases (tenant, status, severity);
-- Who alerts are about, by the part played.
DROP INDEX observables_by_alert;
CREATE INDEX observables_by_alert ON observables (alert, kind, role, value) WHERE alert IS NOT NULL;
