// purpose: Remove the next logins of a user until a time that claimed nothing, wherever they are, and return the message ids of
//          those that named no session.
// access:  write
// params:  tenant STRING, user_id STRING, at ZONED DATETIME, limit INTEGER
// returns: count INTEGER, message_ids LIST<STRING>
// index:   Event(tenant, named_user_id)
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, named_user_id)
WHERE event.tenant = $tenant AND event.named_user_id = $user_id AND event.received_at <= $at
WITH event
LIMIT $limit
// part: remove_events
