// purpose: Write recounted numbers of a visitor.
// access:  write
// params:  tenant STRING, visitor_id STRING, numbers MAP
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
SET visitor += $numbers
