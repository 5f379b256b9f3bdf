// purpose: Lock the visitors of relationships, and read the confidence and last seen time of those with a rank.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING}
// returns: user_id STRING, visitor_id STRING, confidence FLOAT, last_seen ZONED DATETIME
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
WITH row, visitor
// part: survivors_first
SET visitor._lock = true
WITH collect(row) AS pairs
UNWIND pairs AS row
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
WHERE identified.rank IS NOT NULL
RETURN
  row.user_id AS user_id,
  row.visitor_id AS visitor_id,
  identified.confidence AS confidence,
  identified.last_seen AS last_seen
