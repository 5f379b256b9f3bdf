// purpose: Write to which identity each user belongs by links; none to a user that is linked with nobody.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, linked_id STRING NULL}
// returns: nothing
// index:   User(tenant, user_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
SET user.linked_id = row.linked_id
