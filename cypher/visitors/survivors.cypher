// purpose: Find the survivor of each visitor's merge group; a visitor that was never merged is its own survivor.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, survivor_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
RETURN visitor_id, visitor.root_id AS survivor_id
