// purpose: The next entries of the audit trail in a time, in the order in which they were written.
// access:  read
// params:  tenant STRING, after_at ZONED DATETIME, after_id STRING, until ZONED DATETIME, limit INTEGER
// returns: entry_id STRING, change_id STRING, act STRING, before STRING NULL, after STRING NULL, at ZONED DATETIME
// index:   AuditEntry(tenant, at, entry_id)
MATCH (entry:AuditEntry)
USING INDEX SEEK entry:AuditEntry(tenant, at, entry_id)
WHERE
  entry.tenant = $tenant AND
  entry.at >= $after_at AND
  entry.at < $until AND
  entry.entry_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN entry.at = $after_at THEN entry.entry_id > $after_id ELSE true END
WITH entry
ORDER BY entry.tenant, entry.at, entry.entry_id
LIMIT $limit
RETURN
  entry.entry_id AS entry_id,
  entry.change_id AS change_id,
  entry.act AS act,
  entry.before AS before,
  entry.after AS after,
  entry.at AS at
