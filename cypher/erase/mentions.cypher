// purpose: Take a user's id from the audit entries of a visitor until a time, and from the other entries of their changes, such as
//          those of the next user's login.
// access:  write
// params:  tenant STRING, subject STRING, texts LIST<STRING>, at ZONED DATETIME
// returns: count INTEGER
// index:   AuditEntry(tenant, subject, at, entry_id), AuditEntry(tenant, entry_id)
MATCH (entry:AuditEntry)
USING INDEX SEEK entry:AuditEntry(tenant, subject, at, entry_id)
WHERE
  entry.tenant = $tenant AND
  entry.subject = $subject AND
  entry.at <= $at AND
  entry.entry_id IS NOT NULL AND
  any(text IN $texts WHERE entry.before CONTAINS text OR entry.after CONTAINS text)
WITH DISTINCT entry.change_id AS change_id
MATCH (sibling:AuditEntry)
USING INDEX SEEK sibling:AuditEntry(tenant, entry_id)
WHERE sibling.tenant = $tenant AND sibling.entry_id STARTS WITH change_id + '_'
SET
  sibling.before = reduce(said = sibling.before, text IN $texts | replace(said, text, split(text, ':')[0] + ':null')),
  sibling.after = reduce(said = sibling.after, text IN $texts | replace(said, text, split(text, ':')[0] + ':null'))
RETURN count(sibling) AS count
