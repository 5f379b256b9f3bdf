// purpose: Say again against visitors what a merge that is undone had closed.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, merge_change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:COULD_NOT_LINK]->(other)
WHERE closed.closed_by = $merge_change_id
CREATE (visitor)-[forbids:CANNOT_LINK]->(other)
SET forbids = properties(closed)
REMOVE forbids.until, forbids.closed_by
DELETE closed
