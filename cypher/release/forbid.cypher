// purpose: Open a cannot-link from each visitor to a user: matching and carrying on obey it until a login or a statement
//          contradicts it.
// access:  write
// params:  tenant STRING, user_id STRING, visitor_ids LIST<STRING>, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), User(tenant, user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
MATCH (user:User {tenant: $tenant, user_id: $user_id})
WHERE NOT EXISTS { (visitor)-[:CANNOT_LINK]->(user) }
CREATE (visitor)-[:CANNOT_LINK {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(user)
