// purpose: Lock users that have any edge.
// access:  write
// params:  tenant STRING, user_ids LIST<STRING>
// returns: user_id STRING
// index:   User(tenant, user_id)
UNWIND $user_ids AS user_id
WITH user_id
ORDER BY user_id
MATCH (user:User {tenant: $tenant, user_id: user_id})
WHERE
  // part: has_edge
SET user._lock = true
RETURN user.user_id AS user_id
