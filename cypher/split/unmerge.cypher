// purpose: Close the merge of a visitor into another, and make the visitor the survivor of those merged into it.
// access:  write
// params:  tenant STRING, visitor_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})-[merged:MERGED_INTO]->(into:Visitor)
CREATE (visitor)-[closed:UNMERGED_FROM]->(into)
// part: close(open: merged, at: $at, change_id: $change_id)
WITH visitor
MATCH (visitor)<-[:MERGED_INTO*0..8]-(member:Visitor)
SET member.root_id = visitor.visitor_id
