// purpose: Read the answers of changes with a key that contain any of these texts, among the next by message id.
// access:  write
// params:  tenant STRING, texts LIST<STRING>, after STRING, limit INTEGER
// returns: count INTEGER, last STRING NULL, message_ids LIST<STRING>
// index:   Message(tenant, stands_alone, message_id)
MATCH (message:Message)
USING INDEX SEEK message:Message(tenant, stands_alone, message_id)
WHERE message.tenant = $tenant AND message.stands_alone IN [true] AND message.message_id > $after
WITH message
ORDER BY message.tenant, message.stands_alone, message.message_id
LIMIT $limit
WITH message, message.message_id AS message_id, any(text IN $texts WHERE message.answer CONTAINS text) AS is_theirs
FOREACH (_ IN CASE WHEN is_theirs THEN [1] ELSE [] END |
  DELETE message
)
RETURN
  count(*) AS count,
  max(message_id) AS last,
  collect(CASE WHEN is_theirs THEN message_id END) AS message_ids
