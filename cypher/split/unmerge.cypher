// purpose: Close the merge by which a visitor counts for another.
// access:  write
// params:  tenant STRING, visitor_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})-[merged:MERGED_INTO]->(into:Visitor)
CREATE (visitor)-[closed:UNMERGED_FROM]->(into)
SET
  closed = properties(merged),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE merged
