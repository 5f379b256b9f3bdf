// purpose: When the first entry of a tenant's audit trail since a time was written; no row if there is none.
// access:  read
// params:  tenant STRING, since ZONED DATETIME
// returns: at ZONED DATETIME
// index:   AuditEntry(tenant, at, entry_id)
MATCH (entry:AuditEntry)
USING INDEX SEEK entry:AuditEntry(tenant, at, entry_id)
WHERE entry.tenant = $tenant AND entry.at >= $since AND entry.entry_id IS NOT NULL
RETURN entry.at AS at
ORDER BY entry.tenant, entry.at, entry.entry_id
LIMIT 1
