// purpose: Write down changes, one entry a subject; the entry that has a message id stands for the call.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {entry_id STRING, change_id STRING, subject STRING, act STRING, actor STRING, reason STRING NULL, before STRING NULL, after STRING NULL, at ZONED DATETIME, message_id STRING NULL, request_hash STRING NULL, answer STRING NULL}
// returns: nothing
// index:   none
UNWIND $rows AS row
CREATE (entry:AuditEntry {
  tenant: $tenant,
  entry_id: row.entry_id,
  change_id: row.change_id,
  subject: row.subject,
  act: row.act,
  actor: row.actor,
  reason: row.reason,
  before: row.before,
  after: row.after,
  at: row.at
})
FOREACH (_ IN CASE WHEN row.message_id IS NULL THEN [] ELSE [1] END |
  SET
    entry:Message,
    entry.message_id = row.message_id,
    entry.call = row.act,
    entry.request_hash = row.request_hash,
    entry.answer = row.answer
)
