// purpose: Say again against visitors what was contradicted only on those that they are not one with, or no longer.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: nothing
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:COULD_NOT_LINK]->(other)
WHERE
  NOT EXISTS {
    (one:Visitor {tenant: $tenant, root_id: visitor.root_id})
    WHERE one.visitor_id IN closed.closed_on
  } AND
  NOT EXISTS { (visitor)-[:CANNOT_LINK]-(other) }
WITH visitor, other, closed
ORDER BY closed.since
WITH visitor, other, head(collect(closed)) AS closed
CREATE (visitor)-[forbids:CANNOT_LINK]->(other)
SET forbids = properties(closed)
REMOVE forbids.until, forbids.closed_by, forbids.closed_on
DELETE closed
