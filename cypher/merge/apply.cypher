// purpose: Merge a visitor into another: nothing is moved, and from then on its merge group has the other's survivor.
// access:  write
// params:  tenant STRING, visitor_id STRING, into_id STRING, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (into:Visitor {tenant: $tenant, visitor_id: $into_id})
CREATE (visitor)-[:MERGED_INTO {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(into)
WITH visitor, into
MATCH (member:Visitor {tenant: $tenant, root_id: visitor.visitor_id})
SET member.root_id = into.root_id
