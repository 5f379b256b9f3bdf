// purpose: Lock visitors and all that they are one with by merges.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
MATCH (survivor)<-[:MERGED_INTO*0..8]-(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN visitor.visitor_id AS visitor_id
