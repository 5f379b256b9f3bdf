// purpose: One page of a visitor's users from the index, strongest first.
// access:  read
// params:  tenant STRING, visitor_id STRING, rank_min FLOAT, rank_below FLOAT, first_seen_from ZONED DATETIME, first_seen_to ZONED DATETIME, last_seen_from ZONED DATETIME, last_seen_to ZONED DATETIME, sources LIST<STRING>, verified LIST<BOOLEAN>, after_rank FLOAT, after_id STRING, limit INTEGER
// returns: other_id STRING, rank FLOAT, count INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, source STRING, verified BOOLEAN
// index:   IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
USING INDEX identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
WHERE
  identified.tenant = $tenant AND
  identified.visitor_id = $visitor_id AND
  identified.rank >= $rank_min AND
  identified.rank <= $after_rank AND
  identified.user_id IS NOT NULL AND
  identified.visible AND
  identified.rank < $rank_below AND
  identified.first_seen >= $first_seen_from AND
  identified.first_seen < $first_seen_to AND
  identified.last_seen >= $last_seen_from AND
  identified.last_seen < $last_seen_to AND
  identified.source IN $sources AND
  coalesce(identified.verified, false) IN $verified AND
  user.hidden IS NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN identified.rank = $after_rank THEN identified.user_id < $after_id ELSE true END
RETURN
  identified.user_id AS other_id,
  identified.rank AS rank,
  identified.count AS count,
  identified.first_seen AS first_seen,
  identified.last_seen AS last_seen,
  identified.source AS source,
  coalesce(identified.verified, false) AS verified
ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
LIMIT $limit
