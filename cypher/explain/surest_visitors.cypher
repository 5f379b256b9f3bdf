// purpose: The visitors that a user used most surely.
// access:  read
// params:  tenant STRING, user_id STRING, limit INTEGER
// returns: visitor_id STRING
// index:   IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
WHERE
  identified.tenant = $tenant AND
  identified.user_id = $user_id AND
  identified.rank IS NOT NULL AND
  identified.visitor_id IS NOT NULL AND
  identified.visible
RETURN identified.visitor_id AS visitor_id
ORDER BY identified.tenant DESC, identified.user_id DESC, identified.rank DESC, identified.visitor_id DESC
LIMIT $limit
