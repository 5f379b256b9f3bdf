// purpose: The logins of a user that claimed nothing, and those on tenures that are not the user's any more.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: said MAP
// index:   Event(tenant, named_user_id), Event(tenant, tenure_id, user_id), User(tenant, user_id)
CALL () {
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, named_user_id)
  WHERE event.tenant = $tenant AND event.named_user_id = $user_id
  RETURN event
  UNION
  MATCH (:User {tenant: $tenant, user_id: $user_id})<-[:RESOLVED_TO]-(tenure:Tenure)
  WITH DISTINCT tenure
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, tenure_id, user_id)
  WHERE event.tenant = $tenant AND event.tenure_id = tenure.identity_id AND event.user_id = $user_id
  RETURN event
}
RETURN properties(event) AS said
