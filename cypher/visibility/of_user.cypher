// purpose: Hide a user from all reads, or make the user visible again.
// access:  write
// params:  tenant STRING, user_id STRING, hidden BOOLEAN NULL
// returns: nothing
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
SET user.hidden = $hidden
WITH user
// part: outdated_cluster(member: user)
