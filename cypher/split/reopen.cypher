// purpose: Open contradicted cannot-links again on visitors whose merge group has none of the visitors on which they were
//          contradicted.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: nothing
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[closed:COULD_NOT_LINK]->(forbidden)
WHERE
  NOT EXISTS {
    MATCH (member:Visitor {tenant: $tenant, root_id: visitor.root_id})
    USING INDEX SEEK member:Visitor(tenant, root_id)
    WHERE member.visitor_id IN closed.closed_on
  } AND
  NOT EXISTS { (visitor)-[:CANNOT_LINK]-(forbidden) }
WITH visitor, forbidden, closed
ORDER BY closed.since
WITH visitor, forbidden, head(collect(closed)) AS closed
CREATE (visitor)-[forbids:CANNOT_LINK]->(forbidden)
SET forbids = properties(closed)
REMOVE forbids.until, forbids.closed_by, forbids.closed_on
DELETE closed
