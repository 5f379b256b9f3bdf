// purpose: Close the links between two users, whichever of them was linked to the other.
// access:  write
// params:  tenant STRING, user_id STRING, other_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
MATCH (other:User {tenant: $tenant, user_id: $other_id})
MATCH (user)-[link:LINKED_TO]-(other)
WITH link, startNode(link) AS source, endNode(link) AS target
CREATE (source)-[closed:WAS_LINKED_TO]->(target)
// part: close(open: link, at: $at, change_id: $change_id)
