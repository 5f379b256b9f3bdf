// purpose: Lock visitors, and say which of them there are.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN visitor.visitor_id AS visitor_id
