// A job counts by day what happened; the changes of a day come from the audit trail.

CREATE CONSTRAINT daily_count_key IF NOT EXISTS
FOR (c:DailyCount) REQUIRE (c.tenant, c.report, c.day, c.name, c.detail) IS UNIQUE;
CREATE INDEX audit_entry_by_time IF NOT EXISTS
FOR (n:AuditEntry) ON (n.tenant, n.at, n.entry_id);
