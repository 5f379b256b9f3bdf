// purpose: The visitor that each of these was merged into in the end, itself where it was not.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, survivor_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
RETURN visitor_id, visitor.root_id AS survivor_id
