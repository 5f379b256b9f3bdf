// purpose: Note that something is closed on visitors: not before what came in on any that they are one with; what comes in from then on counts as after it.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, at ZONED DATETIME
// returns: visitor_id STRING, closed_at ZONED DATETIME
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
WITH DISTINCT survivor
CALL (survivor) {
  MATCH (survivor)<-[:MERGED_INTO*0..8]-(visitor:Visitor)
  WITH
    collect(visitor) AS visitors,
    max(visitor.last_received_at) AS received_at,
    max(visitor.last_closed_at) AS before
  UNWIND [$at, received_at, before] AS time
  RETURN visitors, max(time) AS closed_at
}
UNWIND visitors AS visitor
WITH visitor, closed_at
ORDER BY visitor.visitor_id
SET visitor.last_closed_at = closed_at
RETURN visitor.visitor_id AS visitor_id, closed_at
