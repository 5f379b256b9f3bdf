// purpose: Whether a user is named by a node without edges, by a login that claimed nothing, or by a warning of one of these codes.
// access:  read
// params:  tenant STRING, user_id STRING, codes LIST<STRING>
// returns: is_named BOOLEAN
// index:   User(tenant, user_id), Event(tenant, named_user_id), Warning(tenant, subject)
CALL () {
  MATCH (:User {tenant: $tenant, user_id: $user_id})
  RETURN true AS is_named
  UNION
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, named_user_id)
  WHERE event.tenant = $tenant AND event.named_user_id = $user_id
  RETURN true AS is_named
  LIMIT 1
  UNION
  MATCH (warning:Warning)
  USING INDEX SEEK warning:Warning(tenant, subject)
  WHERE warning.tenant = $tenant AND warning.subject = $user_id AND warning.code IN $codes
  RETURN true AS is_named
  LIMIT 1
}
RETURN is_named
LIMIT 1
