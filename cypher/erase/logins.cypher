// purpose: Remove a user's logins until a time from tenures that are not the user's any more, on the jars that a visitor has or had,
//          and return the message ids of those that named no session.
// access:  write
// params:  tenant STRING, visitor_id STRING, user_id STRING, at ZONED DATETIME
// returns: count INTEGER, message_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, user_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})<-[:IN|WAS_IN]-(:Jar)<-[:ON]-(tenure:Tenure)
WITH DISTINCT tenure
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, tenure_id, user_id)
WHERE
  event.tenant = $tenant AND
  event.tenure_id = tenure.identity_id AND
  event.user_id = $user_id AND
  event.received_at <= $at
// part: remove_events
