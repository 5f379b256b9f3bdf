// purpose: Lock users, creating those that do not exist; a user node without any edge is nobody yet.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, identity_id STRING NULL, at ZONED DATETIME}
// returns: user_id STRING, identity_id STRING, created_at ZONED DATETIME
// index:   User(tenant, user_id)
UNWIND $rows AS row
WITH row
ORDER BY row.user_id
// part: locked_user
WITH user
// An erasure held the lock, and removed the user.
WHERE user.identity_id IS NOT NULL
RETURN
  user.user_id AS user_id,
  user.identity_id AS identity_id,
  user.created_at AS created_at
