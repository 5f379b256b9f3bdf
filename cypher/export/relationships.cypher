// purpose: The next relationships by their key that reads may say.
// access:  read
// params:  tenant STRING, after_user STRING, after_visitor STRING, limit INTEGER
// returns: user_id STRING, visitor_id STRING, rank FLOAT, count INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, source STRING, verified BOOLEAN
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
WHERE
  identified.tenant = $tenant AND
  identified.user_id >= $after_user AND
  identified.visitor_id IS NOT NULL AND
  // An edge of a merged visitor has no rank: the survivor's edge counts for it.
  identified.rank IS NOT NULL AND
  identified.visible AND
  user.hidden IS NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN identified.user_id = $after_user THEN identified.visitor_id > $after_visitor ELSE true END
WITH identified
ORDER BY identified.tenant, identified.user_id, identified.visitor_id
LIMIT $limit
RETURN
  identified.user_id AS user_id,
  identified.visitor_id AS visitor_id,
  identified.rank AS rank,
  identified.count AS count,
  identified.first_seen AS first_seen,
  identified.last_seen AS last_seen,
  identified.source AS source,
  coalesce(identified.verified, false) AS verified
ORDER BY user_id, visitor_id
