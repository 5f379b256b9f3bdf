// purpose: When something is closed on visitors and all that they are one with: no earlier than what came in there, which comes later from then on.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, at ZONED DATETIME
// returns: at ZONED DATETIME
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
MATCH (survivor)<-[:MERGED_INTO*0..8]-(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
WITH
  collect(visitor) AS visitors,
  max(visitor.last_received_at) AS received_at,
  max(visitor.last_closed_at) AS closed_at
UNWIND [$at, received_at, closed_at] AS time
WITH visitors, max(time) AS at
FOREACH (visitor IN visitors |
  SET visitor.last_closed_at = at
)
RETURN at
