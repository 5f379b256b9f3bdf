// purpose: Whether a login names the user that claimed nothing.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: is_named BOOLEAN
// index:   Event(tenant, named_user_id)
MATCH (event:Event)
USING INDEX SEEK event:Event(tenant, named_user_id)
WHERE event.tenant = $tenant AND event.named_user_id = $user_id
RETURN true AS is_named
LIMIT 1
