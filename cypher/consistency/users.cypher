// purpose: Read a page of users by id, with their edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, strangers LIST<STRING>
// index:   User(tenant, user_id)
MATCH (user:User)
USING INDEX SEEK user:User(tenant, user_id)
WHERE user.tenant = $tenant AND user.user_id >= $first
WITH user
ORDER BY user.tenant, user.user_id
LIMIT $limit
RETURN
  user.user_id AS id,
  [(user)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
