// purpose: The next linked users by id that reads may name, each with the identity that links give it and the users it was linked to.
// access:  read
// params:  tenant STRING, after STRING, limit INTEGER
// returns: user_id STRING, identity_id STRING, links LIST<MAP>
// index:   User(tenant, user_id)
MATCH (user:User)
USING INDEX SEEK user:User(tenant, user_id)
WHERE user.tenant = $tenant AND user.user_id > $after AND user.linked_id IS NOT NULL AND user.hidden IS NULL
WITH user
ORDER BY user.tenant, user.user_id
LIMIT $limit
RETURN
  user.user_id AS user_id,
  user.linked_id AS identity_id,
  [
    (user)-[link:LINKED_TO]->(other:User)
    WHERE other.hidden IS NULL
    | {user_id: other.user_id, since: link.since.epochMillis}
  ] AS links
ORDER BY user_id
