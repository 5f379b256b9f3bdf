// purpose: Lock visitors and all that they are one with by merges, and say which those are.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
WITH DISTINCT survivor
MATCH (survivor)<-[:MERGED_INTO*0..8]-(visitor:Visitor)
WITH visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN collect(visitor.visitor_id) AS visitor_ids
