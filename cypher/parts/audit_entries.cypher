// purpose: Write the audit entries of one change (row), one for each subject; the first is also the call's `Message` if the call has a
//          message id.
UNWIND range(0, size(row.subjects) - 1) AS number
WITH row, number, number = 0 AND row.message_id IS NOT NULL AS is_message
CREATE (entry:AuditEntry {
  tenant: $tenant,
  entry_id: row.change_id + '_' + number,
  change_id: row.change_id,
  subject: row.subjects[number],
  act: row.act,
  actor: row.actor,
  reason: row.reason,
  before: row.before,
  after: row.after,
  at: datetime(row.at),
  message_id: CASE WHEN is_message THEN row.message_id END,
  call: CASE WHEN is_message THEN row.act END,
  request_hash: CASE WHEN is_message THEN row.request_hash END,
  answer: CASE WHEN is_message THEN row.answer END
})
FOREACH (_ IN CASE WHEN is_message THEN [1] ELSE [] END |
  SET entry:Message
)
