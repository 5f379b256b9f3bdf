// purpose: Lock a user that has any edge, and return whether the user is hidden.
// access:  write
// params:  tenant STRING, user_id STRING
// returns: hidden BOOLEAN
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
WHERE EXISTS { (user)--() }
SET user._lock = true
RETURN coalesce(user.hidden, false) AS hidden
