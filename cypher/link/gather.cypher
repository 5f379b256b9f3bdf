// purpose: Read users and all users linked with them, directly or by others.
// access:  read
// params:  tenant STRING, user_ids LIST<STRING>
// returns: user_id STRING, identity_id STRING, created_at ZONED DATETIME, is_hidden BOOLEAN, linked_id STRING NULL, linked_to LIST<STRING>
// index:   User(tenant, user_id), User(tenant, linked_id)
UNWIND $user_ids AS user_id
MATCH (named:User {tenant: $tenant, user_id: user_id})
CALL (named) {
  RETURN named AS user
  UNION
  MATCH (user:User {tenant: $tenant, linked_id: named.linked_id})
  USING INDEX SEEK user:User(tenant, linked_id)
  RETURN user
}
WITH DISTINCT user
WHERE user.identity_id IS NOT NULL
RETURN
  user.user_id AS user_id,
  user.identity_id AS identity_id,
  user.created_at AS created_at,
  coalesce(user.hidden, false) AS is_hidden,
  user.linked_id AS linked_id,
  [(user)-[:LINKED_TO]->(other:User) | other.user_id] AS linked_to
