// purpose: How many tenures are probably a user's by an inference that points to the user.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: inferred INTEGER
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
RETURN COUNT { (user)<-[:PROBABLY]-() } AS inferred
