// purpose: The next relationships by their key, those of merged visitors included.
// access:  read
// params:  tenant STRING, after_user STRING, after_visitor STRING, limit INTEGER
// returns: user_id STRING, visitor_id STRING
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
WHERE
  identified.tenant = $tenant AND
  identified.user_id >= $after_user AND
  identified.visitor_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN identified.user_id = $after_user THEN identified.visitor_id > $after_visitor ELSE true END
RETURN identified.user_id AS user_id, identified.visitor_id AS visitor_id
ORDER BY identified.tenant, identified.user_id, identified.visitor_id
LIMIT $limit
