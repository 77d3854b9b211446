-- What retention must leave alone. A hold that is lifted is gone; the audit log keeps that it was there.
CREATE TABLE legal_holds (
    id      TEXT NOT NULL PRIMARY KEY,
    tenant  TEXT NOT NULL REFERENCES tenants (id),
    created BIGINT NOT NULL,
    body    TEXT NOT NULL
);
CREATE INDEX legal_holds_by_tenant ON legal_holds (tenant, created, id);
