// purpose: Take the next audit entries of a subject until a time to the erasure: of these, and of the other entries of their changes,
//          stays what was done, when and by whom.
// access:  write
// params:  tenant STRING, erasure_id STRING, subject STRING, at ZONED DATETIME, limit INTEGER
// returns: count INTEGER, message_ids LIST<STRING>
// index:   AuditEntry(tenant, subject, at, entry_id), AuditEntry(tenant, entry_id)
MATCH (entry:AuditEntry)
USING INDEX SEEK entry:AuditEntry(tenant, subject, at, entry_id)
WHERE entry.tenant = $tenant AND entry.subject = $subject AND entry.at <= $at AND entry.entry_id IS NOT NULL
WITH entry
LIMIT $limit
SET entry.subject = 'erasure:' + $erasure_id
WITH collect(DISTINCT entry.change_id) AS change_ids, count(entry) AS count
CALL (change_ids) {
  UNWIND change_ids AS change_id
  MATCH (sibling:AuditEntry)
  USING INDEX SEEK sibling:AuditEntry(tenant, entry_id)
  WHERE sibling.tenant = $tenant AND sibling.entry_id STARTS WITH change_id + '_'
  WITH sibling, sibling.message_id AS message_id
  REMOVE sibling.before, sibling.after, sibling.reason, sibling.message_id, sibling.call, sibling.request_hash, sibling.answer, sibling:Message
  RETURN collect(message_id) AS message_ids
}
RETURN count, message_ids
