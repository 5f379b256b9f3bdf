// purpose: Visible relationships that were not seen since a time, longest first, without those of merged visitors, which count in
//          their survivors'.
// access:  read
// params:  tenant STRING, seen_before ZONED DATETIME, limit INTEGER
// returns: user_id STRING, visitor_id STRING
// index:   IDENTIFIED_AS(tenant, last_seen)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, last_seen)
WHERE
  identified.tenant = $tenant AND
  identified.last_seen < $seen_before AND
  identified.rank IS NOT NULL AND
  // Closing a hidden relationship would make visible again what it hides.
  identified.visible
RETURN identified.user_id AS user_id, identified.visitor_id AS visitor_id
LIMIT $limit
