// purpose: Lock visitors and all that they are one with by merges, and say which those are.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (named:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (named) {
  // Itself as well: a visitor whose root_id is damaged is locked to be repaired.
  RETURN named AS visitor
  UNION
  MATCH (visitor:Visitor {tenant: $tenant, root_id: named.root_id})
  RETURN visitor
}
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN collect(visitor.visitor_id) AS visitor_ids
