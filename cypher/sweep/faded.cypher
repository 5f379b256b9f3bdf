// purpose: Relationships that are worth less than a rank now.
// access:  read
// params:  tenant STRING, rank_below FLOAT, confidence_min FLOAT, limit INTEGER
// returns: user_id STRING, visitor_id STRING
// index:   IDENTIFIED_AS(tenant, rank)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX identified:IDENTIFIED_AS(tenant, rank)
WHERE
  identified.tenant = $tenant AND
  identified.rank < $rank_below AND
  // What was stated to be so little from the first has not faded.
  identified.confidence >= $confidence_min AND
  // With one that is hidden what it hides would be shown again.
  identified.visible
RETURN identified.user_id AS user_id, identified.visitor_id AS visitor_id
LIMIT $limit
