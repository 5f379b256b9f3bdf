// purpose: One page of a visitor's users from the index, strongest first; no row if there is no such visitor.
// access:  read
// params:  tenant STRING, visitor_id STRING, rank_min FLOAT, rank_below FLOAT, first_seen_from ZONED DATETIME, first_seen_to ZONED DATETIME, last_seen_from ZONED DATETIME, last_seen_to ZONED DATETIME, sources LIST<STRING>, verified LIST<BOOLEAN>, after_rank FLOAT, after_id STRING, limit INTEGER
// returns: listed LIST<MAP>
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
WITH named.root_id AS survivor_id
CALL (survivor_id) {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = survivor_id AND
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
  WITH identified
  ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
  LIMIT $limit
  RETURN collect({
    other_id: identified.user_id,
    rank: identified.rank,
    count: identified.count,
    first_seen: identified.first_seen,
    last_seen: identified.last_seen,
    source: identified.source,
    verified: coalesce(identified.verified, false)
  }) AS listed
}
RETURN listed
