// purpose: Visible relationships that rank below a bound now.
// access:  read
// params:  tenant STRING, rank_below FLOAT, confidence_min FLOAT, limit INTEGER
// returns: user_id STRING, visitor_id STRING
// index:   IDENTIFIED_AS(tenant, rank)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, rank)
WHERE
  identified.tenant = $tenant AND
  identified.rank < $rank_below AND
  // A relationship that was stated to have so low a confidence has not faded.
  identified.confidence >= $confidence_min AND
  // Closing a hidden relationship would make visible again what it hides.
  identified.visible
RETURN identified.user_id AS user_id, identified.visitor_id AS visitor_id
LIMIT $limit
