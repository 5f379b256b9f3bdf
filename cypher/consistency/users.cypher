// purpose: Read a page of users by id: the identity that each has by links, whether it has any link, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, linked_id STRING NULL, is_linked BOOLEAN, strangers LIST<STRING>
// index:   User(tenant, user_id)
MATCH (user:User)
USING INDEX SEEK user:User(tenant, user_id)
WHERE user.tenant = $tenant AND user.user_id >= $first
WITH user
ORDER BY user.tenant, user.user_id
LIMIT $limit
RETURN
  user.user_id AS id,
  user.linked_id AS linked_id,
  EXISTS { (user)-[:LINKED_TO]-() } AS is_linked,
  [(user)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
