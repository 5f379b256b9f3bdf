// purpose: The other visitors that a cannot-link, a candidate or a merge that was undone joins to the merge groups of these visitors.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (named:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH DISTINCT named.root_id AS root_id
MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
USING INDEX SEEK member:Visitor(tenant, root_id)
MATCH (member)-[:CANNOT_LINK|COULD_NOT_LINK|MAY_BE|UNMERGED_FROM]-(other:Visitor)
RETURN DISTINCT other.visitor_id AS visitor_id
