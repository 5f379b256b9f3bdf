// purpose: One page of a subject's audit entries before a point in time, newest first, in index order so that Neo4j sorts
//          nothing.
// access:  read
// params:  tenant STRING, subject STRING, since ZONED DATETIME, before_at ZONED DATETIME, before_id STRING, limit INTEGER
// returns: entry_id STRING, change_id STRING, subject STRING, act STRING, actor STRING, reason STRING NULL, before STRING NULL, after STRING NULL, at ZONED DATETIME
// index:   AuditEntry(tenant, subject, at, entry_id)
MATCH (entry:AuditEntry)
USING INDEX SEEK entry:AuditEntry(tenant, subject, at, entry_id)
WHERE
  entry.tenant = $tenant AND
  entry.subject = $subject AND
  entry.at >= $since AND
  entry.at <= $before_at AND
  entry.entry_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN entry.at = $before_at THEN entry.entry_id < $before_id ELSE true END
RETURN
  entry.entry_id AS entry_id,
  entry.change_id AS change_id,
  entry.subject AS subject,
  entry.act AS act,
  entry.actor AS actor,
  entry.reason AS reason,
  entry.before AS before,
  entry.after AS after,
  entry.at AS at
ORDER BY entry.tenant DESC, entry.subject DESC, entry.at DESC, entry.entry_id DESC
LIMIT $limit
