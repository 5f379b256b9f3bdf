// purpose: Close what was said against visitors being one, or users of one being the other's, as somebody said otherwise.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, other_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[forbids:CANNOT_LINK]-(other:Visitor)
WHERE other.visitor_id IN $other_ids
WITH forbids, startNode(forbids) AS one, endNode(forbids) AS two
CREATE (one)-[closed:COULD_NOT_LINK]->(two)
SET
  closed = properties(forbids),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE forbids
