// purpose: Remove those of these users that nothing but links is joined to any more, and the user that an erasure has taken the name from.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, is_erased BOOLEAN}
// returns: user_id STRING
// index:   User(tenant, user_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
// The lock comes before the look that decides.
SET user._lock = true
WITH row, user
// That a user is or was linked, or is in a cluster, joins nothing to it.
WHERE row.is_erased OR NOT EXISTS { (user)-[edge]-() WHERE NOT edge:LINKED_TO|WAS_LINKED_TO|IN_CLUSTER }
WITH user, row.user_id AS user_id
// part: outdated_cluster(member: user)
DETACH DELETE user
RETURN user_id
