// purpose: Relationships that were not seen since a time, longest first; not those of merged visitors, which count in others'.
// access:  read
// params:  tenant STRING, seen_before ZONED DATETIME, limit INTEGER
// returns: user_id STRING, visitor_id STRING
// index:   IDENTIFIED_AS(tenant, last_seen)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX identified:IDENTIFIED_AS(tenant, last_seen)
WHERE
  identified.tenant = $tenant AND
  identified.last_seen < $seen_before AND
  identified.rank IS NOT NULL AND
  // With one that is hidden what it hides would be shown again.
  identified.visible
RETURN identified.user_id AS user_id, identified.visitor_id AS visitor_id
LIMIT $limit
