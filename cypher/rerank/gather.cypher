// purpose: Read the confidence and last seen time of those of these relationships that have a rank.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING}
// returns: user_id STRING, visitor_id STRING, confidence FLOAT, last_seen ZONED DATETIME
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
WHERE identified.rank IS NOT NULL
RETURN
  row.user_id AS user_id,
  row.visitor_id AS visitor_id,
  identified.confidence AS confidence,
  identified.last_seen AS last_seen
