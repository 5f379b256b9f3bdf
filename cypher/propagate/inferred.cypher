// purpose: The inferences that point to a user, as they were when observed.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: identity_id STRING, confidence FLOAT, since ZONED DATETIME, last_seen ZONED DATETIME
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[link:PROBABLY]-(holder:Tenure)
RETURN
  holder.identity_id AS identity_id,
  link.confidence AS confidence,
  link.since AS since,
  link.last_seen AS last_seen
