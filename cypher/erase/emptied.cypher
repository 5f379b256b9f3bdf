// purpose: Those of these visitors whose merge groups have no jar left.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
WHERE NOT EXISTS { (:Visitor {tenant: $tenant, root_id: visitor.root_id})<-[:IN]-(:Jar) }
RETURN visitor.visitor_id AS visitor_id
ORDER BY visitor_id
