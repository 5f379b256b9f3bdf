// purpose: The visitor that each of these was merged into in the end, itself where it was not.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, survivor_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
RETURN visitor_id, survivor.visitor_id AS survivor_id
