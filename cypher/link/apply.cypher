// purpose: Link two users: a caller states that they are one person's accounts.
// access:  write
// params:  tenant STRING, user_id STRING, other_id STRING, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (other:User {tenant: $tenant, user_id: $other_id})
CREATE (user)-[:LINKED_TO {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(other)
