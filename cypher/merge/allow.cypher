// purpose: Close what was said against visitors being one, and against users of either side being the other's, as somebody said otherwise.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, other_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids + $other_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[forbids:CANNOT_LINK]->(other)
WITH visitor, forbids, other, CASE WHEN visitor_id IN $visitor_ids THEN $other_ids ELSE $visitor_ids END AS across
WHERE
  other.visitor_id IN across OR
  EXISTS {
    (other)<-[:IDENTIFIED_AS]-(used:Visitor)
    WHERE used.visitor_id IN across
  }
CREATE (visitor)-[closed:COULD_NOT_LINK]->(other)
SET
  closed = properties(forbids),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE forbids
