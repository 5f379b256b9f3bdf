// purpose: Open a cannot-link between two visitors: they are not the same browser.
// access:  write
// params:  tenant STRING, visitor_id STRING, other_id STRING, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (other_visitor:Visitor {tenant: $tenant, visitor_id: $other_id})
CREATE (visitor)-[:CANNOT_LINK {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(other_visitor)
