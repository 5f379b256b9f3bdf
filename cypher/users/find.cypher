// purpose: The ids of a user that has any edge and is not hidden, without counting the user's visitors.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: user_id STRING, identity_id STRING
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
WHERE
  // part: is_somebody
RETURN user.user_id AS user_id, user.identity_id AS identity_id
